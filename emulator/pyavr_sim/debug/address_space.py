# SPDX-License-Identifier: GPL-3.0-or-later
"""A chip's registers and memories as avr-gdb numbers them.

Registers: r0-r31 and SREG a byte each, SP two, PC four (a byte address), little endian. Memories:
flash at 0, the data space at 0x800000, EEPROM at 0x810000. Source: gdb's avr-tdep.c.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pyavr_sim.errors import DebugError

if TYPE_CHECKING:
    from pyavr_sim.chip import Chip

__all__ = ["DATA", "EEPROM", "PC", "REGISTERS", "SP", "SREG", "AddressSpace"]

DATA, EEPROM = 0x80_0000, 0x81_0000
SREG, SP, PC = 32, 33, 34
REGISTERS = PC + 1
_BYTES = {SP: 2, PC: 4}
_SPL = 0x5D  # data addresses, on every AVR
_SREG_ADDRESS = 0x5F
#: gdb unwinds one frame beyond main(), whose return address lies where SRAM has ended.
BEYOND_SRAM_BYTES = 4


class AddressSpace:
    """One chip, as gdb reads and writes it.

    Args:
        chip: It must not run meanwhile.
    """

    def __init__(self, chip: Chip) -> None:
        self.chip = chip

    # Registers

    def register(self, number: int) -> bytes:
        """Read a register.

        Raises:
            DebugError: There is no such register; so for the other way.
        """
        self._check_register(number)
        chip = self.chip
        value = {SREG: lambda: chip.sreg, SP: lambda: chip.sp, PC: lambda: chip.pc}.get(
            number, lambda: int(chip.registers[number])
        )()
        return value.to_bytes(_BYTES.get(number, 1), "little")

    def set_register(self, number: int, data: bytes) -> None:
        """Write a register."""
        self._check_register(number)
        expected = _BYTES.get(number, 1)
        if len(data) != expected:
            raise DebugError(
                f"register {number} has {expected} bytes; found {len(data)}. Send it whole."
            )
        value = int.from_bytes(data, "little")
        if number == PC:
            if value % 2 or value >= self.chip.description.flash_bytes:
                raise DebugError(f"no instruction can be at flash address 0x{value:X}.")
            self.chip.pc = value
        elif number == SP:
            self.chip.data[_SPL : _SPL + 2] = np.frombuffer(data, np.uint8)
        elif number == SREG:
            self.chip.sreg = value
        else:
            self.chip.registers[number] = value

    def registers(self) -> bytes:
        """Read all, (39,) bytes."""
        return b"".join(self.register(number) for number in range(REGISTERS))

    def set_registers(self, data: bytes) -> None:
        """Write all."""
        expected = sum(_BYTES.get(number, 1) for number in range(REGISTERS))
        if len(data) != expected:
            raise DebugError(f"all registers have {expected} bytes; found {len(data)}.")
        for number in range(REGISTERS):
            size = _BYTES.get(number, 1)
            self.set_register(number, data[:size])
            data = data[size:]

    def _check_register(self, number: int) -> None:
        if not 0 <= number < REGISTERS:
            raise DebugError(f"registers have numbers from 0 to {PC}; found {number}.")

    # Memory

    def read(self, address: int, size: int) -> bytes:
        """Read memory.

        Raises:
            DebugError: Some of it is outside flash, data space and EEPROM; so for the other way.
        """
        sram_end = DATA + self.chip.description.sram_end
        if sram_end < address + size - 1 <= sram_end + BEYOND_SRAM_BYTES:
            inside = max(sram_end + 1 - address, 0)
            return self.read(address, inside) + bytes(size - inside) if inside else bytes(size)
        memory, offset = self._place(address, size)
        return memory[offset : offset + size].tobytes()

    def write(self, address: int, data: bytes) -> None:
        """Write memory. A register of I/O takes the value and does nothing about it."""
        memory, offset = self._place(address, len(data))
        memory[offset : offset + len(data)] = np.frombuffer(data, np.uint8)
        sreg = DATA + _SREG_ADDRESS - address
        if 0 <= sreg < len(data):
            self.chip.sreg = data[sreg]

    def _place(self, address: int, size: int) -> tuple[np.ndarray, int]:
        chip = self.chip
        spaces = ((0, chip.flash), (DATA, chip.data), (EEPROM, chip.eeprom))
        for start, memory in spaces:
            if start <= address and address + size <= start + len(memory):
                return memory, address - start
        raise DebugError(
            f"{size} bytes at 0x{address:X} are not memory of an {chip.name}: flash begins at 0, "
            f"the data space at 0x{DATA:X}, EEPROM at 0x{EEPROM:X}."
        )

    def data_address(self, address: int, size: int) -> int:
        """Data address of what is to be watched.

        Raises:
            DebugError: It is not in the data space.
        """
        found = address - DATA
        if size < 1 or not 0 <= found <= self.chip.description.sram_end + 1 - size:
            raise DebugError(
                f"0x{address:X} with {size} bytes is outside the data space of an "
                f"{self.chip.name}; expected 0x{DATA:X} to "
                f"0x{DATA + self.chip.description.sram_end:X}. Flash and EEPROM cannot be watched."
            )
        return found

    def code_address(self, address: int) -> int:
        """Flash byte address of a breakpoint.

        Raises:
            DebugError: No instruction can be there.
        """
        if address % 2 or not 0 <= address < self.chip.description.flash_bytes:
            raise DebugError(
                f"no instruction can be at 0x{address:X}; expected an even address below "
                f"0x{self.chip.description.flash_bytes:X}."
            )
        return address
