# SPDX-License-Identifier: GPL-3.0-or-later
"""Names in an image's symbol table, as addresses in the chip's memories."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from pyavr_sim.elf_image import ElfImage, ElfSymbol

__all__ = ["Symbol", "close_matches", "flash_by_symbol", "name_of_clone", "read_symbols"]

_SPACES = ((0x820000, None), (0x810000, "eeprom"), (0x800000, "sram"), (0, "flash"))
_STARTS = {"eeprom": 0x810000, "sram": 0x800000, "flash": 0}
_OBJECT, _FUNCTION, _NOTYPE = 1, 2, 0
_CLONES = re.compile(r"((?:\.(?:constprop|isra|part|cold|lto_priv)(?:\.\d+)?)+)$")
_CLONE = re.compile(r"\.[a-z_]+(?:\.\d+)?")
_PREFERENCE = {1: 0, 2: 1, 0: 2}  # global, weak, local


@dataclass(frozen=True)
class Symbol:
    """A function, variable or label.

    Attributes:
        name: As in the symbol table (C++ names are mangled).
        address: Byte address in flash, data address in SRAM, or EEPROM address.
        size: In bytes; 0 for a bare label.
        space: ``"flash"``, ``"sram"`` (the data space, registers included) or ``"eeprom"``.
        is_function: Whether it is code with a size, as a C function is.
    """

    name: str
    address: int
    size: int
    space: str
    is_function: bool


def read_symbols(elf: ElfImage) -> dict[str, Symbol]:
    """All names that stand for a place on the chip.

    A name that several files have as ``static`` is found under ``"file.c:name"`` for each of them;
    alone, it means the first. Linker constants such as ``__SP_L__`` are left out.
    """
    symbols: dict[str, Symbol] = {}
    statics: dict[str, list[tuple[ElfSymbol, Symbol]]] = {}
    for line in sorted(elf.symbols, key=lambda s: _PREFERENCE.get(s.binding, 3)):
        if not line.name or line.kind not in (_OBJECT, _FUNCTION, _NOTYPE):
            continue
        if not 0 < line.section < 0xFF00:
            continue
        space = next(name for start, name in _SPACES if line.value >= start)
        if space is None:
            continue
        symbol = Symbol(
            line.name,
            line.value - _STARTS[space],
            line.size,
            space,
            line.kind == _FUNCTION and line.size > 0,
        )
        symbols.setdefault(line.name, symbol)
        if line.file:
            statics.setdefault(line.name, []).append((line, symbol))
    for name, places in statics.items():
        if len(places) > 1:
            symbols |= {f"{line.file}:{name}": symbol for line, symbol in places}
    return symbols


def flash_by_symbol(symbols: Mapping[str, Symbol]) -> list[Symbol]:
    """The functions and tables in flash, largest first; each place once, as its first name."""
    places: dict[tuple[int, int], Symbol] = {}
    for name, symbol in symbols.items():
        place = (symbol.address, symbol.size)
        # Statics of one name are told apart by their file.
        if symbol.space == "flash" and symbol.size and (place not in places or ":" in name):
            places[place] = replace(symbol, name=name)
    return sorted(places.values(), key=lambda symbol: (-symbol.size, symbol.address))


def name_of_clone(symbol: str) -> str:
    """A function's own name in place of that which GCC gives the copies that it makes of it.

    ``"leaf.constprop.1"`` is ``"leaf [clone .constprop.1]"``, as c++filt has it; other names stay.

    Source: ``clone_function_name`` in GCC's ``cgraphclones.c``.
    """
    function, *suffixes = _CLONES.split(symbol)
    return function + "".join(f" [clone {how}]" for how in _CLONE.findall("".join(suffixes)))


def close_matches(name: str, names: Iterable[str]) -> str:
    """A sentence with the names that look most like a wrong one; empty when none does."""
    matches = difflib.get_close_matches(name, sorted(set(names)), n=3, cutoff=0.6)
    return f" Did you mean {' or '.join(map(repr, matches))}?" if matches else ""
