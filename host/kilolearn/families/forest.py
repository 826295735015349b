# SPDX-License-Identifier: GPL-3.0-or-later
"""A forest of small trees that vote (Breiman, Random Forests, 2001)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kilolearn.classifier.table import Table
from kilolearn.export.tree import Node
from kilolearn.families.genes import Choice, Gene, Genes, Whole
from kilolearn.families.trees import answers_of, fit_tree, trees_source

__all__ = ["Forest", "ForestFamily"]

TREES_MAX, LEAVES_MAX = 32, 64


@dataclass(frozen=True)
class Forest:
    """Fitted trees; of classes with as many votes the first is the answer."""

    trees: tuple[Node, ...]
    width: int
    classes: int

    def classify(self, levels: NDArray[np.uint8]) -> NDArray[np.int64]:
        """As `kilolearn.classifier.fitted.Fitted`."""
        answers = np.stack([answers_of(tree, levels) for tree in self.trees])
        votes = (answers[:, :, None] == np.arange(self.classes)).sum(axis=0)
        return np.asarray(votes.argmax(axis=1))

    def source(self) -> str:
        """As `kilolearn.classifier.fitted.Fitted`."""
        return trees_source(self.trees, self.width, self.classes)


class ForestFamily:
    """Trees on drawn samples, which see a few drawn features at each decision."""

    name = "forest"

    def genes(self, table: Table) -> Mapping[str, Gene]:
        """How many trees of how many leaves, and how many features a decision may choose from."""
        del table
        return {
            "trees": Whole(2, TREES_MAX, log=True),
            "leaves": Whole(2, LEAVES_MAX, log=True),
            "drawn": Choice(("root", "third", "all")),
        }

    def fit(self, genes: Genes, table: Table, seed: int) -> Forest:
        """Grow each tree to samples drawn with replacement."""
        random = np.random.default_rng(seed)
        shares = {"root": table.width**0.5, "third": table.width / 3, "all": table.width}
        drawn = max(1, round(shares[str(genes["drawn"])]))
        count = len(table.labels)
        trees = []
        for number in range(int(genes["trees"])):
            rows = table.rows(random.integers(0, count, count))
            trees.append(fit_tree(rows, int(genes["leaves"]), 1, seed + number, drawn))
        return Forest(tuple(trees), table.width, table.classes)
