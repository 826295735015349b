# SPDX-License-Identifier: GPL-3.0-or-later
"""Linear models, perceptrons and windows as families: exact on the chip, and the same each time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from kilolearn.classifier.cost import cost
from kilolearn.classifier.table import Table
from kilolearn.errors import SearchError, WeightsError
from kilolearn.families import FAMILIES
from kilolearn.families.genes import Choice, Genes

LINEAR = {
    "representation": "ternary",
    "kept": 5,
    "scales": "rows",
    "decay": 2,
    "steps": 50,
    "teacher": "labels",
}
MLP = {
    **LINEAR,
    "hidden": 5,
    "representation": "int4",
    "output_representation": "sparse",
    "teacher": "net",
}
WINDOWS = {"channels": 4, "epochs": 12}


def images(classes: int = 3, samples: int = 240, level_max: int = 15) -> Table:
    """A bar at the left, above, or across, on some noise."""
    random = np.random.default_rng(4)
    labels = np.arange(samples) % classes
    pixels = random.integers(0, level_max // 4 + 1, (samples, 8, 8))
    for image, label, at in zip(pixels, labels, random.integers(1, 4, samples), strict=True):
        bar = [image[:, at], image[at], image[np.arange(8), np.arange(8)]][label % 3]
        bar[:] = level_max
        if label % 3 == 2:
            np.fill_diagonal(image, level_max)
    levels = pixels.reshape(samples, 64).astype(np.uint8)
    return Table(levels, labels, classes, level_max, tuple(f"p{i}" for i in range(64)), row=8)


@pytest.mark.parametrize(
    ("name", "genes"), [("linear", LINEAR), ("mlp", MLP), ("windows", WINDOWS)]
)
def test_a_family_learns_and_chip_and_seed_agree(name: str, genes: Genes) -> None:
    table = images()
    learned, held_out = table.rows(np.arange(160)), table.rows(np.arange(160, 240))
    fitted = FAMILIES[name].fit(genes, learned, 3)
    answers = fitted.classify(held_out.levels)
    assert np.mean(answers == held_out.labels) > 0.85

    assert FAMILIES[name].fit(genes, learned, 3).source() == fitted.source()
    random = np.random.default_rng(5)
    noise = random.integers(0, table.level_max + 1, (12, 64)).astype(np.uint8)
    shown = np.concatenate([noise, np.zeros((1, 64), np.uint8), held_out.levels[:9]])
    cost(fitted.source(), "attiny85", shown, fitted.classify(shown))


@pytest.mark.parametrize("name", ["linear", "mlp"])
def test_every_choice_of_a_gene_makes_a_model(name: str) -> None:
    """For two classes and few features, too."""
    random = np.random.default_rng(6)
    labels = np.arange(60) % 2
    levels = (random.integers(0, 5, (60, 3)) + 3 * labels[:, None]).astype(np.uint8)
    table = Table(levels, labels, 2, 7, ("a", "b", "c"))
    usual = {**(LINEAR if name == "linear" else MLP), "representation": "int8"}
    for gene, values in FAMILIES[name].genes(table).items():
        for value in values.options if isinstance(values, Choice) else (values.low, values.high):
            fitted = FAMILIES[name].fit({**usual, gene: value}, table, 1)
            assert np.mean(fitted.classify(levels) == labels) > 0.6, (gene, value)


def test_windows_count_their_scores_for_any_number_of_classes() -> None:
    """Seven classes are ten votes, of which three stay 0."""
    table = images(classes=7, samples=70, level_max=40)
    fitted = FAMILIES["windows"].fit({"channels": 4, "epochs": 2}, table, 1)
    answers = fitted.classify(table.levels)
    assert answers.max() < 7
    cost(fitted.source(), "atmega328p", table.levels[:8], answers[:8])


def test_windows_want_images() -> None:
    table = images()
    for other in (replace(table, row=None), table.columns(range(63))):
        with pytest.raises(SearchError, match="expected images of 8 x 8 pixels"):
            FAMILIES["windows"].fit(WINDOWS, other, 1)


def test_windows_whose_scores_could_wrap_are_refused() -> None:
    table = images(level_max=255)
    with pytest.raises(WeightsError, match="fit fewer channels, or to fewer levels"):
        FAMILIES["windows"].fit({"channels": 40, "epochs": 1}, table, 1)
