# SPDX-License-Identifier: GPL-3.0-or-later
"""The code tree of the character model: built like Huffman's, joining symbols that are alike."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["CodeTree", "build"]

_LEAF = 128
_CANDIDATES = 14  # of the lightest, from which the best pair is joined
_LIKENESS = 4.0  # nats of weight that a bit of difference between two contexts outweighs


@dataclass(frozen=True)
class CodeTree:
    """A binary tree over symbols; node 0 is the root.

    Attributes:
        child: (nodes, 2), a node or 128 + symbol.
        leaf_above: (symbols,), node * 2 + decision.
        node_above: (nodes,), the same; 0 for the root.
        depth: Decisions of the deepest symbol.
    """

    child: list[list[int]]
    leaf_above: list[int]
    node_above: list[int]
    depth: int


def build(stream: NDArray[np.uint8], symbols: int, first: list[tuple[int, int]]) -> CodeTree:
    """Join what is rare and what comes in the same contexts, until one tree is left.

    The cost of a join is log(weight) + likeness * (entropy of the joined contexts - that of each).

    Args:
        stream: Training text as symbols, (length,).
        symbols: How many there are.
        first: Pairs that are joined before all others, symbols or earlier joins (symbols + i).
    """
    weight = list(np.bincount(stream, minlength=symbols) + 30.0)
    contexts = _contexts(stream, symbols)
    background = contexts.sum(0) / contexts.sum()
    profile = [row + 3 * background for row in contexts]
    open_nodes = set(range(symbols))
    joins: list[tuple[int, int]] = []
    known: dict[tuple[int, int], float] = {}

    def cost(a: int, b: int) -> float:
        if (a, b) not in known:
            joined = profile[a] + profile[b]
            apart = (_bits(joined) - _bits(profile[a]) - _bits(profile[b])) / joined.sum()
            known[a, b] = math.log(weight[a] + weight[b]) + _LIKENESS * apart
        return known[a, b]

    while len(open_nodes) > 1:
        if len(joins) < len(first):
            a, b = first[len(joins)]
        else:
            lightest = sorted(open_nodes, key=lambda node: weight[node])[:_CANDIDATES]
            pairs = ((a, b) for i, a in enumerate(lightest) for b in lightest[i + 1 :])
            a, b = min(pairs, key=lambda pair: cost(*pair))
        open_nodes -= {a, b}
        open_nodes.add(symbols + len(joins))
        joins.append((a, b) if weight[a] >= weight[b] else (b, a))
        weight.append(weight[a] + weight[b])
        profile.append(profile[a] + profile[b])
    return _numbered(joins, symbols, weight)


def _contexts(stream: NDArray[np.uint8], symbols: int) -> NDArray[np.float64]:
    """How often each symbol follows each pair of the last symbol and the one before's kind."""
    kinds = np.full(symbols, 3)
    kinds[:26] = 1
    kinds[[ord(vowel) - ord("a") for vowel in "aeiou"]] = 0
    kinds[26] = 2  # the blank
    counts = np.zeros((symbols, symbols * 4))
    np.add.at(counts, (stream[2:], stream[1:-1].astype(int) * 4 + kinds[stream[:-2]]), 1)
    return counts


def _bits(counts: NDArray[np.float64]) -> float:
    """Entropy times total."""
    some = counts[counts > 0]
    return float(-(some * np.log2(some / some.sum())).sum())


def _numbered(joins: list[tuple[int, int]], symbols: int, weight: list[float]) -> CodeTree:
    """Number the joins by weight, the heaviest (the root) first."""
    order = sorted(range(len(joins)), key=lambda join: (-weight[symbols + join], -join))
    number = {symbols + join: node for node, join in enumerate(order)}
    child = [[0, 0] for _ in joins]
    leaf_above, node_above = [0] * symbols, [0] * len(joins)
    for node, join in enumerate(order):
        for decision, below in enumerate(joins[join]):
            above = node * 2 + decision
            if below < symbols:
                child[node][decision] = _LEAF + below
                leaf_above[below] = above
            else:
                child[node][decision] = number[below]
                node_above[number[below]] = above
    depth = 0
    for above in leaf_above:
        steps = 1
        while above >> 1:
            above = node_above[above >> 1]
            steps += 1
        depth = max(depth, steps)
    return CodeTree(child, leaf_above, node_above, depth)
