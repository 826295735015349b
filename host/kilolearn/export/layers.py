# SPDX-License-Identifier: GPL-3.0-or-later
"""Linear models and multi-layer perceptrons in 8- or 16-bit weights and 16-bit sums.

::

    sum[o] = (bias[o] + sum over i of weight[o][i] * input[i]) / 2^fraction, floored    int16
    out[o] = sum[o] / 2^SHIFT, floored, held in 0..CEILING     hidden layers of 8-bit weights: uint8
    out[o] = max(sum[o], 0)                                    of 16-bit weights: two bytes

Weights of 8 bits have no fraction, those of 16 have one of 8 bits, which sums keep to their end.
The next layer takes the low and the high byte of a hidden output as two inputs, with weights as
1 : 256. Biases are raised so that the floors round: a hidden output to the nearest, and a single
score of at least 1 says that it was positive before the floor.

A hidden unit may be scaled at will, since ``relu(s * x) = s * relu(x)`` for s > 0 and the next
layer takes 1 / s into its weights: each unit gets the largest scale with which no weight leaves
its bits, no final sum leaves int16 whatever the input, and (8 bits) no output on the given samples
CEILING.
The last layer has one scale for all outputs. A number that is the same for all outputs decides
nothing in an argmax, so the mid-range of each input's weights is taken off first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from kilolearn.errors import ExportError
from kilolearn.export.levels import Levels

__all__ = ["CEILING", "SHIFT", "WEIGHT_BITS", "Layer", "fold_levels", "quantise_layers"]

CEILING, SHIFT = 127, 7
"""Of a hidden layer's outputs, with weights of 8 bits."""

WEIGHT_BITS = (8, 16)

_GROUP_MAX = {8: 11, 16: 6}
"""FLASH_GROUP_MAX and FLASH_GROUP16_MAX of avr/net/flash_layer*.h."""

INT8_MAX, INT16_MAX = 127, 32767
WEIGHT_MIN = 4
"""The largest weight of a layer is at least this, or it says too little."""

_SUM_CEILING = ((CEILING + 1) << SHIFT) - 1  # 2^14 - 1: rectify saturates beyond, to 2^15 - 1
_HANDED_ON = {8: (np.array([1 << SHIFT]), [CEILING]), 16: (np.array([1, 256]), [255, 127])}
"""What a 1 in each byte of a hidden output is in its sum, and the highest of each byte."""
_HALF = {8: 1 << (SHIFT - 1), 16: 1 << 7}
"""Half of what is floored off on the way to a hidden output."""

Floats = NDArray[np.float64]
Affine = tuple[Floats, Floats]
"""Weights (outputs, inputs) and biases (outputs,) in real numbers."""


