# SPDX-License-Identifier: GPL-3.0-or-later
"""One sum of a few features with small whole weights, which tells groups of samples apart.

::

    score = sum over i of weight[i] * level[i]
    group = how many of the thresholds the score has reached

The direction is Fisher's (The Use of Multiple Measurements in Taxonomic Problems, 1936) on the
features that it needs most, found by leaving out one after the other; then it is rounded, and each
weight is changed by one as long as that helps. All is exact: the scores are whole numbers, and the
thresholds the best for them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Direction", "fit_direction"]

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

ROUNDINGS = 8
"""Scales that are tried on the way from real numbers to whole ones."""

ROUNDS_MAX = 20


@dataclass(frozen=True)
class Direction:
    """Fitted whole numbers.

    Attributes:
        weight: (width,) of which few are not 0.
        thresholds: (groups - 1,) in ascending order.
    """

    weight: Integers
    thresholds: Integers

    def scores(self, levels: NDArray[np.uint8]) -> Integers:
        """Scores (samples,) of levels (samples, width)."""
        used = np.flatnonzero(self.weight)
        return levels[:, used].astype(np.int64) @ self.weight[used]

    def groups(self, levels: NDArray[np.uint8]) -> Integers:
        """Groups (samples,)."""
        return np.searchsorted(self.thresholds, self.scores(levels), side="right")


def fit_direction(
    levels: NDArray[np.uint8],
    groups: Integers,
    terms: int,
    weight_max: int,
    ridge: float,
    by: str,
) -> tuple[Direction, int]:
    """Fit.

    Args:
        levels: (samples, width).
        groups: (samples,) 0..; when there are more than two, in the order of the scores.
        terms: Weights that are not 0, at most.
        weight_max: Largest size of a weight.
        ridge: Added to the variance within the groups, as a share of their mean.
        by: What rounding and changing shall better: "errors", how many samples the best thresholds
            send wrong and then the separation, or "separation" alone, the variance of the group
            means as a share of all.

    Returns:
        The direction, and how many samples it sends to a wrong group.
    """
    used = _needed(levels.astype(np.float64), groups, terms, ridge)
    few = levels[:, used].astype(np.int64)
    real = fisher_direction(few.astype(np.float64), groups, ridge)
    largest = float(np.abs(real).max())
    scales = np.linspace(0.6, weight_max + 0.49, ROUNDINGS) / max(largest, 1e-12)
    tried = np.rint(np.outer(scales, real)).clip(-weight_max, weight_max).astype(np.int64)
    tried = tried[np.any(tried != 0, axis=1)]
    if not len(tried):
        tried = np.eye(1, len(used), dtype=np.int64)
    best, quality = _best(few, groups, tried, by)
    steps = np.concatenate([np.eye(len(used), dtype=np.int64), -np.eye(len(used), dtype=np.int64)])
    for _ in range(ROUNDS_MAX):
        moved = best + steps
        moved = moved[np.any(moved != 0, axis=1) & (np.abs(moved).max(axis=1) <= weight_max)]
        if not len(moved):
            break
        found, its_quality = _best(few, groups, moved, by)
        if its_quality <= quality:
            break
        best, quality = found, its_quality
    thresholds, right = best_thresholds(few @ best, groups)
    weight = np.zeros(levels.shape[1], np.int64)
    weight[used] = best
    return Direction(weight, thresholds), len(groups) - right


def fisher_direction(samples: Floats, groups: Integers, ridge: float) -> Floats:
    """The direction (width,) in which group means differ most for the variance within groups."""
    names = np.unique(groups)
    means = np.stack([samples[groups == name].mean(axis=0) for name in names])
    inside = samples - means[np.searchsorted(names, groups)]
    within = inside.T @ inside / len(samples)
    within[np.diag_indices_from(within)] += ridge * max(float(np.trace(within)), 1e-9) / len(within)
    if len(names) == 1:
        return np.ones(samples.shape[1])
    if len(names) == 2:
        between = (means[1] - means[0])[:, None]
    else:
        share = np.sqrt(np.array([np.mean(groups == name) for name in names]))
        between = ((means - samples.mean(axis=0)) * share[:, None]).T
    # The first eigenvector of within^-1 between between^T, by way of a symmetric matrix.
    half = np.linalg.cholesky(within)
    white = np.linalg.solve(half, between)
    left, _, _ = np.linalg.svd(white, full_matrices=False)
    found = np.linalg.solve(half.T, left[:, 0])
    upwards = np.dot(found, means[-1] - means[0])
    return found if upwards >= 0 else -found


def best_thresholds(scores: Integers, groups: Integers) -> tuple[Integers, int]:
    """The thresholds with which most samples reach their group.

    Of thresholds that do as well, the middle one.

    Returns:
        Thresholds (groups - 1,) ascending, and how many samples are right.
    """
    lowest = int(scores.min())
    counts = _counts((scores - lowest)[None], groups)[0]
    # reached[g][t]: most samples of groups 0..g that are right when the scores below t are theirs.
    cumulative = np.concatenate([np.zeros((len(counts), 1), np.int64), counts.cumsum(axis=1)], 1)
    reached = [cumulative[0]]
    for group in cumulative[1:]:
        reached.append(group + np.maximum.accumulate(reached[-1] - group))
    end = cumulative.shape[1] - 1
    thresholds = []
    for group in range(len(counts) - 1, 0, -1):
        gain = reached[group - 1][: end + 1] - cumulative[group][: end + 1]
        end = _middle_of_widest(gain == gain.max())
        thresholds.append(end + lowest)
    return np.array(thresholds[::-1], np.int64), int(reached[-1][-1])


def _middle_of_widest(good: NDArray[np.bool_]) -> int:
    """The middle of the longest run of true ones, rounded up."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], good, [False]]).astype(np.int8)))
    starts, ends = edges[::2], edges[1::2]
    widest = int(np.argmax(ends - starts))
    return int(starts[widest] + ends[widest]) // 2


