# SPDX-License-Identifier: GPL-3.0-or-later
"""Associative recall: which symbol followed this one? A task for attention.

::

    key value key value key value key value key      four pairs, then one of their keys again

Keys are 0-7, all different; values are 8-15; the label is the value behind the key that is asked
for, less 8. The order decides: no weighing of symbols by their places can find the pair.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["CLASSES", "LENGTH", "SYMBOLS", "one_hot", "sequences"]

PAIRS = 4
CLASSES = 8
LENGTH = 2 * PAIRS + 1
SYMBOLS = 2 * CLASSES


def sequences(count: int, draw: np.random.Generator) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Random sequences, (count, 9) uint8, and their labels, (count,) 0-7."""
    keys = np.argsort(draw.random((count, CLASSES)), axis=1)[:, :PAIRS]
    values = draw.integers(0, CLASSES, (count, PAIRS))
    asked = draw.integers(0, PAIRS, count)
    rows = np.arange(count)
    samples = np.empty((count, LENGTH), np.uint8)
    samples[:, 0:-1:2] = keys
    samples[:, 1:-1:2] = values + CLASSES
    samples[:, -1] = keys[rows, asked]
    return samples, values[rows, asked]


def one_hot(samples: NDArray[np.uint8]) -> NDArray[np.float64]:
    """What a linear model may see: (samples, positions * symbols), 1 where a symbol stands."""
    return np.eye(SYMBOLS)[samples].reshape(len(samples), -1)
