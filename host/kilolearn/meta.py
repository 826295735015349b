# SPDX-License-Identifier: GPL-3.0-or-later
"""Meta-learning: first weights from which a chip learns a new task in ten samples.

Reptile, on the native twin: draw a task, learn a few samples of it with the chip's own integer
steps, and move the first weights a part of the way to where they ended::

    w <- w + rate * (w' - w)

w is kept in float on the host and rounded stochastically for each task. The weights that are found
go to the chip by WRITE_WEIGHTS; there is nothing to it on the chip's side.

Source: Nichol, Achiam, Schulman, On first-order meta-learning algorithms, arXiv 1803.02999 (2018).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kilolearn.datasets import Dataset
from kilolearn.errors import DatasetError
from kilolearn.learner import Labels, Learner, Samples

__all__ = [
    "PASSES",
    "SEARCH_TASKS",
    "Pairs",
    "Reptile",
    "Task",
    "adapt",
    "compare",
    "digit_families",
    "search",
]

PASSES = 5
"""Over the ten samples of a task."""

SEARCH_TASKS = 3000

SHOTS = 10
TESTS = 100


class Task(NamedTuple):
    """Few samples to learn, more to be tested on."""

    samples: Samples
    labels: Labels
    test_samples: Samples
    test_labels: Labels


class Pairs:
    """A family: two of some classes of a data set, either of them called 0.

    Args:
        samples: (samples, inputs) uint8, quantised.
        labels: (samples,).
        classes: From which a task takes its two.

    Raises:
        DatasetError: Fewer than two classes, or one with too few samples.
    """

    def __init__(self, samples: Samples, labels: Labels, classes: Sequence[int]) -> None:
        self._samples = samples
        self._of = {k: np.flatnonzero(labels == k) for k in classes}
        fewest = min((len(own) for own in self._of.values()), default=0)
        if len(self._of) < 2 or fewest <= SHOTS // 2:
            raise DatasetError(
                f"{len(self._of)} classes with {fewest} samples or more; a task takes 2 with more "
                f"than {SHOTS // 2} each"
            )

    def draw(self, draw: np.random.Generator) -> Task:
        """A task: ten samples to learn in random order, up to fifty of each class to be tested."""
        pair = draw.choice(list(self._of), 2, replace=False).tolist()
        own = [draw.permutation(self._of[k])[: SHOTS // 2 + TESTS // 2] for k in pair]
        few = np.concatenate([indices[: SHOTS // 2] for indices in own])
        rest = [indices[SHOTS // 2 :] for indices in own]
        order = draw.permutation(SHOTS)
        few_labels = np.repeat([0, 1], SHOTS // 2)
        rest_labels = np.repeat([0, 1], [len(indices) for indices in rest])
        asked = self._samples[np.concatenate(rest)]
        return Task(self._samples[few[order]], few_labels[order], asked, rest_labels)


def adapt(learner: Learner, weights: bytes, task: Task, passes: int = PASSES) -> float:
    """Learn a task's few samples from given first weights; percent right on its other ones."""
    learner.write_weights(weights)
    for _ in range(passes):
        learner.train_many(task.samples, task.labels)
    right = learner.infer_many(task.test_samples).predictions == task.test_labels
    return 100.0 * float(np.mean(right))


def digit_families(digits: Dataset) -> tuple[Pairs, Pairs]:
    """Pairs of the digits 0-5 for the search, and of 6-9, which it never sees, for the test."""
    samples = digits.features.astype(np.uint8)
    return Pairs(samples, digits.labels, range(6)), Pairs(samples, digits.labels, range(6, 10))


class Reptile:
    """The search for first weights.

    Args:
        learner: The twin of the firmware that will adapt, 8-bit weights.
        seed: Of tasks, rounding and the weights that it starts from.

    Attributes:
        weights: Of now, (weights,) float64.
    """

    def __init__(self, learner: Learner, seed: int) -> None:
        self._learner = learner
        self._draw = np.random.default_rng(seed)
        learner.reset(seed & 0xFFFF)
        self.weights = np.frombuffer(learner.read_weights(), np.int8).astype(float)

    def step(self, family: Pairs, rate: float) -> None:
        """Learn one task of a family, and move a part of the way, 0-1, to where that led."""
        start = np.floor(self.weights + self._draw.random(self.weights.shape))
        adapt(self._learner, _bytes(start), family.draw(self._draw))
        after = np.frombuffer(self._learner.read_weights(), np.int8)
        self.weights += rate * (after - start)

    def found(self) -> bytes:
        """The first weights, rounded, as WRITE_WEIGHTS takes them."""
        return _bytes(np.rint(self.weights))


def search(learner: Learner, family: Pairs, tasks: int, seed: int) -> bytes:
    """First weights by Reptile over so many tasks; the rate falls from 0.2 to 0."""
    reptile = Reptile(learner, seed)
    for number in range(tasks):
        reptile.step(family, 0.2 * (1 - number / tasks))
    return reptile.found()


def compare(
    learner: Learner, weights: bytes, family: Pairs, tasks: int, seed: int
) -> tuple[list[float], list[float]]:
    """Percent right after ten samples of each task: from given weights, and from random ones.

    Args:
        learner: A link or a twin.
        weights: What `search` found.
        family: Of tasks that the search has not seen.
        tasks: How many.
        seed: Of the tasks and of the random weights.
    """
    draw = np.random.default_rng(seed)
    ours, random = [], []
    for number in range(tasks):
        task = family.draw(draw)
        learner.reset(seed + number & 0xFFFF)
        fresh = learner.read_weights()
        random.append(adapt(learner, fresh, task))
        ours.append(adapt(learner, weights, task))
    return ours, random


def _bytes(weights: NDArray[np.float64]) -> bytes:
    return np.clip(weights, -127, 127).astype(np.int8).tobytes()
