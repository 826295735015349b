# SPDX-License-Identifier: GPL-3.0-or-later
"""Five small tasks for a chip that learns from its sensors, each drawn anew from a seed.

======== ========================================= ==================== =========================
task     a sample                                  its true class       what the learner is told
======== ========================================= ==================== =========================
linear   a point, evenly spread over the square    side of a line       10 % of labels turned over
diagonal a point, as above                         whether y > x        the same
anomaly  a reading of N(128, 10)                   1 for the 5 % that   nothing
                                                   are 40-80 off
rules    a point of 16 x 16                        one of 3 actions by  10 % of labels drawn anew
                                                   its cell of 3 x 3
patches  a point, as for linear                    side of a line, but  10 % of labels turned over
                                                   two cells of 4 x 4
                                                   have the other class
======== ========================================= ==================== =========================

A line has an even direction and goes through a point of the middle half of the square, so that
neither class is rare. The cells of ``rules`` part at 6 and 11 of 16: low, middle, high.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["TASKS", "Stream"]

Samples = NDArray[np.uint8]
Classes = NDArray[np.uint8]

_LABEL_NOISE = 0.1
_TESTS = 200


@dataclass(frozen=True)
class Stream:
    """What one chip gets to see, and what it is judged by.

    Attributes:
        samples: (steps, 2) to learn from, in order; bytes.
        labels: (steps,), as told to the learner.
        truth: (steps,) their true classes.
        test_samples: (tests, 2), fresh; none where the learner is judged while it learns.
        test_truth: (tests,).
        test_labels: (tests,), with the noise of the labels.
    """

    samples: Samples
    labels: Classes
    truth: Classes
    test_samples: Samples
    test_truth: Classes
    test_labels: Classes


def linear(seed: int, steps: int = 100) -> Stream:
    """Points on two sides of any line."""
    draw = np.random.default_rng(seed)
    line = _line(draw)
    return _points(draw, steps, lambda at: _side(line, at))


def diagonal(seed: int, steps: int = 100) -> Stream:
    """Points above and below the diagonal."""
    return _points(np.random.default_rng(seed), steps, lambda at: _side((-1.0, 1.0, 0.0), at))


def patches(seed: int, steps: int = 100) -> Stream:
    """Points on two sides of any line, but for two cells."""
    draw = np.random.default_rng(seed)
    line = _line(draw)
    odd = draw.choice(16, 2, replace=False)

    def classify(at: Samples) -> Classes:
        cell = at >> 6
        middle = (cell << 6) + 32
        is_odd = np.isin(cell[:, 0] + 4 * cell[:, 1], odd)
        return np.where(is_odd, 1 - _side(line, middle), _side(line, at)).astype(np.uint8)

    return _points(draw, steps, classify)


def anomaly(seed: int, steps: int = 500) -> Stream:
    """Readings of one sensor, the first column; the second is 0."""
    draw = np.random.default_rng(seed)
    is_off = draw.random(steps) < 0.05
    shift = draw.uniform(40, 80, steps) * draw.choice([-1, 1], steps)
    reading = np.rint(draw.normal(128, 10, steps) + is_off * shift)
    samples = np.zeros((steps, 2), np.uint8)
    samples[:, 0] = np.clip(reading, 0, 255)
    truth = is_off.astype(np.uint8)
    none = np.empty(0, np.uint8)
    return Stream(samples, truth, truth, none.reshape(0, 2), none, none)


def rules(seed: int, steps: int = 50) -> Stream:
    """Points whose action a random table gives."""
    draw = np.random.default_rng(seed)
    table = draw.integers(0, 3, (3, 3)).astype(np.uint8)

    def some(count: int) -> tuple[Samples, Classes, Classes]:
        point = draw.integers(0, 16, (count, 2))
        level = np.digitize(point, (6, 11))
        truth = table[level[:, 0], level[:, 1]]
        anew = draw.integers(0, 3, count).astype(np.uint8)
        told = np.where(draw.random(count) < _LABEL_NOISE, anew, truth)
        return (point * 16 + 8).astype(np.uint8), truth, told

    samples, truth, labels = some(steps)
    return Stream(samples, labels, truth, *some(_TESTS))


TASKS: dict[str, Callable[[int], Stream]] = {
    "linear": linear,
    "diagonal": diagonal,
    "anomaly": anomaly,
    "rules": rules,
    "patches": patches,
}
"""By name; each takes a seed."""


def _points(
    draw: np.random.Generator, steps: int, classify: Callable[[Samples], Classes]
) -> Stream:
    def some(count: int) -> tuple[Samples, Classes, Classes]:
        samples = draw.integers(0, 256, (count, 2)).astype(np.uint8)
        truth = classify(samples)
        return samples, truth, truth ^ (draw.random(count) < _LABEL_NOISE)

    samples, truth, labels = some(steps)
    return Stream(samples, labels, truth, *some(_TESTS))


def _line(draw: np.random.Generator) -> tuple[float, float, float]:
    angle = draw.uniform(0, 2 * np.pi)
    through = draw.uniform(-0.5, 0.5, 2)
    a, b = float(np.cos(angle)), float(np.sin(angle))
    return a, b, -(a * float(through[0]) + b * float(through[1]))


def _side(line: tuple[float, float, float], at: NDArray[np.integer]) -> Classes:
    """Of points in bytes; the square is -1..1."""
    x, y = ((at.astype(float) + 0.5) / 128 - 1).T
    side: Classes = (line[0] * x + line[1] * y + line[2] >= 0).astype(np.uint8)
    return side
