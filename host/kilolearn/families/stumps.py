# SPDX-License-Identifier: GPL-3.0-or-later
"""Boosted stumps: single decisions whose gains add up to a score a class.

AdaBoost.MH on each class against the rest (Schapire, Singer, Improved Boosting Algorithms Using
Confidence-rated Predictions, 1999); the gains are rounded to bytes at the end.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kilolearn.classifier.table import Table
from kilolearn.families.c_text import classify_source, flash_table
from kilolearn.families.genes import Gene, Genes, Whole

__all__ = ["Stumps", "StumpsFamily"]

STUMPS_MAX = 64
GAIN_MAX = 127
EDGE_MIN = 1e-3


@dataclass(frozen=True)
class Stumps:
    """Fitted stumps.

    Attributes:
        bias: A score each to begin with, int16.
        stumps: Of each class: (stumps, 3) feature, cut, gain.
        first: The class of the first of them; with 1 class 0 has the score 0.
    """

    bias: tuple[int, ...]
    stumps: tuple[NDArray[np.int64], ...]
    first: int

    def classify(self, levels: NDArray[np.uint8]) -> NDArray[np.int64]:
        """As `kilolearn.classifier.fitted.Fitted`."""
        scores = [np.zeros(len(levels), np.int64)] * self.first
        for bias, stumps in zip(self.bias, self.stumps, strict=True):
            reached = levels[:, stumps[:, 0]] >= stumps[:, 1]
            scores.append(bias + reached @ stumps[:, 2])
        return np.asarray(np.stack(scores).argmax(axis=0))

    def source(self) -> str:
        """As `kilolearn.classifier.fitted.Fitted`."""
        numbers: list[int] = []
        for bias, stumps in zip(self.bias, self.stumps, strict=True):
            numbers += [bias & 255, bias >> 8, len(stumps), *stumps.ravel().tolist()]
        classes = self.first + len(self.bias)
        body = f"    return stumps_best(stumps, {self.first}, {classes}, sample);"
        table = flash_table("stumps", numbers)
        return f'#include "net/stumps.h"\n\n{table}\n{classify_source(body)}'


class StumpsFamily:
    """Stumps of one score for two classes, of a score a class for more."""

    name = "stumps"

    def genes(self, table: Table) -> Mapping[str, Gene]:
        """How many stumps a score."""
        del table
        return {"stumps": Whole(1, STUMPS_MAX, log=True)}

    def fit(self, genes: Genes, table: Table, seed: int) -> Stumps:
        """Boost stumps on a table."""
        del seed
        first = 1 if table.classes == 2 else 0
        boosted = [
            _boost(table, np.where(table.labels == name, 1.0, -1.0), int(genes["stumps"]))
            for name in range(first, table.classes)
        ]
        largest = max(np.abs(gains).max() for _, gains in boosted)
        scale = GAIN_MAX / max(largest, 1e-9)
        stumps, biases = [], []
        for places, gains in boosted:
            rounded = np.rint(gains * scale).astype(np.int64)
            stumps.append(np.column_stack([places, rounded]))
            # A stump says +gain/2 or -gain/2; the latter, of all of them, is the bias.
            biases.append(int(-(rounded.sum() // 2)))
        return Stumps(tuple(biases), tuple(stumps), first)


def _boost(
    table: Table, signs: NDArray[np.float64], count: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Features and cuts (stumps, 2) and gains (stumps,) for one class against the rest."""
    share = np.full(len(signs), 1 / len(signs))
    offsets = np.arange(table.width) * (table.level_max + 1)
    cells = table.levels.astype(np.int64) + offsets
    places, gains = [], []
    for _ in range(count):
        weight = np.repeat((share * signs)[:, None], table.width, axis=1)
        sums = np.bincount(cells.ravel(), weight.ravel(), table.width * (table.level_max + 1))
        # edge[f][t]: the weighted share of right answers less that of wrong ones, cut at t.
        below = sums.reshape(table.width, -1).cumsum(axis=1)
        edge = below[:, -1:] - 2 * below[:, :-1]
        place = int(np.abs(edge).argmax())
        feature, cut = place // table.level_max, place % table.level_max + 1
        found = float(np.clip(edge.ravel()[place], -0.999, 0.999))
        gain = 0.5 * np.log((1 + found) / (1 - found))
        places.append((feature, cut))
        gains.append(gain)
        if abs(found) < EDGE_MIN:
            break
        share *= np.exp(-gain * signs * np.where(table.levels[:, feature] >= cut, 1, -1))
        share /= share.sum()
    return np.array(places), np.array(gains)
