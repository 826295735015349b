# SPDX-License-Identifier: GPL-3.0-or-later
"""A code tree that no text was asked for: letters by the sounds that they usually are in English.

A letter or not; a vowel or a consonant; a sonorant, a stop or a fricative; front or back, and
where in the mouth. What is no letter: blanks and line ends, marks by their use, digits.

Run as ``python -m kilolearn.charlm.sounds`` to write avr/charlm/tree_sounds_tables.h.
"""

from __future__ import annotations

from kilolearn import firmware
from kilolearn.charlm import tables
from kilolearn.charlm.tree import CodeTree

__all__ = ["SYMBOLS", "build", "main"]

SYMBOLS = "abcdefghijklmnopqrstuvwxyz \r\n^.,-'\"`;:!?()*0123456789~"
"""The symbols of avr/charlm/alphabet.h in their order; ^ is the shift, ~ the escape."""

_VOWELS = ("e", "iy"), ("a", "ou")
_SONORANTS = "nm", ("r", "lw")
_STOPS = "td", ("pb", ("kg", "cq"))
_FRICATIVES = ("s", "zx"), ("h", ("fv", "j"))
_LETTERS = _VOWELS, (_SONORANTS, (_STOPS, _FRICATIVES))
_MARKS = ((".,", (";:", "!?")), (("'\"", "`-"), ("()", "*")))
_DIGITS = ("01", ("2", "34")), (("5", "67"), "89")
_OTHERS = (" ", "\r\n"), (("^", _MARKS), (_DIGITS, "~"))

_LEAF = 128


def build() -> CodeTree:
    """The tree; nodes are numbered as a walk meets them, those of letters first."""
    child: list[list[int]] = []
    above = [0] * len(SYMBOLS)
    node_above: list[int] = []
    depth = 0

    def add(branch: object, where: int, level: int) -> int:
        nonlocal depth
        if isinstance(branch, str) and len(branch) == 1:
            symbol = SYMBOLS.index(branch)
            above[symbol] = where
            depth = max(depth, level)
            return _LEAF + symbol
        assert isinstance(branch, str | tuple)
        assert len(branch) == 2
        node = len(child)
        child.append([0, 0])
        node_above.append(where)
        child[node] = [add(below, node * 2 + bit, level + 1) for bit, below in enumerate(branch)]
        return node

    add((_LETTERS, _OTHERS), 0, 0)
    return CodeTree(child, above, node_above, depth)


def main() -> None:
    """Write the header into avr/charlm."""
    path = firmware.avr_folder() / "charlm" / "tree_sounds_tables.h"
    tables.write_tree(path, build(), "kilolearn.charlm.sounds from no text")


if __name__ == "__main__":
    main()
