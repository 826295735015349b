# SPDX-License-Identifier: GPL-3.0-or-later
"""Random forests: trees as `kilolearn.export.tree` has them, and their votes.

scikit-learn adds up the shares of the classes in the leaves. Where every leaf of the forest holds
one class, as in trees that were grown to the end, that is a count of votes and the answer is
scikit-learn's, ties included. Else a leaf answers with the number of a row of shares, kept once
each in flash in 255ths, and the sums are off by at most half a 255th a tree.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kilolearn.errors import ExportError
from kilolearn.export.levels import Levels
from kilolearn.export.tree import Node, class_of, prune

__all__ = ["TREES_MAX", "Forest"]

TREES_MAX = 255
"""As many votes as a byte counts, and as many 255ths as 16 bits."""


@dataclass(frozen=True)
class Forest:
    """A forest for a chip.

    Attributes:
        trees: Their answers are classes, or rows of `shares`.
        shares: (rows, classes) uint8 in 255ths; None where each leaf holds one class.
    """

    trees: tuple[Node, ...]
    shares: NDArray[np.uint8] | None

    @classmethod
    def of(cls, model: Any, levels: Levels) -> Forest:
        """Take a fitted RandomForestClassifier.

        Raises:
            ExportError: More than `TREES_MAX` trees.
        """
        trees = [estimator.tree_ for estimator in model.estimators_]
        if len(trees) > TREES_MAX:
            raise ExportError(
                f"the forest has {len(trees)} trees; expected at most {TREES_MAX}: fit it with "
                f"n_estimators={TREES_MAX}"
            )
        if all(_is_pure(tree) for tree in trees):
            return cls(tuple(prune(tree, levels, class_of) for tree in trees), None)
        rows: dict[bytes, int] = {}

        def row_of(shares: Any) -> int:
            row = np.rint(shares / shares.sum() * 255).astype(np.uint8)
            return rows.setdefault(row.tobytes(), len(rows))

        pruned = tuple(prune(tree, levels, row_of) for tree in trees)
        shares = np.array([np.frombuffer(row, np.uint8) for row in rows])
        return cls(pruned, shares)


def _is_pure(tree: Any) -> bool:
    leaves = tree.value[tree.children_left == tree.children_right][:, 0]
    return bool(np.all(np.count_nonzero(leaves, axis=1) == 1))
