# SPDX-License-Identifier: GPL-3.0-or-later
"""To whom every byte of SRAM belongs, by the image's sections and symbols."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from pyavr_sim.chips import ChipDescription
from pyavr_sim.errors import SymbolError
from pyavr_sim.firmware import Firmware
from pyavr_sim.symbols import by_place
from pyavr_sim.variables import declared_at

__all__ = ["Owner", "Region", "sram_layout", "static_by_symbol"]

_DATA_SPACE, _DATA_SPACE_END = 0x800000, 0x810000


class Owner(StrEnum):
    """What a byte of SRAM serves."""

    DATA = "data"
    """Variables with an initial value."""
    BSS = "bss"
    """Variables that the start-up code clears."""
    NOINIT = "noinit"
    """Variables that it leaves alone, and other sections in SRAM."""
    HEAP = "heap"
    """Handed out by malloc."""
    STACK = "stack"
    """In use by the stack when it was deepest."""
    FREE = "free"
    """Left over."""


@dataclass(frozen=True)
class Region:
    """Bytes in a row with one owner.

    Attributes:
        start: Data address.
        size: In bytes, at least 1.
        owner: What they serve.
        name: The variable, as ``"file.c:name"`` where several files have a static of that name;
            None for padding, and for what the symbol table does not tell.
        source: Where it is declared, as ``"main.c:12"``, if the debug information tells.
    """

    start: int
    size: int
    owner: Owner
    name: str | None = None
    source: str | None = None

    @property
    def end(self) -> int:
        """Data address after the last byte."""
        return self.start + self.size


def sram_layout(
    firmware: Firmware, chip: ChipDescription, *, stack_bytes: int = 0, heap_bytes: int = 0
) -> tuple[Region, ...]:
    """Divide a chip's SRAM among its owners.

    Args:
        firmware: An image without a symbol table has sections at most; Intel HEX has none.
        chip: Its chip.
        stack_bytes: In use at the end of SRAM. Where the stack grew into variables, these stay
            the owners.
        heap_bytes: In use behind the static data.

    Returns:
        Regions in order and without gaps; their sizes add up to ``chip.sram_bytes``.
    """
    end = chip.sram_end + 1
    regions: list[Region] = []
    at = chip.sram_start
    for region in _statics(firmware):
        if region.start < at or region.end > end:
            continue  # outside this chip's SRAM, which Firmware.check_fits refuses
        regions += _gap(at, region.start)
        regions.append(region)
        at = region.end
    stack_start = max(end - stack_bytes, at)
    heap_end = min(at + heap_bytes, stack_start)
    regions += _gap(at, heap_end, Owner.HEAP)
    regions += _gap(heap_end, stack_start)
    regions += _gap(stack_start, end, Owner.STACK)
    return tuple(regions)


def static_by_symbol(firmware: Firmware) -> list[Region]:
    """The static data, largest first, padding and nameless bytes too."""
    return sorted(_statics(firmware), key=lambda region: (-region.size, region.start))


def _gap(start: int, end: int, owner: Owner = Owner.FREE) -> list[Region]:
    return [Region(start, end - start, owner)] if end > start else []


def _statics(firmware: Firmware) -> Iterator[Region]:
    """Regions of the sections in SRAM, in order and without overlap."""
    if firmware.elf is None:
        return
    named = _named(firmware)
    at = 0
    for section in sorted(firmware.elf.allocated_sections, key=lambda s: s.address):
        if not _DATA_SPACE <= section.address < _DATA_SPACE_END:
            continue
        owner = {".data": Owner.DATA, ".bss": Owner.BSS}.get(section.name, Owner.NOINIT)
        at = max(at, section.address - _DATA_SPACE)
        end = section.address - _DATA_SPACE + section.size_bytes
        for start, size, name, source in named:
            if start < at or start + size > end:
                continue  # of another section, or inside the one before
            yield from _gap(at, start, owner)
            yield Region(start, size, owner, name, source)
            at = start + size
        yield from _gap(at, end, owner)
        at = max(at, end)


def _named(firmware: Firmware) -> list[tuple[int, int, str, str | None]]:
    """(start, size, name, source) of all variables in SRAM, by address, the largest first."""
    try:
        sources = declared_at(firmware.debug_info) if firmware.debug_info else {}
    except SymbolError:
        sources = {}  # damaged debug information: do without
    places = by_place(s for s in firmware.symbols.values() if s.space == "sram" and s.size)
    found = [(*place, symbol.name, sources.get(place[0])) for place, symbol in places.items()]
    return sorted(found, key=lambda entry: (entry[0], -entry[1]))
