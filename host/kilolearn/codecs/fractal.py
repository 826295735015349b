# SPDX-License-Identifier: GPL-3.0-or-later
"""Fractal weights: one small block that is applied to the image, and then to its own output.

The image is four quarters of 16 pixels; the block has 8 rows of 16 weights and a bias.

::

    level 0      part[p] = rectify(block . quarter[p])                       p = 0..3, (8,) each
    level l      part[p] = rectify(block . (part[p], part[(p + 1) mod 4]))
    last level   sum[8 p + c] = row c of block . (part[p], part[(p + 1) mod 4])

    rectify(s) = floor(s / 2^shift), held in 0..31; the bias sees 16

A layer of 64 inputs and 32 rows. Every weight stands in all places and at all levels. Bytes: the
block (8, 17), int8, a row's bias last.

Source: weights tied over depth after Liang, Hu, Recurrent convolutional neural network for object
recognition, CVPR 2015.
"""

from __future__ import annotations

import numpy as np

from kilolearn.codecs.codec import Codec, Floats, Integers, Parameters, rounded

__all__ = ["Fractal"]

CHANNELS, WIDTH, QUARTERS = 8, 16, 4
_ONE = 16
_CEILING = 31
_SPREAD = 14.0
# The 16 pixels of each quarter of an image of 8 x 8, row by row.
_QUARTER = np.arange(64).reshape(2, 4, 2, 4).transpose(0, 2, 1, 3).reshape(QUARTERS, WIDTH)


class Fractal(Codec):
    """Parameters: the block (8, 17).

    Args:
        levels: How often it is applied, 2 or more.
        shift: See above.
    """

    name = "fractal"

    def __init__(self, levels: int, shift: int) -> None:
        super().__init__(CHANNELS * QUARTERS, WIDTH * QUARTERS)
        self.levels = levels
        self.shift = shift

    @property
    def constants(self) -> dict[str, int]:
        """See `Codec`."""
        return {"FRACTAL_LEVELS": self.levels, "FRACTAL_SHIFT": self.shift}

    def start(self, random: np.random.Generator) -> Parameters:
        """See `Codec`."""
        return [random.normal(0, _SPREAD, (CHANNELS, WIDTH + 1))]

    def forward(self, parameters: Parameters, inputs: Floats) -> Floats:
        """See `Codec`."""
        return self._climb(rounded(parameters[0], 127), inputs)[-1]

    def backward(
        self, parameters: Parameters, inputs: Floats, slope: Floats
    ) -> tuple[Parameters, Floats]:
        """See `Codec`."""
        block = rounded(parameters[0], 127)
        sums = self._climb(block, inputs)
        total = np.zeros_like(block)
        delta = slope.reshape(-1, QUARTERS, CHANNELS)
        for level in range(self.levels - 1, 0, -1):
            below = sums[level - 1]
            total += np.einsum("npc,npi->ci", delta, _with_bias(_pairs(self._rectify(below))))
            seen = delta @ block[:, :-1]
            seen = seen[..., :CHANNELS] + np.roll(seen[..., CHANNELS:], 1, axis=1)
            scaled = below / 2.0**self.shift
            passes = (scaled > 0) & (scaled < _CEILING)
            delta = seen * passes.reshape(seen.shape) / 2.0**self.shift
        total += np.einsum("npc,npi->ci", delta, _with_bias(inputs[:, _QUARTER]))
        image = np.zeros_like(inputs)
        image[:, _QUARTER] = delta @ block[:, :-1]
        return [total], image

    def encode(self, parameters: Parameters) -> bytes:
        """See `Codec`."""
        return rounded(parameters[0], 127).astype(np.int8).tobytes()

    def sums(self, encoded: bytes, inputs: Integers) -> Integers:
        """See `Codec`."""
        block = np.frombuffer(encoded, np.int8).astype(float).reshape(CHANNELS, WIDTH + 1)
        return self._climb(block, inputs.astype(float))[-1].astype(np.int64)

    def sum_max(self, encoded: bytes, input_max: int) -> int:
        """See `Codec`."""
        block = np.abs(np.frombuffer(encoded, np.int8).astype(np.int64).reshape(CHANNELS, -1))
        largest = block[:, :-1].sum(axis=1) * max(input_max, _CEILING) + block[:, -1] * _ONE
        return int(largest.max())

    def _climb(self, block: Floats, inputs: Floats) -> list[Floats]:
        """The sums (samples, 32) of each level."""
        sums = [(_with_bias(inputs[:, _QUARTER]) @ block.T).reshape(len(inputs), -1)]
        while len(sums) < self.levels:
            seen = _with_bias(_pairs(self._rectify(sums[-1])))
            sums.append((seen @ block.T).reshape(len(inputs), -1))
        return sums

    def _rectify(self, sums: Floats) -> Floats:
        return np.clip(np.floor(sums / 2.0**self.shift), 0, _CEILING)


def _pairs(parts: Floats) -> Floats:
    """Each part (samples, 32) beside the next one: (samples, 4, 16)."""
    by_place = parts.reshape(-1, QUARTERS, CHANNELS)
    return np.concatenate([by_place, np.roll(by_place, -1, axis=1)], axis=2)


def _with_bias(seen: Floats) -> Floats:
    return np.pad(seen, ((0, 0), (0, 0), (0, 1)), constant_values=_ONE)
