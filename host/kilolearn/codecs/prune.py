# SPDX-License-Identifier: GPL-3.0-or-later
"""Sparse weights: only the largest are kept, as a list for each row.

A row is a count and then that many bytes: the low half is how many inputs to skip (0..15), the high
half the weight of the next one (-7..7). A gap of more than 15 goes over an entry whose weight is 0.

Source: Han, Pool, Tran, Dally, Learning both weights and connections, NIPS 2015; here the choice is
made anew at each step, so that a weight may come back.
"""

from __future__ import annotations

import numpy as np

from kilolearn.codecs.codec import Floats, Integers, Parameters
from kilolearn.codecs.levels import Int4

__all__ = ["Sparse"]

_GAP_MAX = 15


class Sparse(Int4):
    """Parameters: one matrix (rows, inputs).

    Args:
        rows: See `Codec`.
        inputs: See `Codec`.
        kept: Share of the weights that stay, 0-1.
    """

    name = "sparse"

    def __init__(self, rows: int, inputs: int, kept: float) -> None:
        super().__init__(rows, inputs)
        self.kept = kept

    def weights(self, parameters: Parameters) -> Floats:
        """See `MatrixCodec`."""
        size = np.abs(parameters[0])
        stays = size >= np.quantile(size, 1 - self.kept)
        return np.where(stays, super().weights(parameters), 0.0)

    def pack(self, weights: Integers) -> bytes:
        """See `Levels`."""
        return b"".join(_row(row) for row in weights)

    def decode(self, encoded: bytes) -> Integers:
        """See `MatrixCodec`."""
        weights = np.zeros((self.rows, self.inputs), np.int64)
        left = iter(encoded)
        for row in weights:
            at = 0
            for _ in range(next(left)):
                entry = next(left)
                at += entry & 15
                row[at] = ((entry >> 4) ^ 8) - 8
                at += 1
        return weights


def _row(weights: Integers) -> bytes:
    entries = bytearray()
    at = 0
    for place in np.flatnonzero(weights):
        while place - at > _GAP_MAX:
            entries.append(_GAP_MAX)
            at += _GAP_MAX + 1
        entries.append(int(place - at) | (int(weights[place]) & 15) << 4)
        at = int(place) + 1
    return bytes([len(entries)]) + bytes(entries)