def _needed(samples: Floats, groups: Integers, terms: int, ridge: float) -> Integers:
    """The features that remain when the least needed one is left out again and again."""
    used = np.flatnonzero(samples.std(axis=0) > 0)
    if not len(used):
        return np.array([0])
    while len(used) > terms:
        few = samples[:, used]
        worth = np.abs(fisher_direction(few, groups, ridge)) * few.std(axis=0)
        leave = max(1, (len(used) - terms) // 4)
        used = np.sort(used[np.argsort(worth, kind="stable")[leave:]])
    return used


def _best(
    few: Integers, groups: Integers, weights: Integers, by: str
) -> tuple[Integers, tuple[int, float]]:
    """The best of weights (candidates, width), and what makes it so."""
    scores = few @ weights.T
    apart = _separation(scores.astype(np.float64), groups)
    right = np.zeros(len(weights), np.int64)
    if by == "errors":
        right = _most_right(scores - scores.min(axis=0), groups)
    best = max(range(len(weights)), key=lambda one: (right[one], apart[one]))
    return weights[best], (int(right[best]), float(apart[best]))


def _most_right(scores: Integers, groups: Integers) -> Integers:
    """How many samples the best thresholds send right, for scores (samples, candidates) from 0."""
    counts = _counts(scores.T, groups)
    cumulative = np.concatenate([np.zeros((*counts.shape[:2], 1), np.int64), counts.cumsum(2)], 2)
    reached = cumulative[:, 0]
    for group in range(1, counts.shape[1]):
        gain = np.maximum.accumulate(reached - cumulative[:, group], axis=1)
        reached = cumulative[:, group] + gain
    return np.asarray(reached[:, -1])


def _counts(scores: Integers, groups: Integers) -> Integers:
    """Samples by candidate, group and score: (candidates, groups, span)."""
    span = int(scores.max()) + 1
    many = int(groups.max()) + 1
    place = (np.arange(len(scores))[:, None] * many + groups) * span + scores
    flat = np.bincount(place.ravel(), minlength=len(scores) * many * span)
    return flat.reshape(len(scores), many, span)


def _separation(scores: Floats, groups: Integers) -> Floats:
    """Variance of the group means over that within groups, for scores (samples, candidates)."""
    names, counts = np.unique(groups, return_counts=True)
    means = np.stack([scores[groups == name].mean(axis=0) for name in names])
    between = (counts[:, None] * (means - scores.mean(axis=0)) ** 2).sum(axis=0)
    total = ((scores - scores.mean(axis=0)) ** 2).sum(axis=0)
    return np.asarray(between / np.maximum(total, 1e-12))
