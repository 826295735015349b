# SPDX-License-Identifier: GPL-3.0-or-later
"""Linear models and multi-layer perceptrons in 8- or 16-bit weights and 16-bit sums.

::

    sum[o] = (bias[o] + sum over i of weight[o][i] * input[i]) / 2^fraction, floored    int16
    out[o] = sum[o] / 2^shift, floored, held in 0..CEILING                uint8, hidden layers

Weights of 8 bits have no fraction, those of 16 have one of 8 bits, which sums keep to their end.
Biases are raised so that the floors round: a hidden output to the nearest, and a single score of
at least 1 says that it was positive before the floor.

A hidden unit may be scaled at will, since ``relu(s * x) = s * relu(x)`` for s > 0 and the next
layer takes 1 / s into its weights: each unit gets the largest scale with which no weight leaves
its bits, no final sum leaves int16 whatever the input, and no output on the given samples CEILING.
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

__all__ = ["CEILING", "WEIGHT_BITS", "Layer", "fold_levels", "quantise_layers"]

CEILING = 127
"""Of a hidden layer's outputs."""

WEIGHT_BITS = (8, 16)

_GROUP_MAX = {8: 11, 16: 6}
"""FLASH_GROUP_MAX and FLASH_GROUP16_MAX of avr/net/flash_layer*.h."""

INT8_MAX, INT16_MAX = 127, 32767
WEIGHT_MIN = 4
"""The largest weight of a layer is at least this, or it says too little."""

_SHIFT = 7
_SUM_CEILING = ((CEILING + 1) << _SHIFT) - 1  # 2^14 - 1: rectify saturates beyond, to 2^15 - 1

Floats = NDArray[np.float64]
Affine = tuple[Floats, Floats]
"""Weights (outputs, inputs) and biases (outputs,) in real numbers."""


@dataclass(frozen=True)
class Layer:
    """One layer as it lies in flash.

    Attributes:
        weight: (outputs, inputs) int64, in `weight_bits`.
        bias: (outputs,) int64, in 8 bits more.
        shift: Of a hidden layer's outputs; 0 for the last layer's scores.
        weight_bits: Of `WEIGHT_BITS`.
    """

    weight: NDArray[np.int64]
    bias: NDArray[np.int64]
    shift: int
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
        """What the chip computes, in exact integers: (samples, inputs) to (samples, outputs)."""
        sums = (inputs @ self.weight.T + self.bias) >> self.fraction
        return np.clip(sums >> self.shift, 0, CEILING) if self.shift else sums


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
        samples: (samples, width) levels that hidden layers are scaled to; a single layer needs
            none.
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
    unit = np.ones(len(highest))  # what a real 1 at the inputs is in integers
    outputs = samples.astype(np.int64)
    for weight, bias in layers[:-1]:
        weight = weight / unit
        seen = np.maximum((outputs @ weight.T + bias).max(axis=0), 1e-9)
        scale = _SUM_CEILING / seen
        scale, layer = _rounded(weight, bias, highest, scale, _SHIFT, weight_bits)
        made.append(layer)
        outputs = layer.apply(outputs)
        highest = np.full(layer.outputs, float(CEILING))
        unit = scale / 2**_SHIFT
    weight, bias = layers[-1]
    weight = weight / unit
    if len(weight) > 1:
        weight = weight - (weight.max(axis=0) + weight.min(axis=0)) / 2
        bias = bias - (bias.max() + bias.min()) / 2
    no_ceiling = np.full(len(bias), np.inf)
    made.append(_rounded(weight, bias, highest, no_ceiling, 0, weight_bits)[1])
    return made


def _rounded(
    weight: Floats, bias: Floats, highest: Floats, scale: Floats, shift: int, weight_bits: int
) -> tuple[Floats, Layer]:
    """Round at the largest scale, at most `scale` (outputs,), that weights and sums allow.

    Returns:
        The scale, one for all outputs of a last layer (shift 0), and the layer.
    """
    tiny = 1e-30  # for rows of zeros
    one = 2.0 ** (weight_bits - 8)
    scale = np.minimum(scale, INT8_MAX / np.maximum(np.abs(weight).max(axis=1), tiny))
    scale = np.minimum(scale, INT16_MAX / np.maximum(_worst_sums(weight, bias, highest), tiny))
    if shift == 0:
        scale = np.full_like(scale, scale.min())
    raised = one * 2.0 ** (shift - 1) if shift else one - 1
    while True:
        weights = np.rint(weight * (one * scale)[:, None])
        biases = np.rint(bias * (one * scale) + raised)
        too_large = _worst_sums(weights, biases, highest) > one * INT16_MAX
        if not too_large.any():
            break
        scale = np.where(too_large.any() if shift == 0 else too_large, 0.99 * scale, scale)
    if np.abs(weight).max() > 0 and np.abs(weights).max() < WEIGHT_MIN * one:
        raise ExportError(
            f"sums over {len(highest)} inputs of up to {highest[0]:.0f} leave the weights less "
            f"than {WEIGHT_MIN} levels in 16 bits; expected fewer inputs or levels: give a scale "
            f"with a smaller input_max"
        )
    return scale, Layer(weights.astype(np.int64), biases.astype(np.int64), shift, weight_bits)


def _worst_sums(weight: Floats, bias: Floats, highest: Floats) -> Floats:
    """The largest magnitude that each final sum can have with inputs 0..highest."""
    above = bias + np.maximum(weight, 0) @ highest
    below = bias + np.minimum(weight, 0) @ highest
    return np.asarray(np.maximum(np.abs(above), np.abs(below)))


def _low_bytes(numbers: NDArray[np.int64], count: int) -> bytes:
    """Of each number the lowest bytes, low first."""
    low_first = np.ascontiguousarray(numbers, "<i8").view(np.uint8).reshape(-1, 8)
    return low_first[:, :count].tobytes()
