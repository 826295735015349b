# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds a firmware variable by name and tells where it is and how it looks.

A path is a variable, then members and indices::

    status              a global, or a static if no other has the name
    net.layers[2].bias  a member of an element
    serve.c:count       the static of one source file
    learn::calls        a static inside the function learn(), or a C++ namespace

Constants in flash (PROGMEM) and variables in EEPROM (EEMEM) are found too, and so are the chip's
registers (``PORTB``), since avr-libc describes them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from math import prod
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import numpy as np

from pyavr_sim.debug_info import DebugInfo, Entry
from pyavr_sim.errors import (
    NoDebugInfoError,
    OptimisedAwayError,
    SymbolError,
    UnknownSymbolError,
    UnsupportedTypeError,
)
from pyavr_sim.symbols import close_matches
from pyavr_sim.variable_types import Layout, TypeReader

if TYPE_CHECKING:
    from pyavr_sim.firmware import Firmware

__all__ = ["Variable", "declared_at", "resolve"]

_PATH = re.compile(
    r"(?:(?P<file>[^:\[\]]+):)?(?P<root>[A-Za-z_$][\w$]*(?:::[A-Za-z_$][\w$]*)*)"
    r"(?P<steps>(?:\.[A-Za-z_$][\w$]*|\[\d{1,9}\])*)\Z"
)
_STEP = re.compile(r"\.([A-Za-z_$][\w$]*)|\[(\d+)\]")
_DW_OP_ADDR = 3
_SPACES = ((0x820000, None), (0x810000, "eeprom"), (0x800000, "sram"), (0, "flash"))
_STARTS = {"flash": 0, "sram": 0x800000, "eeprom": 0x810000}
_CHAIN_MAX = 16


@dataclass(frozen=True)
class Variable:
    """Where a variable is and how it looks.

    Attributes:
        name: The path that it was asked for.
        address: Data address, flash byte address or EEPROM address.
        dtype: As :mod:`pyavr_sim.variable_types` says.
        shape: () for a single value.
        space: ``"sram"`` (the data space, registers included), ``"flash"`` or ``"eeprom"``.
    """

    name: str
    address: int
    dtype: np.dtype
    shape: tuple[int, ...]
    space: str

    @property
    def size_bytes(self) -> int:
        """Size in memory."""
        return self.dtype.itemsize * prod(self.shape)

    def view(self, memory: np.ndarray) -> np.ndarray:
        """This variable in a memory, as a live window.

        Args:
            memory: The whole of the variable's space, (n,) uint8, contiguous.

        Raises:
            SymbolError: The variable lies outside the memory.
        """
        end = self.address + self.size_bytes
        if end > memory.size:
            raise SymbolError(
                f"{self.name} is at 0x{self.address:04X} to 0x{end - 1:04X} in {self.space}; the "
                f"chip's ends at 0x{memory.size - 1:04X}. Build the image for this chip."
            )
        return memory[self.address : end].view(self.dtype).reshape(self.shape)


@dataclass(eq=False)
class _Found:
    """A variable in the debug information."""

    entry: Entry
    qualified: str
    file: str
    address: int | None
    is_external: bool


@dataclass(eq=False)
class _Index:
    """Variables of an image by full name and by last part of the name."""

    types: TypeReader
    by_full_name: dict[str, list[_Found]] = field(default_factory=dict)
    by_last_name: dict[str, list[_Found]] = field(default_factory=dict)
    has_sources: bool = False


def resolve(firmware: Firmware, path: str) -> Variable:
    """Find a variable by path.

    Raises:
        UnknownSymbolError: No such variable, member or element; with close matches.
        OptimisedAwayError: It is in the source, but has no address in the image.
        NoDebugInfoError: It is in the image, but its type is not.
        UnsupportedTypeError: Its type has no NumPy form.
        SymbolError: Several variables have this name, or the path is malformed.
    """
    match = _PATH.match(path)
    if match is None:
        raise UnknownSymbolError(
            f"{path!r} is no path to a variable; expected one like 'net.layers[2].bias'."
        )
    info = firmware.debug_info
    index = _index(info) if info else None
    found = _select(firmware, index, match["root"], match["file"]) if index else None
    if index is None or found is None:
        raise _absent(firmware, index, match["root"])
    address = found.address
    if address is None:
        address = _address_by_linker(firmware, found)
    space = next(name for start, name in _SPACES if address >= start)
    if space is None:
        raise SymbolError(f"{path} is at 0x{address:06X}, in none of the chip's memories.")
    head = path[: match.start("steps")]
    offset, layout = _walk(index.types, found.entry, head, match["steps"])
    if layout.size_bytes == 0:
        raise UnsupportedTypeError(f"{path} has no bytes: an empty struct, or an array [] or [0].")
    return Variable(path, address - _STARTS[space] + offset, layout.dtype, layout.shape, space)


