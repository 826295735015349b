# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the skeleton of an AVR ELF file: segments, sections and symbols.

The file is data from a stranger. Every offset is checked against the file before it is followed,
nothing is allocated that the file does not hold, and whatever is wrong is a
:class:`~pyavr_sim.errors.FirmwareError` that says where. What the bytes mean on a chip is the
business of :mod:`pyavr_sim.firmware`; debug information is that of :mod:`pyavr_sim.debug_info`.

Source: Tool Interface Standard ELF specification 1.2; binutils ``include/elf/avr.h``.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import cached_property

from pyavr_sim.errors import DamagedImageError, NotAnElfError, TruncatedImageError

__all__ = ["ELF_MAGIC", "ElfImage", "ElfSymbol", "Section", "Segment"]

ELF_MAGIC = b"\x7fELF"

_HEADER = struct.Struct("<16sHHIIIIIHHHHHH")
_PROGRAM_HEADER = struct.Struct("<8I")
_SECTION_HEADER = struct.Struct("<10I")
_SYMBOL = struct.Struct("<IIIBBH")

_ET_EXEC = 2
_EM_AVR = 83
_PT_LOAD = 1
_SHT_NOBITS = 8
_SHF_ALLOC = 2
_SHF_COMPRESSED = 0x800
_NAME_BYTES_MAX = 4096
_NAMES_BYTES_MAX = 64 * 1024 * 1024  # all together: symbols may share one long name

_FILE_TYPES = {1: "a relocatable object", 3: "a shared object", 4: "a core dump"}
_MACHINES = {
    3: "x86",
    8: "MIPS",
    40: "ARM",
    62: "x86-64",
    94: "Xtensa",
    183: "AArch64",
    243: "RISC-V",
}
# E_AVR_MACH_* in binutils include/elf/avr.h; 100 and up are the reduced core and the xmegas.
_ARCHITECTURES = {
    0: None,
    1: "avr1",
    2: "avr2",
    3: "avr3",
    4: "avr4",
    5: "avr5",
    6: "avr6",
    25: "avr25",
    31: "avr31",
    35: "avr35",
    51: "avr51",
    100: "avrtiny",
} | {100 + family: f"avrxmega{family}" for family in range(1, 8)}


@dataclass(frozen=True)
class Segment:
    """A loadable program header with its bytes.

    Attributes:
        physical: Where the programmer puts the bytes (flash: from 0; EEPROM: from 0x810000).
        virtual: Where the running program finds them (SRAM: from 0x800000).
        data: The bytes in the file.
        memory_bytes: Size while running; what exceeds ``data`` is zeroed by the start-up code.
    """

    physical: int
    virtual: int
    data: memoryview
    memory_bytes: int


@dataclass(frozen=True)
class Section:
    """A section header. ``data`` is empty for sections that occupy no file space (.bss)."""

    name: str
    address: int
    size_bytes: int
    data: memoryview
    is_allocated: bool
    is_compressed: bool


@dataclass(frozen=True)
class ElfSymbol:
    """A line of the symbol table; fields as in the ELF specification.

    Attributes:
        section: Index of the section header, or a special value (0 undefined, 0xFFF1 absolute).
        file: The source file that the symbol is local to, if the linker has noted it.
    """

    name: str
    value: int
    size: int
    binding: int
    kind: int
    section: int
    file: str | None


