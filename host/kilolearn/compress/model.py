# SPDX-License-Identifier: GPL-3.0-or-later
"""A model as it was given: real numbers, in the units of the data, not yet fit for a chip."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kilolearn.errors import ModelError
from kilolearn.export.layers import Affine

__all__ = ["Branch", "Fork", "Model", "Network", "Trees"]

Floats = NDArray[np.float64]

WIDTH_MAX, CLASSES_MAX = 255, 255
PARAMETERS_MAX = 1 << 22
"""Of a network: more than a teacher for such chips needs, and it cannot fill a PC's memory."""


@dataclass(frozen=True)
class Network:
    """Dense layers with rectifiers between them; the highest score is the class.

    Attributes:
        layers: Weights (outputs, inputs) and biases (outputs,) of each. One last output stands
            for two classes: above 0 it is class 1.
    """

    layers: tuple[Affine, ...]

    @property
    def width(self) -> int:
        """Features that it takes."""
        return int(self.layers[0][0].shape[1])

    @property
    def classes(self) -> int:
        """Answers that it gives."""
        return max(2, len(self.layers[-1][1]))

    @property
    def hidden(self) -> tuple[int, ...]:
        """Units of each hidden layer."""
        return tuple(len(bias) for _, bias in self.layers[:-1])

    def answers(self, features: Floats) -> NDArray[np.int64]:
        """Classes (samples,) of features (samples, width)."""
        values = features
        for weight, bias in self.layers[:-1]:
            values = np.maximum(values @ weight.T + bias, 0.0)
        weight, bias = self.layers[-1]
        scores = values @ weight.T + bias
        if scores.shape[1] == 1:
            return (scores[:, 0] > 0).astype(np.int64)
        return np.asarray(scores.argmax(axis=1), np.int64)


@dataclass(frozen=True)
class Fork:
    """Goes to `below` when the feature is at most the threshold, else to `above`."""

    feature: int
    threshold: float
    below: Branch
    above: Branch


Branch = Fork | tuple[float, ...]
"""A fork, or the shares of the classes in a leaf."""


@dataclass(frozen=True)
class Trees:
    """One decision tree or a forest: shares of the classes are added up, the highest is the class.

    Attributes:
        trees: Their leaves have one share a class.
        width: Features that they take.
        classes: Answers that they give.
    """

    trees: tuple[Branch, ...]
    width: int
    classes: int

    def shares(self, features: Floats) -> Floats:
        """Sums (samples, classes) over the trees, for features (samples, width) as float32."""
        values = features.astype(np.float32).astype(np.float64)
        shares = np.zeros((len(values), self.classes))
        for tree in self.trees:
            _add_shares(tree, values, np.arange(len(values)), shares)
        return shares

    def answers(self, features: Floats) -> NDArray[np.int64]:
        """Classes (samples,) of features (samples, width)."""
        return np.asarray(self.shares(features).argmax(axis=1), np.int64)


def _add_shares(branch: Branch, values: Floats, rows: NDArray[np.int64], shares: Floats) -> None:
    if not isinstance(branch, Fork):
        shares[rows] += branch
        return
    below = values[rows, branch.feature] <= branch.threshold
    _add_shares(branch.below, values, rows[below], shares)
    _add_shares(branch.above, values, rows[~below], shares)


@dataclass(frozen=True)
class Model:
    """What a loader gives.

    Attributes:
        body: Layers or trees.
        about: What it was, for reports.
        labels: The classes' names in the order of its answers; None when it has none.
        refit: Fits the same kind anew on features and labels; None where the file says only what
            was learned, not how.
    """

    body: Network | Trees
    about: str
    labels: tuple[str, ...] | None = None
    refit: Callable[[Floats, NDArray[np.int64]], Model] | None = None

    def __post_init__(self) -> None:
        if isinstance(self.body, Network):
            _check_layers(self.about, self.body)
        for what, found, most in (
            ("features", self.body.width, WIDTH_MAX),
            ("classes", self.body.classes, CLASSES_MAX),
        ):
            if not 1 <= found <= most:
                raise ModelError(
                    f"{self.about} has {found} {what}; expected 1..{most}: a chip counts them in "
                    f"a byte"
                )


def _check_layers(about: str, body: Network) -> None:
    inputs = body.width
    for number, (weight, bias) in enumerate(body.layers):
        if weight.ndim != 2 or bias.shape != (len(weight),) or weight.shape[1] != inputs:
            raise ModelError(
                f"{about}: layer {number} has weights {weight.shape} and biases {bias.shape}; "
                f"expected ({len(weight)}, {inputs}) and ({len(weight)},)"
            )
        if not (np.isfinite(weight).all() and np.isfinite(bias).all()):
            raise ModelError(
                f"{about}: layer {number} has a weight that is NaN or infinite; expected finite "
                f"numbers: fit it again"
            )
        inputs = len(weight)
    count = sum(weight.size for weight, _ in body.layers)
    if count > PARAMETERS_MAX:
        raise ModelError(
            f"{about} has {count:,} weights; expected at most {PARAMETERS_MAX:,}: distil it into "
            f"a smaller one first"
        )
