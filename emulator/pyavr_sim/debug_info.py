# SPDX-License-Identifier: GPL-3.0-or-later
"""The DWARF debug information of an image, as a tree of plain entries.

pyelftools does the parsing. It trusts its input: over damaged DWARF it lets exceptions of a dozen
kinds out, and following sibling references may never end. So everything is read here, once, in one
linear pass, and later code walks entries whose references it checks itself.

Source: DWARF Debugging Information Format, versions 2 to 5.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from elftools.dwarf.dwarfinfo import DebugSectionDescriptor, DwarfConfig, DWARFInfo

from pyavr_sim.elf_image import ElfImage
from pyavr_sim.errors import NoDebugInfoError, PyavrSimError

__all__ = ["DebugInfo", "Entry", "read_debug_info", "read_lines"]

ENTRIES_MAX = 500_000
ROWS_MAX = 1_000_000
_NESTING_MAX = 200
_REFERENCES = {
    "DW_FORM_ref1",
    "DW_FORM_ref2",
    "DW_FORM_ref4",
    "DW_FORM_ref8",
    "DW_FORM_ref_udata",
}
_SECTIONS = (
    "debug_info",
    "debug_aranges",
    "debug_abbrev",
    "debug_frame",
    "eh_frame",
    "debug_str",
    "debug_loc",
    "debug_ranges",
    "debug_line",
    "debug_pubtypes",
    "debug_pubnames",
    "debug_addr",
    "debug_str_offsets",
    "debug_line_str",
    "debug_loclists",
    "debug_rnglists",
    "debug_sup",
    "gnu_debugaltlink",
    "debug_types",
)


@dataclass(slots=True, eq=False)
class Entry:
    """A debugging information entry (DIE).

    Attributes:
        offset: Its place in ``.debug_info``; references point to it.
        tag: Without the prefix: ``"variable"``, ``"base_type"``.
        attributes: By name without the prefix; strings decoded, references as offsets.
        parent: The entry around it, None for a compilation unit.
        children: The entries inside it.
    """

    offset: int
    tag: str
    attributes: dict[str, Any]
    parent: Entry | None = field(repr=False)
    children: list[Entry] = field(default_factory=list, repr=False)

    @property
    def name(self) -> str | None:
        """Its own name, if it has one."""
        name = self.attributes.get("name")
        return name if isinstance(name, str) else None

    def number(self, attribute: str) -> int | None:
        """An attribute's value if it is a plain number, else None."""
        value = self.attributes.get(attribute)
        return value if isinstance(value, int) else None


@dataclass(frozen=True, eq=False)
class DebugInfo:
    """All entries of an image.

    Attributes:
        units: The compilation units.
        entries: Every entry by offset.
        where: The name that error messages give the image.
    """

    units: list[Entry]
    entries: dict[int, Entry]
    where: str

    def follow(self, entry: Entry, attribute: str) -> Entry | None:
        """The entry that an attribute refers to; None when it has no such attribute.

        Raises:
            NoDebugInfoError: The reference leads nowhere.
        """
        offset = entry.attributes.get(attribute)
        if offset is None:
            return None
        target = self.entries.get(offset) if isinstance(offset, int) else None
        if target is None:
            raise NoDebugInfoError(
                f"{self.where}: the debug information is damaged: DW_AT_{attribute} of the entry "
                f"at 0x{entry.offset:x} leads nowhere. Build the image again."
            )
        return target


@contextmanager
def _damaged(where: str) -> Iterator[None]:
    """Turn whatever pyelftools raises over damaged DWARF into one error of ours."""
    try:
        yield
    except PyavrSimError:
        raise
    except Exception as error:  # see the module's docstring
        raise NoDebugInfoError(
            f"{where}: the debug information cannot be read ({type(error).__name__}: {error}). "
            "Build the image again with -gdwarf-4."
        ) from error


def read_debug_info(elf: ElfImage, where: str) -> DebugInfo | None:
    """Read ``.debug_info``; None when the image has none.

    Raises:
        NoDebugInfoError: It is there, but damaged or compressed.
    """
    if not _section(elf, "debug_info"):
        return None
    with _damaged(where):
        return _read(_SectionBytes(elf), where)


