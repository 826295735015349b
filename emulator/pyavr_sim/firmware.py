# SPDX-License-Identifier: GPL-3.0-or-later
"""A firmware image: what a programmer would write into the chip, and what its symbols mean.

``Firmware.load`` takes ELF and Intel HEX, told apart by content. In an ELF, avr-gcc's linker
scripts lay the separate memories of the chip out in one address space:

======== ========================================
from     memory
======== ========================================
0x000000 flash
0x800000 data space: registers, I/O, then SRAM
0x810000 EEPROM
0x820000 fuses
0x830000 lock bits
0x840000 signature (for the programmer; not used)
0x850000 user signature (not used)
0x910000 .mmcu, notes to simavr (not programmed)
======== ========================================

Source: binutils ``ld/scripttempl/avr.sc``; simavr ``avr_mcu_section.h``; avr-libc
``crt1/gcrt1.S`` (``.note.gnu.avr.deviceinfo``).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import TypedDict

from pyavr_sim.chip_fit import FittingChip, check_fits
from pyavr_sim.debug_info import DebugInfo, read_debug_info
from pyavr_sim.elf_image import ELF_MAGIC, ElfImage
from pyavr_sim.errors import (
    DamagedImageError,
    FirmwareError,
    NotAnElfError,
    TruncatedImageError,
    UnknownSymbolError,
)
from pyavr_sim.firmware_notes import read_device_name, read_mmcu
from pyavr_sim.hex_image import read_hex
from pyavr_sim.line_table import LineTable, read_line_table
from pyavr_sim.symbols import Symbol, close_matches, read_symbols
from pyavr_sim.variables import Variable, resolve

__all__ = ["Firmware"]

FILE_BYTES_MAX = 32 * 1024 * 1024
"""No AVR image comes near; a larger file is a mistake, and is not read."""

_DATA_SPACE = 0x800000
_DATA_SPACE_BYTES = 0x10000
# (first address, address after the last, name). A piece that is to be loaded straight into SRAM
# (an unusual section behind .bss) is not programmed here, since no programmer could either.
_MEMORIES = (
    (0x000000, 0x800000, "flash"),
    (0x800000, 0x810000, "sram"),
    (0x810000, 0x820000, "eeprom"),
    (0x820000, 0x830000, "fuses"),
    (0x830000, 0x840000, "lock"),
    (0x840000, 0x850000, "signature"),
    (0x850000, 0x860000, "user signature"),
    (0x910000, 0x920000, "mmcu"),
)

Runs = tuple[tuple[int, bytes], ...]
Memories = dict[str, Runs]


class SmallMemories(TypedDict):
    """What an image says about everything but flash."""

    eeprom: Runs
    fuses: bytes | None
    lock: int | None


@dataclass(frozen=True, eq=False)
class Firmware:
    """A loaded firmware image. Make one with :meth:`load`; it never changes.

    Attributes:
        path: The file it came from.
        format: ``"elf"`` or ``"hex"``.
        flash: What is programmed into flash: (byte address, bytes), in order, without overlap.
        eeprom: The same for EEPROM, from address 0.
        fuses: Fuse bytes, low first, or None when the image sets none.
        lock: The lock byte, or None.
        mcu: The chip that it was built for, in avr-gcc's spelling; None when it does not say.
        hz: The clock that it was built for (.mmcu), or None.
        architecture: avr-gcc's instruction set, such as ``"avr25"``; None for HEX.
        symbols: Functions, variables and labels by name.
        static_bytes: SRAM taken by .data, .bss, .noinit and other sections; None for HEX.
        static_end: Data address after the last of these, 0 when there are none.
        section_bytes: Size of each section that takes room on the chip.
    """

    path: Path
    format: str
    flash: Runs = field(repr=False)
    eeprom: Runs = field(default=(), repr=False)
    fuses: bytes | None = None
    lock: int | None = None
    mcu: str | None = None
    hz: int | None = None
    architecture: str | None = None
    symbols: dict[str, Symbol] = field(default_factory=dict, repr=False)
    static_bytes: int | None = None
    static_end: int = 0
    section_bytes: dict[str, int] = field(default_factory=dict)
    elf: ElfImage | None = field(default=None, repr=False)

    @classmethod
    def load(cls, source: str | PathLike[str], mcu: str | None = None) -> Firmware:
        """Read an ELF or Intel HEX file.

        Args:
            source: The file; its suffix does not matter.
            mcu: The chip that it was built for, in place of what the image says about itself.

        Raises:
            FirmwareError: The file is missing, cut off, damaged, or not an AVR image; the
                subclass says which.
        """
        path = Path(source)
        data = _read_file(path)
        if data.startswith(ELF_MAGIC):
            return _from_elf(path, data, mcu)
        if data.lstrip()[:1] == b":":
            return _from_hex(path, data, mcu)
        if data and ELF_MAGIC.startswith(data):
            raise TruncatedImageError(
                f"{path} has {len(data)} bytes, the beginning of an ELF file. "
                "Build or copy the image again."
            )
        raise NotAnElfError(
            f"{path} starts with {data[:4].hex(' ') or 'nothing: it is empty'}; expected an ELF "
            "file (7f 45 4c 46) or Intel HEX (3a, a colon). Give the .elf or .hex of the build."
        )

    @property
    def flash_bytes(self) -> int:
        """Flash that the image programs (.text, .data and other sections), in bytes."""
        return sum(len(data) for _, data in self.flash)

    @property
    def eeprom_bytes(self) -> int:
        """EEPROM that the image programs, in bytes."""
        return sum(len(data) for _, data in self.eeprom)

    def check_fits(self, chip: FittingChip) -> None:
        """Make sure that this image can be programmed into a chip and start there.

        Raises:
            WrongChipError: Built for another chip or another instruction set.
            ImageTooLargeError: Flash or EEPROM is too small.
            SramOverflowError: SRAM is too small for the static data.
        """
        check_fits(self, chip)

    def symbol(self, name: str) -> Symbol:
        """The function, variable or label of this name.

        Raises:
            UnknownSymbolError: There is none; the message lists close matches.
        """
        try:
            return self.symbols[name]
        except KeyError:
            stripped = "" if self.symbols else " The image has no symbol table at all."
            raise UnknownSymbolError(
                f"{self.path} has no symbol {name!r}.{close_matches(name, self.symbols)}{stripped}"
            ) from None

    def variable(self, name: str) -> Variable:
        """Find a variable with its type, by a path such as ``"net.layers[2].bias"``.

        Raises:
            SymbolError: Absent, optimised away, or without a type; see the subclasses.
        """
        return resolve(self, name)

    @cached_property
    def debug_info(self) -> DebugInfo | None:
        """The DWARF debug information, read at first use; None when the image has none."""
        return read_debug_info(self.elf, str(self.path)) if self.elf else None

    def function_at(self, pc: int) -> str | None:
        """Name of the function (in assembly: the label) around a flash byte address, if known.

        A copy that the compiler made of a function is called ``"leaf [clone .constprop.1]"``.
        """
        for symbols in self._code:
            index = bisect_right(symbols, pc, key=lambda s: s.address) - 1
            if index >= 0 and pc - symbols[index].address < max(symbols[index].size, 1):
                return symbols[index].name
        # Labels have no size: the last one holds, up to the end of the programmed run.
        for start, data in self.flash:
            if start <= pc < start + len(data) and index >= 0 and symbols[index].address >= start:
                return symbols[index].name
        return None

    def line_at(self, pc: int) -> str | None:
        """Source position of a flash byte address as ``"file.c:12"``, if the image tells it."""
        line = self.line_table.at(pc)
        return None if line is None else str(line)

    @cached_property
    def line_table(self) -> LineTable:
        """Source lines of the code, read at first use; empty when the image does not tell."""
        return read_line_table(self.elf, str(self.path)) if self.elf else LineTable([], [])

    @cached_property
    def _code(self) -> tuple[list[Symbol], list[Symbol]]:
        """Functions, and all names in flash, by address; of several names the global one last."""
        flash = [s for s in reversed(self.symbols.values()) if _is_entry(s)]
        flash.sort(key=lambda s: (s.address, s.is_function))
        return [s for s in flash if s.is_function], flash


def _is_entry(symbol: Symbol) -> bool:
    """Whether code may be called by it; in libgcc's assembly a dot begins a label inside."""
    return symbol.space == "flash" and not symbol.name.startswith(".")


