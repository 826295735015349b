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
from pathlib import PurePosixPath
from typing import Any

from elftools.dwarf.dwarfinfo import DebugSectionDescriptor, DwarfConfig, DWARFInfo

from pyavr_sim.elf_image import ElfImage
from pyavr_sim.errors import NoDebugInfoError, PyavrSimError

__all__ = [
    "DebugInfo",
    "DebugSections",
    "Entry",
    "damaged",
    "debug_section",
    "file_paths",
    "read_debug_info",
]

ENTRIES_MAX = 500_000
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
        files: The source files of each unit, by the unit's offset and DWARF's file number.
        where: The name that error messages give the image.
    """

    units: list[Entry]
    entries: dict[int, Entry]
    files: dict[int, list[str | None]]
    where: str

    def position(self, entry: Entry) -> str | None:
        """Where an entry is declared, as ``"main.c:12"``, if it says so."""
        number, line, unit = entry.number("decl_file"), entry.number("decl_line"), entry
        while unit.parent is not None:
            unit = unit.parent
        files = self.files.get(unit.offset, [])
        if number is None or line is None or not 0 <= number < len(files) or not files[number]:
            return None
        return f"{PurePosixPath(str(files[number])).name}:{line}"

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
def damaged(where: str) -> Iterator[None]:
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
    if not debug_section(elf, "debug_info"):
        return None
    with damaged(where):
        return _read(DebugSections(elf), where)


@lru_cache(maxsize=4)
def _read(sections: DebugSections, where: str) -> DebugInfo:
    """Read all entries; a few images are kept, since each test of a firmware loads it anew."""
    units: list[Entry] = []
    entries: dict[int, Entry] = {}
    files: dict[int, list[str | None]] = {}
    seen = 0
    dwarf = sections.dwarf()
    for unit in dwarf.iter_CUs():
        if sections.has_lines:
            files[unit.get_top_DIE().offset] = file_paths(dwarf, unit)
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
    return DebugInfo(units, entries, files, where)


def file_paths(dwarf: DWARFInfo, unit: Any) -> list[str | None]:
    """The source files of a unit by DWARF's file number, as absolute as it tells."""
    program = dwarf.line_program_for_CU(unit)
    if program is None:
        return []
    top = unit.get_top_DIE().attributes.get("DW_AT_comp_dir")
    home = PurePosixPath(_text(top.value) if top else "")
    is_new = program["version"] >= 5
    folders = [home / _text(getattr(f, "DW_LNCT_path", f)) for f in program["include_directory"]]
    folders = folders if is_new else [home, *folders]
    paths: list[str | None] = [] if is_new else [None]
    for file in program["file_entry"]:
        folder = folders[file.dir_index] if file.dir_index < len(folders) else home
        paths.append(str(folder / _text(file.name)))
    return paths


def _text(value: bytes | str) -> str:
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else value


def _value(attribute: Any, unit_offset: int) -> Any:
    if isinstance(attribute.value, bytes):
        return _text(attribute.value)
    if attribute.form in _REFERENCES:
        return attribute.raw_value + unit_offset
    return attribute.value


def debug_section(elf: ElfImage, name: str) -> bytes | None:
    """The bytes of ``.debug_info`` and the like; None when the image has none.

    Raises:
        NoDebugInfoError: It is compressed.
    """
    section = elf.sections.get("." + name)
    if section is None or not section.data:
        return None
    if section.is_compressed:
        raise NoDebugInfoError(
            f"The section .{name} is compressed; expected plain DWARF. Link without -gz."
        )
    return bytes(section.data)


class DebugSections:
    """The debug sections of an image, comparable by content so that reading can be cached."""

    def __init__(self, elf: ElfImage) -> None:
        self._bytes = {name: debug_section(elf, name) for name in _SECTIONS}
        self._hash = hash((self._bytes["debug_info"], self._bytes["debug_line"]))

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DebugSections) and self._bytes == other._bytes

    @property
    def has_lines(self) -> bool:
        """Whether there are line tables, and units that they belong to."""
        return bool(self._bytes["debug_line"] and self._bytes["debug_info"])

    def dwarf(self) -> DWARFInfo:
        """The sections as pyelftools wants them."""
        described: dict[str, DebugSectionDescriptor | None] = {
            f"{name}_sec": DebugSectionDescriptor(io.BytesIO(data), name, None, len(data), 0)
            if data
            else None
            for name, data in self._bytes.items()
        }
        return DWARFInfo(DwarfConfig(True, "AVR", 4), **described)
