# SPDX-License-Identifier: GPL-3.0-or-later
"""Every small family: chip, host and Python give the same answers, and a fit the same bits."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kilolearn.classifier import kept
from kilolearn.classifier.cost import cost
from kilolearn.classifier.native import classify_natively
from kilolearn.classifier.table import Table
from kilolearn.export.tree import Decision
from kilolearn.families import FAMILIES
from kilolearn.families.directions import best_thresholds, fit_direction
from kilolearn.families.genes import Choice, Gene
from kilolearn.families.trees import IFS_MAX, answers_of, decisions_of, preorder

SMALL = ("tree", "forest", "stumps", "score", "oblique", "prototypes", "bayes")


@pytest.fixture(autouse=True)
def nothing_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(kept, "_seen", {})


def drawn(classes: int, width: int = 7, level_max: int = 31, count: int = 160) -> Table:
    """Clouds around a centre a class; the last feature is constant."""
    random = np.random.default_rng(classes)
    labels = np.arange(count) % classes
    centres = random.integers(6, level_max - 5, (classes, width))
    levels = np.clip(np.rint(centres[labels] + random.normal(0, 4, (count, width))), 0, level_max)
    levels[:, -1] = 3
    return Table(
        levels.astype(np.uint8), labels, classes, level_max, tuple(f"f{i}" for i in range(width))
    )


def middle(gene: Gene) -> int | str:
    if isinstance(gene, Choice):
        return gene.options[len(gene.options) // 2]
    return round((gene.low * gene.high) ** 0.5) if gene.log else (gene.low + gene.high) // 2


def highest(gene: Gene) -> int | str:
    return gene.options[-1] if isinstance(gene, Choice) else min(gene.high, 12)


def lowest(gene: Gene) -> int | str:
    return gene.options[0] if isinstance(gene, Choice) else gene.low


@pytest.mark.parametrize("classes", [2, 4])
@pytest.mark.parametrize("name", SMALL)
def test_chip_host_and_python_answer_alike(name: str, classes: int) -> None:
    table = drawn(classes)
    family = FAMILIES[name]
    any_levels = np.random.default_rng(0).integers(0, 32, (400, 7)).astype(np.uint8)
    any_levels[0], any_levels[1] = 0, 31
    for pick in (lowest, middle, highest):
        genes = {key: pick(gene) for key, gene in family.genes(table).items()}
        fitted = family.fit(genes, table, 0)

        answers = fitted.classify(any_levels)

        np.testing.assert_array_equal(answers, classify_natively(fitted.source(), any_levels))
        cost(fitted.source(), "attiny13a", any_levels[:60], answers[:60])  # or TwinMismatchError


@pytest.mark.parametrize("name", SMALL)
def test_a_fit_learns_and_is_repeatable(name: str) -> None:
    table = drawn(3)
    family = FAMILIES[name]
    genes = {key: middle(gene) for key, gene in family.genes(table).items()}

    one, other = family.fit(genes, table, 5), family.fit(genes, table, 5)

    assert one.source() == other.source()
    assert np.mean(one.classify(table.levels) == table.labels) > 0.75


@pytest.mark.parametrize("name", SMALL)
def test_genes_of_a_table_fit_what_is_left_of_it(name: str) -> None:
    """A search makes a table narrower and coarser behind the family's back."""
    table = drawn(3)
    genes = {key: highest(gene) for key, gene in FAMILIES[name].genes(table).items()}
    left = table.columns([2]).coarser(3).rows(table.labels < 2)

    fitted = FAMILIES[name].fit(genes, left, 0)

    answers = fitted.classify(left.levels)
    np.testing.assert_array_equal(answers, classify_natively(fitted.source(), left.levels))


def test_a_tree_is_walked_in_preorder() -> None:
    tree = Decision(1, 9, Decision(0, 4, 2, 0), 1)

    assert preorder(tree, width=2) == [1, 9, 0, 4, 4, 2, 3]
    assert decisions_of(tree) == 2
    levels = np.array([[3, 8], [4, 8], [4, 9]], np.uint8)
    assert answers_of(tree, levels).tolist() == [2, 0, 1]


def test_a_tree_of_many_decisions_is_a_table() -> None:
    """Three bytes a decision, its leaf among them; nested comparisons take about eight."""
    random = np.random.default_rng(0)
    levels = random.integers(0, 32, (300, 7)).astype(np.uint8)
    table = Table(levels, random.integers(0, 30, 300), 30, 31, tuple("abcdefg"))
    flash = {}
    for decisions in (IFS_MAX, IFS_MAX + 1, IFS_MAX + 9):
        tree = FAMILIES["tree"].fit({"leaves": decisions + 1, "leaf_samples": 1}, table, 0)
        assert decisions_of(tree.root) == decisions
        answers = tree.classify(levels[:10])
        flash[decisions] = cost(tree.source(), "attiny85", levels[:10], answers).flash

    assert flash[IFS_MAX + 9] - flash[IFS_MAX + 1] == 8 * 3
    assert flash[IFS_MAX + 1] < flash[IFS_MAX]


def test_thresholds_are_the_best_there_are() -> None:
    """Against every pair of thresholds."""
    random = np.random.default_rng(1)
    scores = random.integers(-9, 10, 60)
    groups = np.digitize(scores + random.normal(0, 3, 60), [-3, 3])

    thresholds, right = best_thresholds(scores, groups)

    def rightly(low: int, high: int) -> int:
        return int(np.sum((scores >= low).astype(int) + (scores >= high) == groups))

    assert right == rightly(*thresholds)
    assert right == max(rightly(a, b) for a in range(-10, 11) for b in range(a, 11))


def test_a_direction_uses_the_features_that_tell() -> None:
    random = np.random.default_rng(2)
    levels = random.integers(0, 64, (400, 12)).astype(np.uint8)
    groups = (levels[:, 3].astype(int) - levels[:, 8] >= 5).astype(np.int64)

    direction, wrong = fit_direction(levels, groups, terms=2, weight_max=2, ridge=0.01, by="errors")

    assert wrong == 0
    assert np.flatnonzero(direction.weight).tolist() == [3, 8]
    assert direction.weight[3] == -direction.weight[8] > 0
