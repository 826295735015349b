# SPDX-License-Identifier: GPL-3.0-or-later
"""A tree whose decisions are sums of a few features, with one leaf a class.

Each decision parts the classes that are still possible in two: one of them from the rest, or those
on one side of a direction from those on the other, whatever sends fewer samples astray.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kilolearn.classifier.table import Table
from kilolearn.families.c_text import classify_source
from kilolearn.families.directions import Direction, fisher_direction, fit_direction
from kilolearn.families.genes import Gene, Genes
from kilolearn.families.sums import Sum, sum_genes

__all__ = ["Oblique", "ObliqueFamily"]

Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Parting:
    """Go to `below` when the sum is less than its threshold, else to `above`."""

    direction: Direction
    below: Parting | int
    above: Parting | int


@dataclass(frozen=True)
class Oblique:
    """A fitted tree.

    Attributes:
        root: Its first decision, or the only class.
        level_max: Of the samples to come.
    """

    root: Parting | int
    level_max: int

    def classify(self, levels: NDArray[np.uint8]) -> Integers:
        """As `kilolearn.classifier.fitted.Fitted`."""
        return _answers(self.root, levels)

    def source(self) -> str:
        """As `kilolearn.classifier.fitted.Fitted`."""
        lines, reads = _lines(self.root, self.level_max, "    ")
        return classify_source("\n".join(lines), reads)


class ObliqueFamily:
    """Trees of sums that `fit_direction` finds."""

    name = "oblique"

    def genes(self, table: Table) -> Mapping[str, Gene]:
        """As for one sum."""
        return sum_genes(table)

    def fit(self, genes: Genes, table: Table, seed: int) -> Oblique:
        """Part the classes until each is alone."""
        del seed
        return Oblique(_grow(genes, table, tuple(np.unique(table.labels))), table.level_max)


def _grow(genes: Genes, table: Table, classes: tuple[int, ...]) -> Parting | int:
    if len(classes) == 1:
        return int(classes[0])
    rows = table.rows(np.isin(table.labels, classes))
    ridge = float(genes["ridge"])
    settings = int(genes["terms"]), int(genes["weight_max"]), ridge, str(genes["by"])
    fewest, best = len(rows.labels) + 1, None
    for upper in _partings(rows, classes, ridge):
        groups = np.isin(rows.labels, upper).astype(np.int64)
        direction, wrong = fit_direction(rows.levels, groups, *settings)
        if wrong < fewest:
            fewest, best = wrong, (upper, direction)
    assert best is not None
    upper, direction = best
    lower = tuple(name for name in classes if name not in upper)
    return Parting(direction, _grow(genes, table, lower), _grow(genes, table, upper))


def _partings(rows: Table, classes: tuple[int, ...], ridge: float) -> Iterator[tuple[int, ...]]:
    """Classes for the upper side: each alone, and the cuts of their order in one direction."""
    samples = rows.levels.astype(np.float64)
    projected = samples @ fisher_direction(samples, rows.labels, ridge)
    order = sorted(classes, key=lambda name: float(projected[rows.labels == name].mean()))
    sides = {tuple(sorted(order[cut:])) for cut in range(1, len(order))}
    sides |= {(name,) for name in classes[: None if len(classes) > 2 else 0]}
    yield from sorted(sides)


def _answers(node: Parting | int, levels: NDArray[np.uint8]) -> Integers:
    if isinstance(node, int):
        return np.full(len(levels), node, np.int64)
    answers = np.empty(len(levels), np.int64)
    above = node.direction.groups(levels) == 1
    answers[above] = _answers(node.above, levels[above])
    answers[~above] = _answers(node.below, levels[~above])
    return answers


def _lines(node: Parting | int, level_max: int, indent: str) -> tuple[list[str], int]:
    """The C of a node, and how often it reads a feature."""
    if isinstance(node, int):
        return [f"{indent}return {node};"], 0
    made = Sum.of(node.direction, level_max)
    below, below_reads = _lines(node.below, level_max, indent + "    ")
    above, above_reads = _lines(node.above, level_max, indent)
    lines = [
        f"{indent}if (({made.kind})({made.terms}) < {made.thresholds[0]}) {{",
        *below,
        f"{indent}}}",
        *above,
    ]
    return lines, made.reads + below_reads + above_reads
