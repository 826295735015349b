# SPDX-License-Identifier: GPL-3.0-or-later
"""Decision trees on levels: fitted by scikit-learn, then nested comparisons or a table.

The table is that of avr/net/trees.h.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kilolearn.classifier.table import Table
from kilolearn.export.levels import Levels
from kilolearn.export.tree import Node, class_of, nested_ifs, prune
from kilolearn.families.c_text import classify_source, flash_table
from kilolearn.families.scikit import scikit

__all__ = ["answers_of", "decisions_of", "fit_tree", "trees_source"]

IFS_MAX = 15
"""Decisions up to which nested comparisons take less flash than a table and the loop over it."""


def fit_tree(
    table: Table, leaves: int, leaf_samples: int, seed: int, features: int | None = None
) -> Node:
    """Grow a tree, best first (Breiman et al., Classification and Regression Trees, 1984).

    Args:
        table: To fit.
        leaves: At most.
        leaf_samples: At least, in each.
        seed: Of the order in which equally good decisions are tried.
        features: Drawn for each decision; None for all.
    """
    model = scikit("tree").DecisionTreeClassifier(
        max_leaf_nodes=leaves, min_samples_leaf=leaf_samples, max_features=features,
        random_state=seed,
    )  # fmt: skip
    model.fit(table.levels, table.labels)
    width = table.width
    levels = Levels(np.zeros(width), np.ones(width), table.level_max)
    return prune(model.tree_, levels, lambda shares: int(model.classes_[class_of(shares)]))


def answers_of(node: Node, levels: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Classes (samples,) that a tree answers."""
    if isinstance(node, int):
        return np.full(len(levels), node, np.int64)
    answers = np.empty(len(levels), np.int64)
    below = levels[:, node.feature] < node.cut
    answers[below] = answers_of(node.below, levels[below])
    answers[~below] = answers_of(node.above, levels[~below])
    return answers


def decisions_of(node: Node) -> int:
    """How many decisions a tree has."""
    if isinstance(node, int):
        return 0
    return 1 + decisions_of(node.below) + decisions_of(node.above)


def preorder(node: Node, width: int) -> list[int]:
    """A tree's bytes, as avr/net/trees.h reads them."""
    if isinstance(node, int):
        return [width + node]
    below, above = preorder(node.below, width), preorder(node.above, width)
    return [node.feature, node.cut, *below, *above]


def trees_source(trees: Sequence[Node], width: int, classes: int) -> str:
    """C of one tree, or of the vote of several."""
    if len(trees) == 1 and decisions_of(trees[0]) <= IFS_MAX:
        return classify_source(nested_ifs(trees[0]), reads=decisions_of(trees[0]))
    nodes = [byte for tree in trees for byte in preorder(tree, width)]
    head = f'#include "net/trees.h"\n\n{flash_table("nodes", nodes)}\n'
    if len(trees) == 1:
        body = f"    const uint8_t *node = nodes;\n    return trees_leaf(&node, sample, {width});"
    else:
        body = (
            f"    uint8_t votes[{classes}];\n"
            f"    return trees_vote(votes, nodes, {len(trees)}, sample, {width}, {classes});"
        )
    return f"{head}\n{classify_source(body)}"