def _walk(types: TypeReader, entry: Entry, path: str, steps: str) -> tuple[int, Layout]:
    """Follow members and indices; the byte offset and the layout of what is there."""
    kind = types.type_of(entry, path)
    offset = axis = 0
    for step in _STEP.finditer(steps):
        is_array = kind.tag == "array_type"
        if step[1] is not None:
            members = None if is_array else types.members(kind, path)
            if members is None:
                what = "an array: add an index" if is_array else f"a {_plain(kind)}, not a struct"
                raise UnknownSymbolError(f"{path} has no member {step[1]!r}; it is {what}.")
            member = next((m for m in members if m.name == step[1]), None)
            if member is None:
                names = [m.name for m in members]
                raise UnknownSymbolError(
                    f"{path} has no member {step[1]!r}; it has {', '.join(names) or 'none'}."
                    f"{close_matches(step[1], names)}"
                )
            if member.is_bit_field:
                raise UnsupportedTypeError(
                    f"{path}{step[0]} is a bit-field, which has no NumPy form. Use a uint8_t "
                    "with masks, or read the bytes of the struct by its address."
                )
            offset, kind = offset + member.offset, member.type
        else:
            if not is_array:
                raise UnknownSymbolError(f"{path} is a {_plain(kind)}; expected an array for [].")
            number = int(step[2])
            lengths = types.dimensions(kind, path)
            if number >= lengths[axis]:
                raise UnknownSymbolError(
                    f"{path} has {lengths[axis]} elements on this axis; found index {number}."
                )
            element = types.type_of(kind, path)
            stride = types.size_bytes(element, f"{path}[0]") if number else 0
            offset += number * stride * prod(lengths[axis + 1 :])
            axis += 1
            if axis == len(lengths):
                kind, axis = element, 0
        path += step[0]
    if axis:
        element_layout = types.layout(types.type_of(kind, path), path)
        shape = (*types.dimensions(kind, path)[axis:], *element_layout.shape)
        return offset, Layout(element_layout.dtype, shape)
    return offset, types.layout(kind, path)


def _plain(kind: Entry) -> str:
    return kind.name or kind.tag.removesuffix("_type")


def _select(firmware: Firmware, index: _Index, root: str, file: str | None) -> _Found | None:
    """The variable that a name means; None if there is none."""
    found = index.by_full_name.get(root) or index.by_last_name.get(root) or []
    if file and found:
        files = sorted({f.file for f in found})
        found = [f for f in found if f.file == file]
        if not found:
            raise UnknownSymbolError(
                f"{firmware.path} has no {root!r} in {file}; it has one in {', '.join(files)}."
            )
    placed = [f for f in found if f.address is not None]
    placed = [f for f in placed if f.is_external] or placed
    if len({f.address for f in placed}) > 1:
        places = sorted({f"{f.file}:{f.qualified}" for f in placed})
        raise SymbolError(
            f"{firmware.path} has {len(placed)} variables called {root!r}: {', '.join(places)}. "
            "Ask for one of these."
        )
    # A definition gives the length of an array that a declaration leaves open.
    return next(iter(placed or found), None)


