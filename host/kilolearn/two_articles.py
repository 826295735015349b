# SPDX-License-Identifier: GPL-3.0-or-later
"""The character model of avr/kilobyte/two_articles.c, by its formula: what the image must send."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kilolearn.measure_kilobyte import Left
from kilolearn.thimble import every_try, is_thimble_learned

__all__ = ["LETTERS", "count_pairs", "is_text_drawn", "sent_letters", "shift_byte", "successors"]

LETTERS = 27
"""The space, a..z."""

LETTERS_SENT = 300
_ROW = 32
_DRAW_MASK = 63
_ANSWERS = b"0110"


def count_pairs(text: bytes) -> NDArray[np.int64]:
    """How often each letter follows each, (27, 27), in a text between two spaces.

    Args:
        text: Of spaces and a..z.
    """
    letters = np.frombuffer(b" " + text + b" ", np.uint8) & 31
    counts = np.zeros((LETTERS, LETTERS), np.int64)
    np.add.at(counts, (letters[:-1], letters[1:]), 1)
    return counts


def sent_letters(said: bytes) -> NDArray[np.int64]:
    """The letters in what the image said, 0..26, without the four answers before them."""
    return (np.frombuffer(said[len(_ANSWERS) :], np.uint8) & 31).astype(np.int64)


def successors(letters: NDArray[np.int64]) -> NDArray[np.int64]:
    """Pairs drawn, (27, 27)."""
    drawn = np.zeros((LETTERS, LETTERS), np.int64)
    np.add.at(drawn, (letters[:-1], letters[1:]), 1)
    return drawn


def is_text_drawn(left: Left) -> bool:
    """Whether the image learned exclusive or, counted its text right, and drew by the counts.

    The draws are made again here with the generator's state that learning left: every letter sent
    must be the same.
    """
    if not is_thimble_learned(left):
        return False
    counts = count_pairs(left.memory["text"].rstrip(b"\0"))
    held = np.frombuffer(left.memory["count"], np.uint8).reshape(LETTERS, _ROW)
    if np.any(held[:, :LETTERS] != counts) or np.any(held[:, LETTERS:]):
        return False
    return left.said == _ANSWERS + _draw_text(counts, every_try().run(left.seed).state)


def shift_byte(state: int) -> int:
    """The state of the shift register after eight bits; the new byte is its low one.

    Source: a Galois register of 16 bits, taps 0xB400 (x^16 + x^14 + x^13 + x^11 + 1).
    """
    for _ in range(8):
        state = state >> 1 ^ (0xB400 if state & 1 else 0)
    return state


def _draw_text(counts: NDArray[np.int64], state: int) -> bytes:
    ends = np.cumsum(counts, axis=1)
    state |= 1
    letter, said = 0, bytearray()
    for _ in range(LETTERS_SENT):
        said.append(0x60 | letter if letter else ord(" "))
        drawn = _DRAW_MASK
        while drawn >= ends[letter, -1]:
            state = shift_byte(state)
            drawn = state & _DRAW_MASK
        letter = int(np.searchsorted(ends[letter], drawn, side="right"))
    return bytes(said)
