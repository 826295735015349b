# SPDX-License-Identifier: GPL-3.0-or-later
"""A decision tree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kilolearn.classifier.table import Table
from kilolearn.export.tree import Node
from kilolearn.families.genes import Gene, Genes, Whole
from kilolearn.families.trees import answers_of, fit_tree, trees_source

__all__ = ["Tree", "TreeFamily"]

LEAVES_MAX = 256


@dataclass(frozen=True)
class Tree:
    """A fitted tree."""

    root: Node
    width: int
    classes: int

    def classify(self, levels: NDArray[np.uint8]) -> NDArray[np.int64]:
        """As `kilolearn.classifier.fitted.Fitted`."""
        return answers_of(self.root, levels)

    def source(self) -> str:
        """As `kilolearn.classifier.fitted.Fitted`."""
        return trees_source([self.root], self.width, self.classes)


class TreeFamily:
    """Trees of scikit-learn."""

    name = "tree"

    def genes(self, table: Table) -> Mapping[str, Gene]:
        """How many leaves, and how many samples each must have."""
        most = max(2, min(LEAVES_MAX, len(table.labels) // 2))
        return {"leaves": Whole(2, most, log=True), "leaf_samples": Whole(1, 8, log=True)}

    def fit(self, genes: Genes, table: Table, seed: int) -> Tree:
        """Grow a tree to a table."""
        root = fit_tree(table, int(genes["leaves"]), int(genes["leaf_samples"]), seed)
        return Tree(root, table.width, table.classes)
