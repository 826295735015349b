# SPDX-License-Identifier: GPL-3.0-or-later
"""Names in an image's symbol table, as addresses in the chip's memories."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pyavr_sim.elf_image import ElfImage, ElfSymbol
from pyavr_sim.linker_names import readable_name

__all__ = ["Symbol", "by_place", "close_matches", "flash_by_symbol", "read_symbols"]

_STARTS = {"eeprom": 0x810000, "sram": 0x800000, "flash": 0}
_END = 0x820000
_OBJECT, _FUNCTION, _NOTYPE = 1, 2, 0
_PREFERENCE = {1: 0, 2: 1, 0: 2}  # global, weak, local


@dataclass(frozen=True)
class Symbol:
    """A function, variable or label.

    Attributes:
        name: As in the source: C++ names are demangled, a static that several files have is
            ``"file.c:name"``.
        address: Byte address in flash, data address in SRAM, or EEPROM address.
        size: In bytes; 0 for a bare label.
        space: ``"flash"``, ``"sram"`` (the data space, registers included) or ``"eeprom"``.
        is_function: Whether it is code with a size, as a C function is.
        linker_name: As in the symbol table, C++ names mangled.
    """

    name: str
    address: int
    size: int
    space: str
    is_function: bool
    linker_name: str


def read_symbols(elf: ElfImage) -> dict[str, Symbol]:
    """All names that stand for a place on the chip, the symbol table's own among them.

    A name that several files have as ``static`` is told apart as ``"file.c:name"``; alone, it means
    the first. Linker constants such as ``__SP_L__`` are left out.
    """
    lines = [line for line in elf.symbols if _is_place(line)]
    lines.sort(key=lambda line: _PREFERENCE.get(line.binding, 3))
    owners = Counter(line.name for line in lines if line.file)
    symbols: dict[str, Symbol] = {}
    for line in lines:
        name = readable_name(line.name)
        own = f"{line.file}:{name}" if owners[line.name] > 1 and line.file else name
        space = _space(line)
        is_function = line.kind == _FUNCTION and line.size > 0
        address = line.value - _STARTS[space]
        symbol = Symbol(own, address, line.size, space, is_function, line.name)
        for key in (own, name, line.name):
            symbols.setdefault(key, symbol)
    return symbols


def _is_place(line: ElfSymbol) -> bool:
    return bool(
        line.name
        and line.kind in (_OBJECT, _FUNCTION, _NOTYPE)
        and 0 < line.section < 0xFF00
        and line.value < _END
    )


def _space(line: ElfSymbol) -> str:
    return next(space for space, start in _STARTS.items() if line.value >= start)


def by_place(symbols: Iterable[Symbol]) -> dict[tuple[int, int], Symbol]:
    """The symbols by (address, size): each place once, as its first name."""
    places: dict[tuple[int, int], Symbol] = {}
    for symbol in symbols:
        places.setdefault((symbol.address, symbol.size), symbol)
    return places


def flash_by_symbol(symbols: Mapping[str, Symbol]) -> list[Symbol]:
    """The functions and tables in flash, largest first; each place once."""
    places = by_place(s for s in symbols.values() if s.space == "flash" and s.size)
    return sorted(places.values(), key=lambda symbol: (-symbol.size, symbol.address))


def close_matches(name: str, names: Iterable[str]) -> str:
    """A sentence with the names that look most like a wrong one; empty when none does."""
    matches = difflib.get_close_matches(name, sorted(set(names)), n=3, cutoff=0.6)
    return f" Did you mean {' or '.join(map(repr, matches))}?" if matches else ""
