# SPDX-License-Identifier: GPL-3.0-or-later
"""A matrix as the product of a tall and a wide one, with a few numbers in between.

::

    part[m]   = saturate(floor(sum over i of wide[m][i] * input[i] / 2^shift)),   int8
    sum[row]  = sum over m of tall[row][m] * part[m]

The parts are computed once a sample; each row then costs as many products as there are parts. Where
`wide` comes from is the one difference between low rank, where it is stored, and generated weights.
"""

from __future__ import annotations

from abc import abstractmethod

import numpy as np

from kilolearn.codecs.codec import Floats, Integers, MatrixCodec, Parameters, rounded

__all__ = ["Factors"]

_PART_MAX = 127


class Factors(MatrixCodec):
    """Parameters: `tall` (rows, parts), then what `wide` (parts, inputs) is made of.

    Args:
        rows: See `Codec`.
        inputs: See `Codec`.
        parts: The rank.
        shift: See above.
    """

    def __init__(self, rows: int, inputs: int, parts: int, shift: int) -> None:
        super().__init__(rows, inputs)
        self.parts = parts
        self.shift = shift
        self._tall_max = 32767 // (_PART_MAX * parts)  # so that no sum leaves int16

    @abstractmethod
    def wide(self, parameters: Parameters) -> Floats:
        """The second factor (parts, inputs), rounded."""

    @abstractmethod
    def pull_back_wide(self, parameters: Parameters, slope: Floats) -> Floats:
        """The slope of what `wide` is made of, from its own."""

    @abstractmethod
    def decode_wide(self, encoded: bytes) -> Integers:
        """The second factor, from the bytes before the first one's."""

    def start_tall(self, random: np.random.Generator) -> Floats:
        """Fresh parameters of the first factor."""
        return random.normal(0, self._tall_max / 4, (self.rows, self.parts))

    def tall(self, parameters: Parameters) -> Floats:
        """The first factor (rows, parts), rounded."""
        return rounded(parameters[0], self._tall_max)

    def weights(self, parameters: Parameters) -> Floats:
        """The product, without the rounding of the parts."""
        return self.tall(parameters) @ self.wide(parameters) / 2.0**self.shift

    def pull_back(self, parameters: Parameters, slope: Floats) -> Parameters:
        """See `MatrixCodec`."""
        slope = slope / 2.0**self.shift
        wide = self.tall(parameters).T @ slope
        return [slope @ self.wide(parameters).T, self.pull_back_wide(parameters, wide)]

    def decode(self, encoded: bytes) -> Integers:
        """The product, floored; `sums` rounds the parts instead."""
        tall, wide = self._cut(encoded)
        return tall @ wide >> self.shift

    def sums(self, encoded: bytes, inputs: Integers) -> Integers:
        """See `Codec`."""
        tall, wide = self._cut(encoded)
        part = np.clip(inputs @ wide.T >> self.shift, -_PART_MAX, _PART_MAX)
        sums: Integers = part @ tall.T
        return sums

    def sum_max(self, encoded: bytes, input_max: int) -> int:
        """See `Codec`."""
        tall, wide = self._cut(encoded)
        of_parts = int(np.abs(wide).sum(axis=1).max()) * input_max
        return max(of_parts, int(np.abs(tall).sum(axis=1).max()) * _PART_MAX)

    def _cut(self, encoded: bytes) -> tuple[Integers, Integers]:
        at = len(encoded) - self.rows * self.parts
        tall = np.frombuffer(encoded[at:], np.int8).astype(np.int64)
        return tall.reshape(self.rows, self.parts), self.decode_wide(encoded[:at])
