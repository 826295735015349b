# SPDX-License-Identifier: GPL-3.0-or-later
"""Trains a net in real numbers, from labels or from what a teacher says.

Source: Hinton, Vinyals, Dean, Distilling the knowledge in a neural network, arXiv:1503.02531.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from kilolearn.classifier.table import Table
from kilolearn.codecs.codec import Floats, Integers, MatrixCodec, Parameters
from kilolearn.codecs.fit import FitLayer, arrays_of, descend, one_hot, slopes
from kilolearn.nets.net import Dense, Net

__all__ = ["TrainRecipe", "batches", "targets_of", "train_net"]

BATCH = 128
_SPREAD_MIN = 1 / 16
"""Of a feature, in parts of the range: so that what hardly varies gets no huge weights."""


@dataclass(frozen=True)
class TrainRecipe:
    """How to train.

    Attributes:
        steps: Of Adam, on batches of 128 samples, or all of fewer.
        rate: Of the first step, in standard deviations of the fresh weights.
        decay: Of the sum of all squared weights (L2), for features of about one in size.
    """

    steps: int = 200
    rate: float = 0.1
    decay: float = 0.001


class RealWeights(MatrixCodec):
    """Weights that are not rounded, and never encoded."""

    name = "real"

    def start(self, random: np.random.Generator) -> Parameters:
        """See `Codec`; He et al., Delving deep into rectifiers, ICCV 2015."""
        return [random.normal(0, np.sqrt(2 / self.inputs), (self.rows, self.inputs))]

    def weights(self, parameters: Parameters) -> Floats:
        """See `MatrixCodec`."""
        return parameters[0]

    def pull_back(self, parameters: Parameters, slope: Floats) -> Parameters:  # noqa: ARG002
        """See `MatrixCodec`."""
        return [slope]

    def encode(self, parameters: Parameters) -> bytes:
        """See `Codec`."""
        raise NotImplementedError

    def decode(self, encoded: bytes) -> Integers:
        """See `MatrixCodec`."""
        raise NotImplementedError


class RealLayer(FitLayer):
    """A layer without floors and ceilings."""

    def sums(self, inputs: Floats) -> Floats:
        """See `FitLayer`."""
        return self.codec.forward(self.parameters, inputs) + self.bias

    def rectify(self, sums: Floats) -> Floats:
        """See `FitLayer`."""
        return np.maximum(sums, 0)

    def passes(self, sums: Floats) -> NDArray[np.bool_]:
        """See `FitLayer`."""
        return sums > 0


def train_net(
    hidden: tuple[int, ...],
    table: Table,
    seed: int,
    recipe: TrainRecipe | None = None,
    targets: Floats | None = None,
) -> Net:
    """Train a net from fresh weights.

    Args:
        hidden: Units of each hidden layer; none for a linear model.
        table: Samples and labels.
        seed: Of the first weights and the shuffle.
        recipe: How.
        targets: (samples, classes) shares that a teacher gives; else the labels.
    """
    recipe = recipe or TrainRecipe()
    random = np.random.default_rng(seed)
    levels = table.levels.astype(np.float64)
    middle, spread = levels.mean(axis=0), levels.std(axis=0)
    told = spread > 0
    spread = np.maximum(spread, table.level_max * _SPREAD_MIN)
    widths = [table.width, *hidden, 1 if table.classes == 2 else table.classes]
    layers = []
    for inputs, rows in pairwise(widths):
        codec = RealWeights(rows, inputs)
        layers.append(RealLayer(codec, codec.start(random), np.zeros(rows), np.ones(rows)))
    weights = [layer.parameters[0] for layer in layers]
    units = [unit for weight in weights for unit in (float(weight.std()), 1.0)]

    def downhill(inputs: Floats, told: Floats) -> list[Floats]:
        found = slopes(layers, inputs, told, temperature=1.0)
        for slope, weight in zip(found[::2], weights, strict=True):
            slope += recipe.decay * weight
        return found

    targets = targets_of(table) if targets is None else targets
    draws = batches((levels - middle) / spread, targets, random)
    descend(arrays_of(layers), units, downhill, draws, recipe.steps, recipe.rate)
    made = [Dense(layer.parameters[0], layer.bias, relu=True) for layer in layers]
    last = made.pop()
    made.append(Dense(last.weight, last.bias, relu=False))
    first = np.where(told, made[0].weight, 0) / spread
    made[0] = Dense(first, made[0].bias - first @ middle, made[0].relu)
    return Net(tuple(made), table.level_max)


def targets_of(table: Table) -> Floats:
    """Targets (samples, classes) that are sure of the labels."""
    return one_hot(table.labels, table.classes)


def batches(
    inputs: Floats, targets: Floats, random: np.random.Generator
) -> Iterator[tuple[Floats, Floats]]:
    """Endless batches, shuffled anew each time round; all samples at once when they are few."""
    if len(inputs) <= BATCH:
        while True:
            yield inputs, targets
    while True:
        order = random.permutation(len(inputs))
        for first in range(0, len(order), BATCH):
            chosen = order[first : first + BATCH]
            yield inputs[chosen], targets[chosen]
