# SPDX-License-Identifier: GPL-3.0-or-later
"""Which samples to keep when not all of them fit: an order whose every beginning is a small set.

Sources: Gonzalez, Clustering to minimize the maximum intercluster distance, TCS 38 (1985); Sener,
Savarese, Active learning for convolutional neural networks: a core-set approach, ICLR 2018;
Welling, Herding dynamical weights to learn, ICML 2009.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from kilolearn.learner import Labels, Samples

__all__ = ["SELECTIONS", "Selection"]

Order = NDArray[np.int64]
Selection = Callable[[Samples, Labels, int], Order]
"""Orders samples (samples, width) with labels (samples,), most wanted first; the last argument is a
seed."""


def at_random(samples: Samples, labels: Labels, seed: int) -> Order:  # noqa: ARG001
    """In any order."""
    return np.random.default_rng(seed).permutation(len(samples))


def k_center(samples: Samples, labels: Labels, seed: int) -> Order:  # noqa: ARG001
    """Always the one that is farthest from all that were taken, from the most usual one on."""
    points = samples.astype(np.int64)
    apart = np.square(points - np.rint(points.mean(axis=0)).astype(np.int64)).sum(axis=1)
    order = [int(apart.argmin())]
    apart = np.square(points - points[order[0]]).sum(axis=1)
    while len(order) < len(points):
        apart[order[-1]] = -1  # taken, even where another one is the same
        order.append(int(apart.argmax()))
        apart = np.minimum(apart, np.square(points - points[order[-1]]).sum(axis=1))
    return np.array(order)


def herding(samples: Samples, labels: Labels, seed: int) -> Order:  # noqa: ARG001
    """The classes in turn, and always the sample that keeps the mean of its class best."""
    turns: list[tuple[int, int]] = []
    for kind in np.unique(labels).tolist():
        left = np.flatnonzero(labels == kind).tolist()
        points = {index: samples[index].astype(float) for index in left}
        mean = np.mean(list(points.values()), axis=0)
        total = np.zeros(samples.shape[1])
        for turn in range(1, len(left) + 1):
            candidates = np.array([points[index] for index in left])
            missed = np.square((total + candidates) / turn - mean).sum(axis=1)
            taken = left.pop(int(missed.argmin()))
            total += points[taken]
            turns.append((turn, taken))
    turns.sort(key=lambda entry: entry[0])
    return np.array([index for _, index in turns])


SELECTIONS: dict[str, Selection] = {
    "random": at_random,
    "k_center": k_center,
    "herding": herding,
}
