# SPDX-License-Identifier: GPL-3.0-or-later
"""A chip as an in-system programmer sees it: its memories by four-byte instructions over SPI.

Source: the datasheets, section "Serial Programming", table "Serial Programming Instruction Set"; it
is the same for the chips here.
"""

from __future__ import annotations

from pyavr_sim.chip import Chip

__all__ = ["IspTarget"]

_READY = 0x00
_LOW, _HIGH = range(2)
_SPIEN, _RSTDISBL, _EESAVE = "SPIEN", "RSTDISBL", "EESAVE"
# Fuse byte and bit; a programmed fuse is 0. Source: the datasheets, section "Fuse Bytes".
_FUSE_BITS = {_SPIEN: (_HIGH, 5), _RSTDISBL: (_HIGH, 7), _EESAVE: (_HIGH, 3)}
_FUSE_BITS_ATTINY13 = {_SPIEN: (_LOW, 7), _RSTDISBL: (_HIGH, 0), _EESAVE: (_LOW, 6)}


class IspTarget:
    """The memories of a chip that is held in reset.

    Fuses and lock bits are kept, and told when asked. Those that shut a programmer out do so: with
    RSTDISBL programmed, no programming mode is entered again. They change neither the clock nor
    where the chip starts.

    Args:
        chip: Whose flash and EEPROM these are.

    Attributes:
        fuses: Low, high and, where there is one, extended byte.
        lock_bits: The lock byte.
    """

    def __init__(self, chip: Chip) -> None:
        self._chip = chip
        self.fuses = bytearray(chip.description.fuses)
        self.lock_bits = 0xFF
        self._page: dict[int, int] = {}
        is_attiny13 = chip.name.startswith("attiny13")
        self._fuse_bits = _FUSE_BITS_ATTINY13 if is_attiny13 else _FUSE_BITS

    @property
    def answers(self) -> bool:
        """Whether the chip enters programming mode at all."""
        return self._is_programmed(_SPIEN) and not self._is_programmed(_RSTDISBL)

    def read_flash(self, byte_address: int, size: int) -> bytes:
        """Read program memory; beyond its end it starts again, as the address has no more bits."""
        flash = self._chip.flash
        return bytes(flash[(byte_address + n) % flash.size] for n in range(size))

    def write_flash(self, byte_address: int, octets: bytes) -> None:
        """Program flash: without an erase before, only ones become zeros."""
        flash = self._chip.flash
        for n, octet in enumerate(octets):
            flash[(byte_address + n) % flash.size] &= octet

    def read_eeprom(self, address: int, size: int) -> bytes:
        """Read EEPROM."""
        eeprom = self._chip.eeprom
        return bytes(eeprom[(address + n) % eeprom.size] for n in range(size))

    def write_eeprom(self, address: int, octets: bytes) -> None:
        """Write EEPROM; each byte is erased before."""
        eeprom = self._chip.eeprom
        for n, octet in enumerate(octets):
            eeprom[(address + n) % eeprom.size] = octet

    def erase(self) -> None:
        """Erase flash, lock bits and, unless fuse EESAVE is programmed, EEPROM."""
        self._chip.flash[:] = 0xFF
        self.lock_bits = 0xFF
        if not self._is_programmed(_EESAVE):
            self._chip.eeprom[:] = 0xFF

    def instruct(self, instruction: bytes) -> int:
        """Carry out a four-byte instruction.

        Returns:
            The byte that the chip sends with the fourth; without a meaning the third one, echoed.
        """
        first, second, third, octet = instruction
        address = second << 8 | third
        match first, second:
            case 0xAC, 0x53:  # Programming enable.
                pass
            case 0xAC, _ if second & 0xE0 == 0x80:
                self.erase()
            case 0xAC, 0xA0 | 0xA8 | 0xA4:
                self._write_fuse((0xA0, 0xA8, 0xA4).index(second), octet)
            case 0xAC, _ if second & 0xE0 == 0xE0:
                self.lock_bits &= octet | 0xC0
            case 0xF0, _:
                return _READY
            case 0x20 | 0x28, _:
                return self.read_flash(2 * address + (first == 0x28), 1)[0]
            case 0x40 | 0x48, _:
                self._page[2 * address + (first == 0x48)] = octet
            case 0x4C, _:
                self._write_page(2 * address)
            case 0xA0, _:
                return self.read_eeprom(address, 1)[0]
            case 0xC0, _:
                self.write_eeprom(address, bytes([octet]))
            case 0x30, _ if third < len(self._chip.description.signature):
                return self._chip.description.signature[third]
            case 0x58, 0x00:
                return self.lock_bits
            case (0x50, 0x00) | (0x58, 0x08) | (0x50, 0x08):
                return self._read_fuse(
                    ((0x50, 0x00), (0x58, 0x08), (0x50, 0x08)).index((first, second))
                )
        return third

    def _read_fuse(self, number: int) -> int:
        return self.fuses[number] if number < len(self.fuses) else 0xFF

    def _write_page(self, byte_address: int) -> None:
        """Program what was loaded; the buffer's addresses count within a page."""
        size = 1 << max(self._page, default=0).bit_length()
        start = byte_address - byte_address % size
        for offset, octet in self._page.items():
            self.write_flash(start + offset, bytes([octet]))
        self._page.clear()

    def _write_fuse(self, number: int, octet: int) -> None:
        if number >= len(self.fuses):
            return
        byte, bit = self._fuse_bits[_SPIEN]
        if byte == number:  # Not to be had by the interface that it enables.
            octet = octet & ~(1 << bit) | self.fuses[byte] & 1 << bit
        self.fuses[number] = octet

    def _is_programmed(self, fuse: str) -> bool:
        byte, bit = self._fuse_bits[fuse]
        return not self.fuses[byte] >> bit & 1
