# SPDX-License-Identifier: GPL-3.0-or-later
"""Decision trees as nested comparisons of bytes.

``feature <= threshold`` becomes ``sample[feature] < cut``, where `cut` is the first level beyond
the threshold: the same decision for every level, no rounding. A comparison that no level can turn,
and one with the same answer on both sides, falls away. avr-gcc makes of a comparison LDD, CPI and
a branch: 4 or 5 cycles, 6 bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from kilolearn.errors import ExportError
from kilolearn.export.levels import Levels

__all__ = ["DEPTH_MAX", "Decision", "Node", "class_of", "nested_ifs", "prune"]

DEPTH_MAX = 200
"""Deeper than any tree that 32 KB of flash hold in balance."""


@dataclass(frozen=True)
class Decision:
    """Go to `below` when sample[feature] < cut, else to `above`."""

    feature: int
    cut: int
    below: Node
    above: Node


Node = Decision | int
"""A decision, or the answer of a leaf."""


def class_of(shares: Any) -> int:
    """What a leaf with these shares of the classes (classes,) answers; of equal ones the first."""
    return int(np.argmax(shares))


def prune(tree: Any, levels: Levels, answer: Callable[[Any], int]) -> Node:
    """A fitted tree without the decisions that decide nothing.

    Args:
        tree: ``tree_`` of a scikit-learn tree with one output.
        levels: Of the samples to come.
        answer: Of a leaf, from its shares of the classes.

    Raises:
        ExportError: Deeper than `DEPTH_MAX`.
    """

    def at(index: int) -> Node:
        left, right = int(tree.children_left[index]), int(tree.children_right[index])
        if left == right:
            return answer(tree.value[index][0])
        feature = int(tree.feature[index])
        cut = levels.cut(feature, float(tree.threshold[index]))
        if cut == 0:
            return at(right)
        if cut > levels.input_max:
            return at(left)
        below, above = at(left), at(right)
        return below if below == above else Decision(feature, cut, below, above)

    if tree.max_depth > DEPTH_MAX:
        raise ExportError(
            f"the tree is {tree.max_depth} decisions deep; expected at most {DEPTH_MAX}: fit it "
            f"with max_depth or max_leaf_nodes"
        )
    return at(0)


def nested_ifs(node: Node) -> str:
    """The body of a function of `sample` that returns the answer."""

    def lines(node: Node, indent: str) -> list[str]:
        if isinstance(node, int):
            return [f"{indent}return {node};"]
        return [
            f"{indent}if (sample[{node.feature}] < {node.cut}) {{",
            *lines(node.below, indent + " "),
            f"{indent}}}",
            *lines(node.above, indent),
        ]

    unused = ["    (void)sample;"] if isinstance(node, int) else []
    return "\n".join(unused + lines(node, "    "))
