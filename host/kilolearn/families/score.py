# SPDX-License-Identifier: GPL-3.0-or-later
"""One sum of a few features, and thresholds that cut it into the classes, in a row.

With two classes it is a linear classifier. With more, they must lie one behind the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kilolearn.classifier.table import Table
from kilolearn.families.c_text import classify_source
from kilolearn.families.directions import Direction, fisher_direction, fit_direction
from kilolearn.families.genes import Gene, Genes
from kilolearn.families.sums import Sum, sum_genes

__all__ = ["Score", "ScoreFamily"]


@dataclass(frozen=True)
class Score:
    """A fitted sum.

    Attributes:
        direction: Weights and thresholds.
        order: (classes,) the class of each group.
        level_max: Of the samples to come.
    """

    direction: Direction
    order: NDArray[np.int64]
    level_max: int

    def classify(self, levels: NDArray[np.uint8]) -> NDArray[np.int64]:
        """As `kilolearn.classifier.fitted.Fitted`."""
        return np.asarray(self.order[self.direction.groups(levels)])

    def source(self) -> str:
        """As `kilolearn.classifier.fitted.Fitted`."""
        made = Sum.of(self.direction, self.level_max)
        lines = [f"    {made.kind} score = ({made.kind})({made.terms});"]
        lines += [f"    uint8_t answer = {self.order[0]};"]
        for answer, threshold in zip(self.order[1:], made.thresholds, strict=True):
            lines += [f"    if (score >= {threshold}) {{", f"        answer = {answer};", "    }"]
        return classify_source("\n".join([*lines, "    return answer;"]), made.reads)


class ScoreFamily:
    """Sums that `fit_direction` finds."""

    name = "score"

    def genes(self, table: Table) -> Mapping[str, Gene]:
        """How many features in the sum, how large their weights, how much shrinkage."""
        return sum_genes(table)

    def fit(self, genes: Genes, table: Table, seed: int) -> Score:
        """Order the classes by their means, then fit the sum to the order."""
        del seed
        samples = table.levels.astype(np.float64)
        ridge = float(genes["ridge"])
        projected = samples @ fisher_direction(samples, table.labels, ridge)
        means = [
            projected[table.labels == name].mean() if np.any(table.labels == name) else np.inf
            for name in range(table.classes)
        ]
        order = np.argsort(means, kind="stable")
        groups = np.argsort(order)[table.labels]
        direction, _ = fit_direction(
            table.levels,
            groups,
            int(genes["terms"]),
            int(genes["weight_max"]),
            ridge,
            str(genes["by"]),
        )
        return Score(direction, order[: len(direction.thresholds) + 1], table.level_max)