def _address_by_linker(firmware: Firmware, found: _Found) -> int:
    """Address of a variable that C only declares, because assembly defines it."""
    symbol = firmware.symbols.get(found.qualified) if found.is_external else None
    if symbol is not None:
        return symbol.address + _STARTS[symbol.space]
    attributes = found.entry.attributes
    if "const_value" in attributes:
        reason = f"the compiler has made it the constant {attributes['const_value']}"
    elif "location" in attributes:
        reason = "it lives in registers or on the stack, at no fixed address"
    else:
        reason = "the compiler has removed it, or it is declared and never defined"
    raise OptimisedAwayError(
        f"{found.qualified} ({found.file}) has no address in {firmware.path}: {reason}. Declare "
        "it volatile or with __attribute__((used)), outside any function, and build again."
    )


def _absent(firmware: Firmware, index: _Index | None, name: str) -> SymbolError:
    """The error for a name that the debug information does not have."""
    rebuild = "Build it with -gdwarf-4."
    if firmware.elf is None:
        return NoDebugInfoError(
            f"{firmware.path} is Intel HEX, which has no names; cannot find {name!r}. Give the "
            ".elf of the build."
        )
    if firmware.elf.sections.get(".stab"):
        rebuild = f"It has stabs (plain -g), which say too little. {rebuild}"
    elif index and index.has_sources:
        rebuild = "Declare it in the C source that uses it."
    symbol = firmware.symbols.get(name)
    if symbol is not None:
        if symbol.is_function:
            return UnknownSymbolError(f"{name!r} is a function in {firmware.path}, not a variable.")
        return NoDebugInfoError(
            f"{firmware.path} has {symbol.size} bytes called {name!r} at 0x{symbol.address:04X} in "
            f"{symbol.space}, but does not tell their type. {rebuild} The raw bytes are found "
            f"through symbols[{name!r}]."
        )
    names = [*firmware.symbols, *(index.by_full_name if index else ())]
    without = "" if index and index.has_sources else f" It has no debug information. {rebuild}"
    return UnknownSymbolError(
        f"{firmware.path} has no variable {name!r}.{close_matches(name, names)}{without}"
    )


def declared_at(info: DebugInfo) -> dict[int, str]:
    """Where each variable in SRAM is declared, as ``"main.c:12"``, by data address."""
    positions: dict[int, str] = {}
    for entry in info.entries.values():
        address = _address(entry) if entry.tag == "variable" else None
        if address is None or not 0x800000 <= address < 0x810000:
            continue
        position = info.position(entry) or info.position(_declaration(info, entry))
        if position is not None:
            positions.setdefault(address - 0x800000, position)
    return positions


@lru_cache(maxsize=4)
def _index(info: DebugInfo) -> _Index:
    index = _Index(TypeReader(info))
    for unit in info.units:
        # The start-up code's own unit, which describes the registers, has no name.
        index.has_sources |= unit.name is not None
    for entry in info.entries.values():
        if entry.tag != "variable":
            continue
        declaration = _declaration(info, entry)
        name = declaration.name
        if name is None:
            continue
        found = _Found(
            entry=entry if "type" in entry.attributes else declaration,
            qualified="::".join([*_scopes(info, declaration), name]),
            file=_file(entry),
            address=_address(entry),
            is_external=bool(declaration.attributes.get("external")),
        )
        index.by_full_name.setdefault(found.qualified, []).append(found)
        index.by_last_name.setdefault(name, []).append(found)
    return index


def _declaration(info: DebugInfo, entry: Entry) -> Entry:
    """The entry with the name: DWARF splits declaration, definition and inlined copies."""
    for _ in range(_CHAIN_MAX):
        origin = info.follow(entry, "specification") or info.follow(entry, "abstract_origin")
        if origin is None:
            break
        entry = origin
    return entry


def _scopes(info: DebugInfo, entry: Entry) -> list[str]:
    names: list[str] = []
    scope = entry.parent
    while scope is not None:
        if scope.tag in ("namespace", "subprogram", "structure_type", "class_type"):
            name = _declaration(info, scope).name
            names += [name] if name else []
        scope = scope.parent
    return names[::-1]


def _file(entry: Entry) -> str:
    while entry.parent is not None:
        entry = entry.parent
    return PurePosixPath(entry.name).name if entry.name else "start-up code"


def _address(entry: Entry) -> int | None:
    location = entry.attributes.get("location")
    if not isinstance(location, list) or len(location) != 5 or location[0] != _DW_OP_ADDR:
        return None
    return int.from_bytes(bytes(location[1:]), "little")
