# SPDX-License-Identifier: GPL-3.0-or-later
"""A tree grown from a table of nodes that nobody has checked."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from kilolearn.compress.model import Branch, Fork
from kilolearn.errors import ModelError

__all__ = ["Junction", "plant"]

_DEPTH_MAX = 200


class Junction(NamedTuple):
    """A node that forks: `below` and `above` are numbers of nodes."""

    feature: int
    threshold: float
    below: int
    above: int


def plant(node_of: Callable[[int], Junction | tuple[float, ...]], width: int) -> Branch:
    """Grow a tree from node 0.

    Args:
        node_of: A junction, or the shares of a leaf.
        width: Features that there are.

    Raises:
        ModelError: Deeper than 200 decisions, a node with two ways to it, or a feature that is
            not there.
        KeyError, IndexError: What `node_of` raises for a node that is not there.
    """
    seen: set[int] = set()

    def grow(number: int, depth: int) -> Branch:
        if depth > _DEPTH_MAX:
            raise ModelError(
                f"a tree is more than {_DEPTH_MAX} decisions deep; expected less: fit it with "
                f"max_depth or max_leaf_nodes"
            )
        if number in seen:
            raise ModelError(f"a tree has two ways to its node {number}; expected one")
        seen.add(number)
        node = node_of(number)
        if not isinstance(node, Junction):
            return node
        if not 0 <= node.feature < width:
            raise ModelError(f"a tree asks for feature {node.feature}; expected 0..{width - 1}")
        below, above = grow(node.below, depth + 1), grow(node.above, depth + 1)
        return Fork(node.feature, node.threshold, below, above)

    return grow(0, 0)
