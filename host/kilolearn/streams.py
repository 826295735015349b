# SPDX-License-Identifier: GPL-3.0-or-later
"""Streams: samples in an order that matters, and unseen ones that say what was learnt.

Generated ones live in the unit square, with two classes; the labels to learn from are partly wrong,
those to test on are right:

======== ======================================================================
boxes    class 1 is inside either of two boxes with sides along the axes
xor      class 1 is above 1/2 in exactly one of the two: no single stump knows more than chance
drift    class 1 is x > 1/2, and from the middle of the stream on y > 1/2
======== ======================================================================

From a data set comes a stream once through its training part, shuffled, or class after class.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kilolearn import datasets
from kilolearn.errors import DatasetError
from kilolearn.quantise import QuantisedSplit

__all__ = ["CONCEPTS", "Stream", "class_after_class", "generate", "once_through"]

Floats = NDArray[np.float64]
Classes = NDArray[np.int64]


@dataclass(frozen=True)
class Stream:
    """What a learner is told, in order, and what it is asked at the end.

    Attributes:
        samples, test_samples: (samples, width) uint8.
        labels, test_labels: (samples,) int64.
    """

    samples: NDArray[np.uint8]
    labels: Classes
    test_samples: NDArray[np.uint8]
    test_labels: Classes


def generate(
    concept: str, seed: int, input_max: int, samples: int = 2000, noise: float = 0.05
) -> Stream:
    """Draw a stream; the 1000 test samples follow what it teaches at its end.

    Args:
        concept: One of `CONCEPTS`.
        seed: Of the boxes, the points and the wrong labels.
        input_max: Highest level of the learner, 1-255.
        samples: To learn from.
        noise: Share of them with the other label, 0-1.

    Raises:
        DatasetError: An unknown concept, or no samples.
    """
    if concept not in CONCEPTS:
        raise DatasetError(f"no concept {concept!r}; expected {', '.join(CONCEPTS)}")
    if samples < 1:
        raise DatasetError(f"{samples} samples to learn from; expected at least one")
    draw = np.random.default_rng(seed)
    points, unseen = draw.random((samples, 2)), draw.random((1000, 2))
    inside = CONCEPTS[concept](draw)
    labels = inside(points, np.arange(samples) / samples)
    wrong = draw.random(samples) < noise
    return Stream(
        _levels(points, input_max),
        (labels ^ wrong).astype(np.int64),
        _levels(unseen, input_max),
        inside(unseen, np.ones(len(unseen))).astype(np.int64),
    )


def once_through(data: str, seed: int, input_max: int) -> Stream:
    """A data set's training part in random order, and its test part.

    Args:
        data: As for `kilolearn.datasets.load`.
        seed: Of the split and the order.
        input_max: Highest level of the learner, 1-255.
    """
    return _ordered(data, seed, input_max, lambda draw, labels: draw.permutation(len(labels)))


def class_after_class(data: str, seed: int, input_max: int) -> Stream:
    """The same, but all of class 0 come first, then all of class 1, and so on."""
    return _ordered(
        data,
        seed,
        input_max,
        lambda draw, labels: np.lexsort((draw.random(len(labels)), labels)),
    )


def _ordered(
    data: str,
    seed: int,
    input_max: int,
    order_of: Callable[[np.random.Generator, Classes], Classes],
) -> Stream:
    part = QuantisedSplit.of(datasets.split(datasets.load(data), seed), input_max)
    order = order_of(np.random.default_rng(seed), part.train_labels)
    return Stream(
        part.train_samples[order], part.train_labels[order], part.test_samples, part.test_labels
    )


def _levels(points: Floats, input_max: int) -> NDArray[np.uint8]:
    return np.minimum(points * (input_max + 1), input_max).astype(np.uint8)


# Where class 1 is: points (samples, 2), and how much of the stream has passed, (samples,) 0-1.
_Concept = Callable[[Floats, Floats], NDArray[np.bool_]]


def _boxes(draw: np.random.Generator) -> _Concept:
    low = draw.uniform([[0.0, 0.0], [0.5, 0.5]], [[0.2, 0.2], [0.6, 0.6]])
    high = low + draw.uniform(0.3, 0.4, (2, 2))

    def inside(points: Floats, _: Floats) -> NDArray[np.bool_]:
        at = points[:, np.newaxis]
        return np.asarray(np.any(np.all((low <= at) & (at < high), axis=2), axis=1))

    return inside


def _xor(_: np.random.Generator) -> _Concept:
    return lambda points, _: np.asarray((points[:, 0] > 0.5) ^ (points[:, 1] > 0.5))


def _drift(_: np.random.Generator) -> _Concept:
    return lambda points, passed: np.where(passed < 0.5, points[:, 0], points[:, 1]) > 0.5


CONCEPTS: dict[str, Callable[[np.random.Generator], _Concept]] = {
    "boxes": _boxes,
    "xor": _xor,
    "drift": _drift,
}
