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

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kilolearn.learner import Labels, Learner, Samples

__all__ = ["Reptile", "Task", "adapt", "shifted_xor"]

INPUT_MAX = 63


class Task(NamedTuple):
    """Few samples to learn, more to be tested on."""

    samples: Samples
    labels: Labels
    test_samples: Samples
    test_labels: Labels


def shifted_xor(draw: np.random.Generator, shots: int = 10, tests: int = 100) -> Task:
    """One of a family: exclusive or of two thresholds, which are elsewhere in each task.

    Its class is (x > a) xor (y > b) xor c, coordinates sent as 0..63, a and b uniform in 20..43, c
    either way. No line parts the classes, and what the corners are called the samples alone tell.

    Args:
        draw: Of the task and its points.
        shots: Points to learn.
        tests: Points to be tested on.
    """
    thresholds = draw.integers(20, 44, 2)
    points = draw.integers(0, INPUT_MAX + 1, (shots + tests, 2)).astype(np.uint8)
    beyond = points > thresholds
    labels = (beyond[:, 0] ^ beyond[:, 1] ^ bool(draw.integers(2))).astype(np.int64)
    return Task(points[:shots], labels[:shots], points[shots:], labels[shots:])


def adapt(learner: Learner, weights: bytes, task: Task, passes: int, shift: int = 0) -> float:
    """Learn a task's few samples from given first weights; percent right on its other ones."""
    learner.write_weights(weights)
    learner.set_rate(shift)
    for _ in range(passes):
        learner.train_many(task.samples, task.labels)
    right = learner.infer_many(task.test_samples).predictions == task.test_labels
    return 100.0 * float(np.mean(right))


class Reptile:
    """The search for first weights.

    Args:
        learner: The twin of the firmware that will adapt, 8-bit weights.
        seed: Of tasks, rounding and the weights that it starts from.
        passes: Over a task's samples.

    Attributes:
        weights: Of now, (weights,) float64.
    """

    def __init__(self, learner: Learner, seed: int, passes: int) -> None:
        self._learner = learner
        self._draw = np.random.default_rng(seed)
        self._passes = passes
        learner.reset(seed & 0xFFFF)
        self.weights = np.frombuffer(learner.read_weights(), np.int8).astype(float)

    def step(self, make_task: Callable[[np.random.Generator], Task], rate: float) -> None:
        """Learn one task, and move towards where that led.

        Args:
            make_task: Draws a task.
            rate: Part of the way, 0-1.
        """
        start = np.floor(self.weights + self._draw.random(self.weights.shape))
        adapt(self._learner, _bytes(start), make_task(self._draw), self._passes)
        after = np.frombuffer(self._learner.read_weights(), np.int8)
        self.weights += rate * (after - start)

    def found(self) -> bytes:
        """The first weights, rounded, as WRITE_WEIGHTS takes them."""
        return _bytes(np.rint(self.weights))


def _bytes(weights: NDArray[np.float64]) -> bytes:
    return np.clip(weights, -127, 127).astype(np.int8).tobytes()
