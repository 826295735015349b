# SPDX-License-Identifier: GPL-3.0-or-later
"""A net of dense layers in real numbers: what is compressed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kilolearn.codecs.codec import Floats
from kilolearn.errors import WeightsError

__all__ = ["Dense", "Net"]


@dataclass(frozen=True)
class Dense:
    """One layer: max(weight @ inputs + bias, 0), or without the maximum.

    Attributes:
        weight: (outputs, inputs) float64.
        bias: (outputs,) float64.
        relu: Whether negative outputs become 0.
    """

    weight: Floats
    bias: Floats
    relu: bool


@dataclass(frozen=True)
class Net:
    """Layers; all but the last are rectified, and the last one's outputs are scores.

    A single score is that of class 1, against 0 for class 0.

    Attributes:
        layers: The first takes levels: the model's scales are folded into it.
        level_max: Highest level.

    Raises:
        WeightsError: Layers that do not follow on each other, or a number that is not finite.
    """

    layers: tuple[Dense, ...]
    level_max: int

    def __post_init__(self) -> None:
        """Hold the layers to what is said above."""
        if not self.layers:
            raise WeightsError("the net has no layers; expected one or more")
        inputs = self.width
        for number, layer in enumerate(self.layers, 1):
            if layer.weight.shape != (len(layer.bias), inputs) or not len(layer.bias):
                raise WeightsError(
                    f"layer {number} has weights {layer.weight.shape} and {len(layer.bias)} "
                    f"biases; expected (outputs, {inputs}) and one bias an output"
                )
            if layer.relu != (number < len(self.layers)):
                raise WeightsError(
                    f"layer {number} of {len(self.layers)} has relu={layer.relu}; expected "
                    f"rectifiers between layers and none behind the last"
                )
            if not (np.isfinite(layer.weight).all() and np.isfinite(layer.bias).all()):
                raise WeightsError(
                    f"layer {number} has a weight that is NaN or infinite; expected finite numbers"
                )
            inputs = len(layer.bias)

    @property
    def width(self) -> int:
        """Features in a sample."""
        return int(self.layers[0].weight.shape[1])

    def seen(self, levels: NDArray[np.uint8]) -> list[Floats]:
        """What each layer gets, (samples, its inputs), and at the end the scores."""
        values = [levels.astype(np.float64)]
        for layer in self.layers:
            sums = values[-1] @ layer.weight.T + layer.bias
            values.append(np.maximum(sums, 0) if layer.relu else sums)
        return values

    def scores(self, levels: NDArray[np.uint8]) -> Floats:
        """Scores (samples, classes) of levels (samples, width)."""
        return self.seen(levels)[-1]

    def classify(self, levels: NDArray[np.uint8]) -> NDArray[np.int64]:
        """Classes (samples,): of the highest score, the first of equal ones."""
        scores = self.scores(levels)
        if scores.shape[1] == 1:
            return (scores[:, 0] > 0).astype(np.int64)
        return np.asarray(scores.argmax(axis=1))
