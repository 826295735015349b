# SPDX-License-Identifier: GPL-3.0-or-later
"""Smaller trees of given ones: branches cut off, trees left out.

Sources: Breiman et al., Classification and Regression Trees, 1984, chapter 3 (cost-complexity
pruning); Caruana et al., Ensemble selection from libraries of models, ICML 2004.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kilolearn.classifier.table import Table
from kilolearn.export.tree import Decision, Node
from kilolearn.families.trees import answers_of

__all__ = ["chosen_trees", "pruned"]


def pruned(tree: Node, table: Table, price: float) -> Node:
    """Of all that is left when branches are cut off, the tree with the least errors + price.

    ::

        errors on the table + price * samples * leaves

    A cut branch becomes a leaf with the class that most of its samples have.

    Args:
        tree: To be cut.
        table: The training part.
        price: Of a leaf, in shares of the samples; 0 leaves out what does not lower the errors.
    """
    each = price * len(table.labels)

    def best(node: Node, rows: NDArray[np.int64]) -> tuple[float, Node]:
        counts = np.bincount(table.labels[rows], minlength=table.classes)
        if isinstance(node, int):
            return len(rows) - counts[node] + each, node
        goes_below = table.levels[rows, node.feature] < node.cut
        cost_below, below = best(node.below, rows[goes_below])
        cost_above, above = best(node.above, rows[~goes_below])
        alone = int(counts.argmax())
        cost_alone = len(rows) - int(counts[alone]) + each
        if below == above or cost_alone <= cost_below + cost_above:
            return cost_alone, alone
        return cost_below + cost_above, Decision(node.feature, node.cut, below, above)

    return best(tree, np.arange(len(table.labels)))[1]


def chosen_trees(trees: Sequence[Node], count: int, table: Table) -> tuple[Node, ...]:
    """Trees whose votes together are right most often: one more at a time, the best.

    Args:
        trees: To choose from.
        count: How many, at most all.
        table: The training part.
    """
    if count >= len(trees):
        return tuple(trees)
    votes = np.stack([answers_of(tree, table.levels) for tree in trees])
    right = (votes[:, :, None] == np.arange(table.classes)).astype(np.int32)
    rows = np.arange(len(table.labels))
    total = np.zeros(right.shape[1:], np.int32)
    chosen: list[int] = []
    for _ in range(count):
        sums = total + right
        told = sums[:, rows, table.labels]
        others = sums.copy()
        others[:, rows, table.labels] = -1
        margin = told - others.max(axis=2)
        # Right first; of equal ones that with the larger margins, none counted beyond a vote.
        worth = (margin > 0).sum(axis=1) + np.clip(margin, -1, 1).sum(axis=1) / (4 * len(rows))
        worth[chosen] = -np.inf
        chosen.append(int(worth.argmax()))
        total = sums[chosen[-1]]
    return tuple(trees[at] for at in sorted(chosen))
