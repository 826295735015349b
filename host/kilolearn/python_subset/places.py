# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the globals of a program lie: numbers of words from the begin of the machine's data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kilolearn.errors import BuildError
from kilolearn.python_subset.tree import Array, Program

__all__ = ["Place", "initial_bytes", "place_globals"]

_GLOBALS_MAX, _ITEMS_MAX = 128, 255


@dataclass(frozen=True)
class Place:
    """A global variable or array.

    Attributes:
        number: Its first word, from the begin of the data.
        item_size: Bytes of an item.
        items: How many; None for a plain variable.
    """

    number: int
    item_size: int
    items: int | None

    @property
    def end(self) -> int:
        """The number of the first word behind it."""
        items = 1 if self.items is None else self.items
        return self.number + (self.item_size * items + 1) // 2

    def value_in(self, data: bytes) -> int | tuple[int, ...]:
        """The value, out of a copy of the machine's data."""
        size, is_signed = self.item_size, self.item_size == 2
        at = range(
            2 * self.number,
            2 * self.number + size * (1 if self.items is None else self.items),
            size,
        )
        if self.items is None:
            return int.from_bytes(data[at[0] : at[0] + size], "little", signed=is_signed)
        return tuple(int.from_bytes(data[i : i + size], "little", signed=is_signed) for i in at)


def place_globals(program: Program, before: Mapping[str, Place]) -> dict[str, Place]:
    """Give each global a place; those that have one keep it.

    Args:
        program: A checked program.
        before: Places of an earlier program whose globals live on.

    Raises:
        BuildError: More than a machine can address: 128 words of globals, or an array that
            begins beyond them or has more than 255 items.
    """
    places = dict(before)
    end = max((place.end for place in places.values()), default=0)
    wanted: list[tuple[str, int, int | None]]
    wanted = [(variable.name, 2, None) for variable in program.variables]
    wanted += [(array.name, array.item_size, len(array.initial)) for array in program.arrays]
    for name, item_size, items in wanted:
        if name in places and (places[name].item_size, places[name].items) == (item_size, items):
            continue
        if end >= _GLOBALS_MAX:
            raise BuildError(
                f"{program.path}: {name} would begin {2 * end} bytes behind the first global; the "
                f"machine reaches {2 * _GLOBALS_MAX}: make arrays smaller, or define them last"
            )
        if (items or 1) > _ITEMS_MAX:
            raise BuildError(
                f"{program.path}: {name} has {items} items; the machine counts to {_ITEMS_MAX}: "
                f"make it shorter, or two of it"
            )
        places[name] = Place(end, item_size, items)
        end = places[name].end
    return places


def initial_bytes(array: Array) -> bytes:
    """The items of an array as they lie in SRAM, little endian."""
    return b"".join(
        (value & (1 << 8 * array.item_size) - 1).to_bytes(array.item_size, "little")
        for value in array.initial
    )
