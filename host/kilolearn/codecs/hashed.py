# SPDX-License-Identifier: GPL-3.0-or-later
"""Hashed weights: a few int8 buckets that all weights of a layer share by chance.

::

    weight[row][input] = sign * bucket[index]

index and sign are bits of a hash of the weight's place: the state of xorshift16 (fixed/noise.h)
after as many steps from 1 as there are weights up to and with it, row by row. The index is its low
bits, the sign its bit 15. Bytes: the mask of the index, then the buckets, 2^n of them, n at most 8.

Source: Chen et al., Compressing neural networks with the hashing trick, ICML 2015.
"""

from __future__ import annotations

import numpy as np

from kilolearn.codecs.codec import Floats, Integers, MatrixCodec, Parameters, rounded

__all__ = ["Hashed"]

LARGEST = 31  # 64 of them times 16, or 32 times 31, and a bias fit 16 bits
_SPREAD = 5.0


class Hashed(MatrixCodec):
    """Parameters: the buckets (count,).

    Args:
        rows: See `Codec`.
        inputs: See `Codec`.
        buckets: How many, a power of two up to 256.
    """

    name = "hashed"

    def __init__(self, rows: int, inputs: int, buckets: int) -> None:
        super().__init__(rows, inputs)
        self.buckets = buckets
        hashes = np.array(_xorshift16(rows * inputs)).reshape(rows, inputs)
        self._index: Integers = hashes & (buckets - 1)
        self._sign: Integers = 1 - 2 * (hashes >> 15)

    def start(self, random: np.random.Generator) -> Parameters:
        """See `Codec`."""
        return [random.normal(0, _SPREAD, self.buckets)]

    def like(self, weights: Floats) -> Parameters:
        """See `MatrixCodec`; a bucket is the mean of those that share it."""
        count = np.bincount(self._index.ravel(), minlength=self.buckets)
        total = np.bincount(self._index.ravel(), (self._sign * weights).ravel(), self.buckets)
        return [total / np.maximum(count, 1)]

    def weights(self, parameters: Parameters) -> Floats:
        """See `MatrixCodec`."""
        return self._sign * rounded(parameters[0], LARGEST)[self._index]

    def pull_back(self, parameters: Parameters, slope: Floats) -> Parameters:  # noqa: ARG002
        """See `MatrixCodec`."""
        signed = self._sign * slope
        total = np.zeros(self.buckets)
        np.add.at(total, self._index, signed)
        return [total]

    def encode(self, parameters: Parameters) -> bytes:
        """See `Codec`."""
        buckets = rounded(parameters[0], LARGEST).astype(np.int8)
        return bytes([self.buckets - 1]) + buckets.tobytes()

    def decode(self, encoded: bytes) -> Integers:
        """See `MatrixCodec`."""
        return self._sign * np.frombuffer(encoded[1:], np.int8).astype(np.int64)[self._index]


def _xorshift16(count: int) -> list[int]:
    """The states after 1, 2, ... steps from 1."""
    states, state = [], 1
    for _ in range(count):
        state ^= state << 7 & 0xFFFF
        state ^= state >> 9
        state ^= state << 8 & 0xFFFF
        states.append(state)
    return states