@dataclass(frozen=True)
class Layer:
    """One layer as it lies in flash.

    Attributes:
        weight: (outputs, inputs) int64, in `weight_bits`.
        bias: (outputs,) int64, in 8 bits more.
        hidden: Its sums are rectified; else they are scores.
        weight_bits: Of `WEIGHT_BITS`.
    """

    weight: NDArray[np.int64]
    bias: NDArray[np.int64]
    hidden: bool
    weight_bits: int

    @property
    def fraction(self) -> int:
        """Bits of a sum that its floor takes off."""
        return self.weight_bits - 8

    @property
    def inputs(self) -> int:
        """Columns of weights."""
        return int(self.weight.shape[1])

    @property
    def outputs(self) -> int:
        """Rows of weights."""
        return len(self.bias)

    @property
    def groups(self) -> int:
        """Passes over the inputs."""
        return ceil(self.outputs / _GROUP_MAX[self.weight_bits])

    @property
    def group(self) -> int:
        """Outputs a pass; the last group is filled up with rows of zeros."""
        return ceil(self.outputs / self.groups)

    def table(self) -> bytes:
        """The table of avr/net/flash_layer*.h: each group's biases, then its weights by input."""
        parts = []
        for first in range(0, self.groups * self.group, self.group):
            rows = slice(first, first + self.group)
            filling = self.group - len(self.bias[rows])
            bias = np.pad(self.bias[rows], (0, filling))
            weight = np.pad(self.weight[rows], ((0, filling), (0, 0))).T
            parts += [_low_bytes(bias, self.weight_bits // 8 + 1)]
            parts += [_low_bytes(weight, self.weight_bits // 8)]
        return b"".join(parts)

    def apply(self, inputs: NDArray[np.int64]) -> NDArray[np.int64]:
        """What the chip computes, in exact integers: (samples, inputs) to the next inputs."""
        sums = (inputs @ self.weight.T + self.bias) >> self.fraction
        if not self.hidden:
            return sums
        if self.weight_bits == 8:
            return np.asarray(np.clip(sums >> SHIFT, 0, CEILING))
        sums = np.maximum(sums, 0)
        low_high = np.stack([sums & 255, sums >> 8], axis=2)
        return np.asarray(low_high.reshape(len(sums), 2 * self.outputs))


def fold_levels(weight: Floats, bias: Floats, levels: Levels) -> Affine:
    """A first layer that takes levels instead of the model's units."""
    return weight * levels.step, bias + weight @ levels.offset


def quantise_layers(
    layers: Sequence[Affine], input_max: int, samples: NDArray[np.uint8], weight_bits: int
) -> list[Layer]:
    """Scale and round.

    Args:
        layers: The first takes levels; between them stand rectifiers.
        input_max: Highest level.
        samples: (samples, width) levels that hidden layers of 8-bit weights are scaled to; others
            need none.
        weight_bits: Of `WEIGHT_BITS`.

    Raises:
        ExportError: A weight that is not finite, or sums that 16 bits do not hold.
    """
    if not all(np.all(np.isfinite(part)) for layer in layers for part in layer):
        raise ExportError(
            "the model has a weight that is NaN or infinite; expected finite numbers: fit it again"
        )
    made = []
    highest = np.full(layers[0][0].shape[1], float(input_max))
    worth = np.ones((len(highest), 1))  # in real numbers, of a 1 in each byte of each input
    values = samples.astype(np.int64)
    for weight, bias in layers[:-1]:
        weight = _of_bytes(weight, worth)
        scale = np.full(len(bias), np.inf)
        if weight_bits == 8:
            scale = _SUM_CEILING / np.maximum((values @ weight.T + bias).max(axis=0), 1e-9)
        scale, layer = _rounded(weight, bias, highest, scale, True, weight_bits)
        made.append(layer)
        values = layer.apply(values)
        unit, byte_max = _HANDED_ON[weight_bits]
        highest = np.tile(byte_max, layer.outputs)
        worth = unit / scale[:, None]
    weight, bias = layers[-1]
    weight = _of_bytes(weight, worth)
    if len(weight) > 1:
        weight = weight - (weight.max(axis=0) + weight.min(axis=0)) / 2
        bias = bias - (bias.max() + bias.min()) / 2
    no_ceiling = np.full(len(bias), np.inf)
    made.append(_rounded(weight, bias, highest, no_ceiling, False, weight_bits)[1])
    return made


def _of_bytes(weight: Floats, worth: Floats) -> Floats:
    """Weights (outputs, inputs) for inputs of several bytes, worth (inputs, bytes)."""
    return np.asarray((weight[:, :, None] * worth).reshape(len(weight), -1))


def _rounded(
    weight: Floats, bias: Floats, highest: Floats, scale: Floats, hidden: bool, weight_bits: int
) -> tuple[Floats, Layer]:
    """Round at the largest scale, at most `scale` (outputs,), that weights and sums allow.

    Returns:
        The scale, one for all outputs of a last layer, and the layer.
    """
    tiny = 1e-30  # for rows of zeros
    one = 2.0 ** (weight_bits - 8)
    scale = np.minimum(scale, INT8_MAX / np.maximum(np.abs(weight).max(axis=1), tiny))
    scale = np.minimum(scale, INT16_MAX / np.maximum(_worst_sums(weight, bias, highest), tiny))
    if not hidden:
        scale = np.full_like(scale, scale.min())
    raised = _HALF[weight_bits] if hidden else one - 1
    while True:
        weights = np.rint(weight * (one * scale)[:, None])
        biases = np.rint(bias * (one * scale) + raised)
        too_large = _worst_sums(weights, biases, highest) > one * INT16_MAX
        if not too_large.any():
            break
        scale = np.where(too_large if hidden else True, 0.99 * scale, scale)
    if np.abs(weight).max() > 0 and np.abs(weights).max() < WEIGHT_MIN * one:
        raise ExportError(
            f"sums over {len(highest)} inputs of up to {highest[0]:.0f} leave the weights less "
            f"than {WEIGHT_MIN} levels in 16 bits; expected fewer inputs or levels: give a scale "
            f"with a smaller input_max"
        )
    return scale, Layer(weights.astype(np.int64), biases.astype(np.int64), hidden, weight_bits)


def _worst_sums(weight: Floats, bias: Floats, highest: Floats) -> Floats:
    """The largest magnitude that each final sum can have with inputs 0..highest."""
    above = bias + np.maximum(weight, 0) @ highest
    below = bias + np.minimum(weight, 0) @ highest
    return np.asarray(np.maximum(np.abs(above), np.abs(below)))


def _low_bytes(numbers: NDArray[np.int64], count: int) -> bytes:
    """Of each number the lowest bytes, low first."""
    low_first = np.ascontiguousarray(numbers, "<i8").view(np.uint8).reshape(-1, 8)
    return low_first[:, :count].tobytes()