def _read_file(path: Path) -> bytes:
    try:
        if path.exists() and not path.is_file():
            raise FirmwareError(f"{path} is not a regular file. Give the .elf or .hex of a build.")
        with path.open("rb") as file:
            data = file.read(FILE_BYTES_MAX + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise FirmwareError(
            f"Cannot read the firmware {str(path)!r}: {reason}. Build it, or correct the path."
        ) from error
    if len(data) > FILE_BYTES_MAX:
        raise FirmwareError(
            f"{path} is larger than {FILE_BYTES_MAX} bytes; no AVR image is. "
            "Give the .elf or .hex of the build."
        )
    return data


def _from_hex(path: Path, data: bytes, mcu: str | None) -> Firmware:
    memories = _split_memories(read_hex(data, str(path)), str(path))
    return Firmware(path, "hex", memories["flash"], mcu=mcu, **_small_memories(memories))


def _from_elf(path: Path, data: bytes, mcu: str | None) -> Firmware:
    elf = ElfImage(data, str(path))
    memories = _split_memories([(s.physical, s.data) for s in elf.segments], str(path))
    static_bytes, static_end = _static_extent(elf, str(path))
    note_mcu, hz = read_mmcu(elf)
    return Firmware(
        path,
        "elf",
        memories["flash"],
        mcu=mcu or read_device_name(elf) or note_mcu,
        hz=hz,
        architecture=elf.architecture,
        symbols=read_symbols(elf),
        static_bytes=static_bytes,
        static_end=static_end,
        section_bytes={s.name: s.size_bytes for s in elf.allocated_sections},
        elf=elf,
        **_small_memories(memories),
    )


def _split_memories(pieces: Iterable[tuple[int, bytes | memoryview]], where: str) -> Memories:
    """Sort pieces of an image into the chip's memories, each addressed from 0.

    Raises:
        DamagedImageError: A piece is outside every memory, or two pieces overlap.
    """
    memories: dict[str, list[tuple[int, bytes]]] = {name: [] for _, _, name in _MEMORIES}
    end = 0
    for address, data in sorted((p for p in pieces if len(p[1])), key=lambda p: p[0]):
        if address < end:
            raise DamagedImageError(
                f"{where}: two pieces of the image claim address 0x{address:06X}; expected each "
                "address once. Check the linker script, and build the image again."
            )
        end = address + len(data)
        for start, stop, name in _MEMORIES:
            if start <= address and end <= stop:
                memories[name].append((address - start, bytes(data)))
                break
        else:
            raise DamagedImageError(
                f"{where}: {len(data)} bytes are to be programmed at 0x{address:06X}, which is "
                "neither flash (0x000000), EEPROM (0x810000), fuses (0x820000) nor lock bits "
                "(0x830000) of an AVR. Check the linker script."
            )
    return {name: tuple(runs) for name, runs in memories.items()}


def _small_memories(memories: Memories) -> SmallMemories:
    fuses = bytearray()
    for address, data in memories["fuses"]:
        fuses += b"\xff" * (address - len(fuses)) + data
    lock = memories["lock"]
    return {
        "eeprom": memories["eeprom"],
        "fuses": bytes(fuses) if fuses else None,
        "lock": lock[0][1][0] if lock else None,
    }


def _static_extent(elf: ElfImage, where: str) -> tuple[int, int]:
    """Bytes of SRAM that the image claims, and the data address after them (0 for none)."""
    size = end = 0
    segments = [s for s in elf.segments if s.memory_bytes]
    for segment in sorted(segments, key=lambda s: s.virtual):
        start = segment.virtual - _DATA_SPACE
        if 0 <= start < _DATA_SPACE_BYTES:
            stop = start + segment.memory_bytes
            if stop > _DATA_SPACE_BYTES:
                raise DamagedImageError(
                    f"{where}: {segment.memory_bytes} bytes of variables at data address "
                    f"0x{start:04X} end past 0xFFFF. Check the linker script."
                )
            size += max(0, stop - max(start, end))
            end = max(end, stop)
    return size, end