class ElfImage:
    """An AVR executable in ELF form.

    Args:
        data: The whole file.
        where: The name that error messages give the file.

    Attributes:
        data: The whole file.

    Raises:
        NotAnElfError: Another format, another machine, or not an executable.
        TruncatedImageError: A header points past the end of the file.
        DamagedImageError: Headers that cannot be true.
    """

    def __init__(self, data: bytes, where: str) -> None:
        self.data = data
        self._view = memoryview(data)
        self._where = where
        self._names_bytes = 0
        self._check_identity()
        (_, kind, machine, _, _, program_at, section_at, flags, _, *table) = _HEADER.unpack_from(
            data
        )
        program_size, program_count, section_size, section_count, names_index = table
        if machine != _EM_AVR:
            raise self._foreign(machine, "32-bit little-endian")
        if kind != _ET_EXEC:
            found = _FILE_TYPES.get(kind, f"of ELF type {kind}")
            raise NotAnElfError(
                f"{where} is {found}; expected a linked executable. Link it with avr-gcc."
            )
        mach = flags & 0x7F
        self.architecture: str | None = _ARCHITECTURES.get(mach, f"avr (e_flags {mach})")
        self.segments = self._read_segments(program_at, program_size, program_count)
        self._section_list = self._read_sections(
            section_at, section_size, section_count, names_index
        )
        self.sections: dict[str, Section] = {s.name: s for s in reversed(self._section_list)}

    @cached_property
    def allocated_sections(self) -> list[Section]:
        """The sections that take room on the chip, in file order."""
        return [s for s in self._section_list if s.is_allocated and s.size_bytes]

    @cached_property
    def symbols(self) -> list[ElfSymbol]:
        """The symbol table, without its empty first line; empty in a stripped image."""
        table = self.sections.get(".symtab")
        strings = self.sections.get(".strtab")
        if table is None or strings is None:
            return []
        if len(table.data) % _SYMBOL.size:
            raise DamagedImageError(
                f"{self._where}: .symtab has {len(table.data)} bytes; expected a multiple of "
                f"{_SYMBOL.size}. Build the image again."
            )
        names = bytes(strings.data)
        symbols = []
        file: str | None = None
        for name_at, value, size, info, _, section in _SYMBOL.iter_unpack(table.data):
            name = self._name(names, name_at, "a symbol")
            binding, kind = info >> 4, info & 15
            if kind == 4:
                file = name or None
            local_to = file if binding == 0 else None
            symbols.append(ElfSymbol(name, value, size, binding, kind, section, local_to))
        return symbols[1:]

    def section_at(self, index: int) -> Section | None:
        """The section with this header index, or None for the special indices."""
        return self._section_list[index] if 0 < index < len(self._section_list) else None

    def _check_identity(self) -> None:
        data = self.data
        if not data.startswith(ELF_MAGIC):
            raise NotAnElfError(
                f"{self._where} starts with {data[:4].hex(' ') or 'nothing'}; expected the ELF "
                "magic 7f 45 4c 46. Give the .elf that avr-gcc has linked."
            )
        if len(data) < _HEADER.size:
            raise TruncatedImageError(
                f"{self._where} has {len(data)} bytes; an ELF header alone has {_HEADER.size}. "
                "Build or copy the image again."
            )
        bits, order = data[4], data[5]
        if bits != 1 or order != 1:
            machine = int.from_bytes(data[18:20], "big" if order == 2 else "little")
            width = {1: "32-bit", 2: "64-bit"}.get(bits, f"class-{bits}")
            ending = {1: "little-endian", 2: "big-endian"}.get(order, f"order-{order}")
            raise self._foreign(machine, f"{width} {ending}")

    def _foreign(self, machine: int, shape: str) -> NotAnElfError:
        name = "AVR" if machine == _EM_AVR else _MACHINES.get(machine, "another machine")
        return NotAnElfError(
            f"{self._where} is a {shape} ELF for {name} (machine {machine}); expected a 32-bit "
            f"little-endian one for AVR (machine {_EM_AVR}). Build it with avr-gcc."
        )

    def _slice(self, start: int, size: int, what: str) -> memoryview:
        """``size`` bytes of the file from ``start``; says what is missing if they are not there."""
        if start + size > len(self.data):
            raise TruncatedImageError(
                f"{self._where} has {len(self.data)} bytes, but {what} ends at byte "
                f"{start + size}. Build or copy the image again."
            )
        return self._view[start : start + size]

    def _read_segments(self, start: int, entry_size: int, count: int) -> list[Segment]:
        if not count:
            return []
        self._check_entry_size("program header", entry_size, _PROGRAM_HEADER.size)
        table = self._slice(start, count * entry_size, "the program header table")
        segments = []
        for index, header in enumerate(_PROGRAM_HEADER.iter_unpack(table)):
            kind, offset, virtual, physical, file_bytes, memory_bytes, _, _ = header
            if kind != _PT_LOAD:
                continue
            if file_bytes > memory_bytes:
                raise DamagedImageError(
                    f"{self._where}: segment {index} has {file_bytes} bytes in the file, but "
                    f"{memory_bytes} in memory. Build the image again."
                )
            data = self._slice(offset, file_bytes, f"segment {index}")
            segments.append(Segment(physical, virtual, data, memory_bytes))
        return segments

    def _read_sections(
        self, start: int, entry_size: int, count: int, names_index: int
    ) -> list[Section]:
        if not start or not count:
            return []
        self._check_entry_size("section header", entry_size, _SECTION_HEADER.size)
        table = self._slice(start, count * entry_size, "the section header table")
        headers = list(_SECTION_HEADER.iter_unpack(table))
        if names_index >= count:
            raise DamagedImageError(
                f"{self._where}: the section names are said to be in section {names_index} of "
                f"{count}. Build the image again."
            )
        _, _, _, _, names_at, names_size, *_ = headers[names_index]
        names = bytes(self._slice(names_at, names_size, "the table of section names"))
        sections = []
        for index, (name_at, kind, flags, address, offset, size, *_) in enumerate(headers):
            name = self._name(names, name_at, f"section {index}") if index else ""
            is_absent = index == 0 or kind == _SHT_NOBITS
            data = self._slice(offset, 0 if is_absent else size, f"section {name or index}")
            sections.append(
                Section(
                    name,
                    address,
                    size,
                    data,
                    bool(flags & _SHF_ALLOC),
                    bool(flags & _SHF_COMPRESSED),
                )
            )
        return sections

    def _check_entry_size(self, what: str, found: int, expected: int) -> None:
        if found != expected:
            raise DamagedImageError(
                f"{self._where}: a {what} is said to have {found} bytes; expected {expected}. "
                "Build the image again."
            )

    def _name(self, names: bytes, start: int, what: str) -> str:
        if start == 0 and not names:
            return ""
        end = names.find(b"\0", start, start + _NAME_BYTES_MAX)
        self._names_bytes += end - start
        if start >= len(names) or end < 0 or self._names_bytes > _NAMES_BYTES_MAX:
            raise DamagedImageError(
                f"{self._where}: the name of {what} is at byte {start} of a table of {len(names)} "
                "and has no end there. Build the image again."
            )
        return names[start:end].decode("utf-8", "backslashreplace")
