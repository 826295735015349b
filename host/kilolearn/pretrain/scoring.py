# SPDX-License-Identifier: GPL-3.0-or-later
"""What a pretrained model expects of a text, by NumPy alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from kilolearn.pretrain.family import Family
from kilolearn.pretrain.operations import Array, Numpy, Operations
from kilolearn.pretrain.text import Symbols

__all__ = ["bits_a_character", "expectations"]

_BEFORE = 64  # characters that a window begins early: more than a model of 1 KB remembers
_AHEAD = 192  # characters of a window that are predicted
_AT_ONCE = 50  # windows
_SPAN = _BEFORE + _AHEAD


def bits_a_character(
    family: Family,
    real: Mapping[str, Array],
    symbols: Symbols,
    start: int,
    numbers: Operations | None = None,
) -> float:
    """The mean over a text from a place on.

    Args:
        family: The model's formula.
        real: Its numbers.
        symbols: The text, and before `start` what stands before it.
        start: The first symbol that is scored.
        numbers: As the chip rounds when not given.
    """
    bits, done = 0.0, start
    for chances in expectations(family, real, symbols, start, numbers or Numpy()):
        own = symbols[done : done + len(chances)]
        bits -= float(np.log2(chances[np.arange(len(own)), own]).sum())
        done += len(own)
    return bits / (done - start)


def expectations(
    family: Family, real: Mapping[str, Array], symbols: Symbols, start: int, numbers: Operations
) -> Iterator[NDArray[np.float32]]:
    """The probabilities of all symbols at each place from `start` on.

    Yields:
        (places, symbols), in the order of the text, each row adds up to 1.
    """
    padded = np.pad(symbols, (max(0, _BEFORE - start), -(len(symbols) - start) % _AHEAD))
    windows = np.lib.stride_tricks.sliding_window_view(padded[max(0, start - _BEFORE) :], _SPAN)
    windows = windows[::_AHEAD]
    left = len(symbols) - start
    for first in range(0, len(windows), _AT_ONCE):
        text = windows[first : first + _AT_ONCE, :-1]
        logits = family.logits(real, text, numbers)[:, :, _BEFORE - 1 :]
        power = np.exp2(logits - logits.max(0))
        chances = (power / power.sum(0)).reshape(len(power), -1).T
        yield chances[:left]
        left -= len(chances)
