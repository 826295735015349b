# SPDX-License-Identifier: GPL-3.0-or-later
"""Shared weights: a codebook of four int8 values a layer, and two bits a weight that point into it.

The layer's bytes are the codebook (4,) and then a row after the other, four weights a byte, the
first in the lowest bits; a multiple of four inputs. The codebook starts as k-means finds it and
goes down the sum of the slopes of all weights that share an entry, while a weight's own parameter
decides which entry it points to.

Source: Han, Mao, Dally, Deep Compression, ICLR 2016.
"""

from __future__ import annotations

import numpy as np

from kilolearn.codecs.codec import Floats, Integers, MatrixCodec, Parameters, rounded

__all__ = ["Shared"]

ENTRIES = 4
LARGEST = 31  # 64 of them times 16, or 32 times 31, and a bias fit 16 bits
_SPREAD = 5.0
_LLOYD_STEPS = 20


class Shared(MatrixCodec):
    """Parameters: a matrix (rows, inputs) that chooses, and the codebook (4,)."""

    name = "shared"
    inputs_multiple = 4

    def start(self, random: np.random.Generator) -> Parameters:
        """See `Codec`."""
        return self.like(random.normal(0, _SPREAD, (self.rows, self.inputs)))

    def like(self, weights: Floats) -> Parameters:
        """See `MatrixCodec`; the codebook is that of k-means."""
        book = np.quantile(weights, (np.arange(ENTRIES) + 0.5) / ENTRIES)
        for _ in range(_LLOYD_STEPS):
            nearest = _nearest(weights, book)
            members = [weights[nearest == entry] for entry in range(ENTRIES)]
            means = [
                part.mean() if part.size else old for part, old in zip(members, book, strict=True)
            ]
            book = np.array(means)
        return [weights.copy(), book]

    def weights(self, parameters: Parameters) -> Floats:
        """See `MatrixCodec`."""
        chooser, book = parameters
        return rounded(book, LARGEST)[_nearest(chooser, book)]

    def pull_back(self, parameters: Parameters, slope: Floats) -> Parameters:
        """See `MatrixCodec`."""
        nearest = _nearest(*parameters)
        total = np.zeros(ENTRIES)
        np.add.at(total, nearest, slope)
        return [slope, total]

    def encode(self, parameters: Parameters) -> bytes:
        """See `Codec`."""
        return self.pack(rounded(parameters[1], LARGEST).astype(np.int64), _nearest(*parameters))

    def pack(self, book: Integers, index: Integers) -> bytes:
        """A codebook (4,) and what points into it, (rows, inputs) of 0..3, without loss."""
        packed: Integers = index.reshape(-1, 4) @ np.array([1, 4, 16, 64])
        return book.astype(np.int8).tobytes() + packed.astype(np.uint8).tobytes()

    def decode(self, encoded: bytes) -> Integers:
        """See `MatrixCodec`."""
        book = np.frombuffer(encoded[:ENTRIES], np.int8).astype(np.int64)
        packed = np.frombuffer(encoded[ENTRIES:], np.uint8)
        index = packed[:, np.newaxis] >> np.array([0, 2, 4, 6], np.uint8) & 3
        weights: Integers = book[index.reshape(self.rows, self.inputs)]
        return weights


def _nearest(chooser: Floats, book: Floats) -> Integers:
    nearest: Integers = np.abs(chooser[..., np.newaxis] - book).argmin(axis=-1)
    return nearest
