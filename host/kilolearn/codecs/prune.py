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

__all__ = ["Movement", "Sparse"]

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
        importance = self.importance(parameters)
        stays = importance >= np.quantile(importance, 1 - self.kept)
        return np.where(stays, super().weights(parameters), 0.0)

    def importance(self, parameters: Parameters) -> Floats:
        """What decides on which weights stay (rows, inputs): their size."""
        return np.abs(parameters[0])

    def pack(self, weights: Integers) -> bytes:
        """See `Levels`."""
        return b"".join(_row(row) for row in weights)

    def rows_apart(self, encoded: bytes) -> list[bytes]:
        """See `MatrixCodec`; a row begins with how many bytes follow."""
        rows, at = [], 0
        while at < len(encoded):
            behind = at + 1 + encoded[at]
            rows.append(encoded[at:behind])
            at = behind
        return rows

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


class Movement(Sparse):
    """Sparse weights, kept by where they move and not by their size.

    Parameters: the matrix and an importance (rows, inputs), whose slope is weight * slope: it
    grows by the sum of -weight * slope, for weights that leave 0.

    Source: Sanh, Wolf, Rush, Movement pruning, NeurIPS 2020.
    """

    def like(self, weights: Floats) -> Parameters:
        """See `MatrixCodec`; what is large is important at first."""
        return [weights.copy(), np.abs(weights)]

    def start(self, random: np.random.Generator) -> Parameters:
        """See `Codec`."""
        return self.like(*super().start(random))

    def importance(self, parameters: Parameters) -> Floats:
        """See `Sparse`."""
        return parameters[1]

    def pull_back(self, parameters: Parameters, slope: Floats) -> Parameters:
        """Straight through the choice, too: weights that are left out go on learning."""
        return [*super().pull_back(parameters[:1], slope), slope * parameters[0]]


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
