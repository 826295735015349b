# SPDX-License-Identifier: GPL-3.0-or-later
"""The class of the nearest prototype, by the sum of absolute differences.

Begins with the k-means of each class and moves a prototype towards a sample of its class that is
nearer to another one's, and that one away (LVQ2.1: Kohonen, Self-Organizing Maps, 1995).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kilolearn.classifier.table import Table
from kilolearn.families.c_text import classify_source, flash_table
from kilolearn.families.genes import Choice, Gene, Genes

__all__ = ["Prototypes", "PrototypesFamily"]

MEANS_ROUNDS, MOVES, RATE = 10, 40, 0.3


@dataclass(frozen=True)
class Prototypes:
    """Fitted prototypes.

    Attributes:
        prototype: (classes * each, width) uint8, class by class.
        each: Prototypes of a class.
    """

    prototype: NDArray[np.uint8]
    each: int

    def classify(self, levels: NDArray[np.uint8]) -> NDArray[np.int64]:
        """As `kilolearn.classifier.fitted.Fitted`."""
        distances = _distances(levels.astype(np.float32), self.prototype.astype(np.float32))
        return np.asarray(distances.argmin(axis=1) // self.each)

    def source(self) -> str:
        """As `kilolearn.classifier.fitted.Fitted`."""
        count, width = self.prototype.shape
        nearest = f"nearest_prototype(prototypes, {count}, sample, {width})"
        divided = f" / {self.each}" if self.each > 1 else ""
        table = flash_table("prototypes", self.prototype.ravel())
        body = f"    return {nearest}{divided};"
        return f'#include "net/nearest.h"\n\n{table}\n{classify_source(body)}'


class PrototypesFamily:
    """One, two or four prototypes a class."""

    name = "prototypes"

    def genes(self, table: Table) -> Mapping[str, Gene]:
        """How many, and whether they are moved."""
        del table
        return {"each": Choice((1, 2, 4)), "moves": Choice((0, MOVES))}

    def fit(self, genes: Genes, table: Table, seed: int) -> Prototypes:
        """Fit prototypes to a table."""
        random = np.random.default_rng(seed)
        each = int(genes["each"])
        samples = table.levels.astype(np.float32)
        prototype = np.concatenate(
            [_means(samples[table.labels == name], each, random) for name in range(table.classes)]
        )
        owner = np.repeat(np.arange(table.classes), each)
        for move in range(int(genes["moves"])):
            _move(prototype, owner, samples, table.labels, RATE * (1 - move / MOVES))
        rounded = np.rint(prototype).clip(0, table.level_max).astype(np.uint8)
        return Prototypes(rounded, each)


def _means(
    samples: NDArray[np.float32], count: int, random: np.random.Generator
) -> NDArray[np.float32]:
    """Centres (count, width) of samples, which may be none."""
    if not len(samples):
        return np.zeros((count, samples.shape[1]), np.float32)
    centre = samples[random.choice(len(samples), count, replace=len(samples) < count)]
    for _ in range(MEANS_ROUNDS):
        nearest = _distances(samples, centre).argmin(axis=1)
        for one in range(count):
            if np.any(nearest == one):
                centre[one] = np.median(samples[nearest == one], axis=0)
    return centre


def _move(
    prototype: NDArray[np.float32],
    owner: NDArray[np.int64],
    samples: NDArray[np.float32],
    labels: NDArray[np.int64],
    rate: float,
) -> None:
    """For all samples that go wrong at once: their nearest of either kind, in place."""
    distances = _distances(samples, prototype)
    own = owner == labels[:, None]
    right = np.where(own, distances, np.inf).argmin(axis=1)
    wrong = np.where(own, np.inf, distances).argmin(axis=1)
    rows = np.arange(len(samples))
    astray = np.flatnonzero(distances[rows, wrong] <= distances[rows, right])
    step = np.zeros_like(prototype)
    np.add.at(step, right[astray], samples[astray] - prototype[right[astray]])
    np.add.at(step, wrong[astray], prototype[wrong[astray]] - samples[astray])
    prototype += rate * step / max(1, len(astray))


def _distances(samples: NDArray[np.float32], prototype: NDArray[np.float32]) -> NDArray[np.float32]:
    """Sums of absolute differences (samples, prototypes)."""
    return np.stack([np.abs(samples - one).sum(axis=1) for one in prototype], axis=1)
