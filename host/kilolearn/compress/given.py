# SPDX-License-Identifier: GPL-3.0-or-later
"""A given model on levels: what a compressed one starts from, or learns from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kilolearn.classifier.table import Table
from kilolearn.compress.model import Branch, Fork, Model, Network, Trees
from kilolearn.export.layers import fold_levels
from kilolearn.export.levels import Levels
from kilolearn.export.tree import Decision, Node, class_of
from kilolearn.nets.net import Dense, Net
from kilolearn.nets.teacher import shares
from kilolearn.quantise import InputScale

__all__ = ["Given"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Given:
    """A model whose inputs are levels.

    Attributes:
        body: Layers that take levels, or trees in the units of the data.
        levels: What levels stand for.
    """

    body: Net | Trees
    levels: Levels

    @classmethod
    def of(cls, model: Model, scale: InputScale) -> Given:
        """Fold a scale into a model."""
        levels = Levels.of(model.body.width, scale)
        if isinstance(model.body, Trees):
            return cls(model.body, levels)
        *hidden, last = _on_levels(model.body, levels)
        layers = [Dense(weight, bias, relu=True) for weight, bias in hidden]
        return cls(Net((*layers, Dense(*last, relu=False)), levels.input_max), levels)

    def calibrated(self, table: Table) -> Given:
        """The same answers with scores that softmax makes fitting probabilities of.

        Scores of a support vector machine have any scale. Of the powers of two that bring the mean
        log loss on the table within 0.01 nats of the best, the one nearest to 1 is taken.

        Source: Guo et al., On calibration of modern neural networks, ICML 2017 (temperature).
        """
        if isinstance(self.body, Trees):
            return self
        scaled = {power: self._scaled(2.0**power) for power in range(-8, 9)}
        losses = {power: _log_loss(given.shares(table), table) for power, given in scaled.items()}
        good = [power for power, loss in losses.items() if loss <= min(losses.values()) + 0.01]
        return scaled[min(good, key=abs)]

    def _scaled(self, factor: float) -> Given:
        assert isinstance(self.body, Net)
        *hidden, last = self.body.layers
        last = Dense(last.weight * factor, last.bias * factor, relu=False)
        return Given(Net((*hidden, last), self.body.level_max), self.levels)

    @property
    def nodes(self) -> tuple[Node, ...]:
        """Its trees as comparisons of levels; a leaf answers the class with the largest share."""
        if isinstance(self.body, Net):
            return ()
        return tuple(_node(tree, self.levels) for tree in self.body.trees)

    def shares(self, table: Table) -> Floats:
        """How sure it is of each class, (samples, classes)."""
        if isinstance(self.body, Net):
            return shares(self.body, table)
        sums = self.body.shares(self.levels.values(table.levels))
        return np.asarray(sums / sums.sum(axis=1, keepdims=True))

    def answers(self, table: Table) -> NDArray[np.int64]:
        """Classes (samples,)."""
        return np.asarray(self.shares(table).argmax(axis=1), np.int64)


def _log_loss(shares: Floats, table: Table) -> float:
    told = shares[np.arange(len(table.labels)), table.labels]
    return float(-np.log(np.maximum(told, 1e-12)).mean())


def _on_levels(body: Network, levels: Levels) -> list[tuple[Floats, Floats]]:
    first, *others = body.layers
    return [fold_levels(*first, levels), *others]


def _node(branch: Branch, levels: Levels) -> Node:
    """As `kilolearn.export.tree.prune`: without the decisions that decide nothing."""
    if not isinstance(branch, Fork):
        return class_of(branch)
    cut = levels.cut(branch.feature, branch.threshold)
    if cut == 0:
        return _node(branch.above, levels)
    if cut > levels.input_max:
        return _node(branch.below, levels)
    below, above = _node(branch.below, levels), _node(branch.above, levels)
    return below if below == above else Decision(branch.feature, cut, below, above)