@lru_cache(maxsize=4)
def _read(sections: _SectionBytes, where: str) -> DebugInfo:
    """Read all entries; a few images are kept, since each test of a firmware loads it anew."""
    units: list[Entry] = []
    entries: dict[int, Entry] = {}
    seen = 0
    for unit in sections.dwarf().iter_CUs():
        parent: Entry | None = None
        depth = 0
        for die in unit.iter_DIEs():
            seen += 1
            if seen > ENTRIES_MAX or depth > _NESTING_MAX:
                raise NoDebugInfoError(
                    f"{where}: the debug information has more than {ENTRIES_MAX} entries or "
                    f"{_NESTING_MAX} levels; it is damaged. Build the image again."
                )
            if die.tag is None:
                if parent is not None:
                    parent, depth = parent.parent, depth - 1
                continue
            attributes = {
                name.removeprefix("DW_AT_"): _value(attribute, unit.cu_offset)
                for name, attribute in die.attributes.items()
                if isinstance(name, str)
            }
            entry = Entry(die.offset, str(die.tag).removeprefix("DW_TAG_"), attributes, parent)
            entries[die.offset] = entry
            (units if parent is None else parent.children).append(entry)
            if die.has_children:
                parent, depth = entry, depth + 1
    return DebugInfo(units, entries, where)


def _value(attribute: Any, unit_offset: int) -> Any:
    if isinstance(attribute.value, bytes):
        return attribute.value.decode("utf-8", "backslashreplace")
    if attribute.form in _REFERENCES:
        return attribute.raw_value + unit_offset
    return attribute.value


def read_lines(elf: ElfImage, where: str) -> tuple[list[int], list[str | None]]:
    """The line table: flash byte addresses in order, and ``"file.c:12"`` from each of them on.

    None stands for the addresses after the end of a sequence. Empty when there is no line table
    that can be read: source positions are a courtesy in messages, never an error.
    """
    try:
        with _damaged(where):
            if _section(elf, "debug_line") and _section(elf, "debug_info"):
                return _read_lines(_SectionBytes(elf))
    except NoDebugInfoError:
        pass
    return [], []


@lru_cache(maxsize=4)
def _read_lines(sections: _SectionBytes) -> tuple[list[int], list[str | None]]:
    dwarf = sections.dwarf()
    rows: list[tuple[int, int, str | None]] = []
    for unit in dwarf.iter_CUs():
        program = dwarf.line_program_for_CU(unit)
        if program is None:
            continue
        files = program["file_entry"]
        first = 0 if program["version"] >= 5 else 1
        for line_entry in program.get_entries():
            state = line_entry.state
            if state is None:
                continue
            if len(rows) > ROWS_MAX:
                raise NoDebugInfoError(f"the line table has more than {ROWS_MAX} rows")
            if state.end_sequence:
                rows.append((state.address, 0, None))
            elif 0 <= state.file - first < len(files):
                name = files[state.file - first].name.decode("utf-8", "backslashreplace")
                rows.append((state.address, 1, f"{name}:{state.line}"))
    # A sequence that starts where another ends wins: ends (0) sort before starts (1).
    rows.sort(key=lambda row: row[:2])
    return [address for address, _, _ in rows], [position for _, _, position in rows]


def _section(elf: ElfImage, name: str) -> bytes | None:
    section = elf.sections.get("." + name)
    if section is None or not section.data:
        return None
    if section.is_compressed:
        raise NoDebugInfoError(
            f"The section .{name} is compressed; expected plain DWARF. Link without -gz."
        )
    return bytes(section.data)


class _SectionBytes:
    """The debug sections of an image, comparable by content so that reading can be cached."""

    def __init__(self, elf: ElfImage) -> None:
        self._bytes = {name: _section(elf, name) for name in _SECTIONS}
        self._hash = hash((self._bytes["debug_info"], self._bytes["debug_line"]))

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _SectionBytes) and self._bytes == other._bytes

    def dwarf(self) -> DWARFInfo:
        """The sections as pyelftools wants them."""
        described: dict[str, DebugSectionDescriptor | None] = {
            f"{name}_sec": DebugSectionDescriptor(io.BytesIO(data), name, None, len(data), 0)
            if data
            else None
            for name, data in self._bytes.items()
        }
        return DWARFInfo(DwarfConfig(True, "AVR", 4), **described)
