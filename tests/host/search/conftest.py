# SPDX-License-Identifier: GPL-3.0-or-later
"""A small problem to search in."""

from __future__ import annotations

import numpy as np
import pytest

from kilolearn import datasets
from kilolearn.classifier.table import Table
from kilolearn.quantise import QuantisedSplit
from kilolearn.search.evaluate import Problem


@pytest.fixture(scope="session")
def iris() -> Table:
    split = QuantisedSplit.of(datasets.split(datasets.load("iris"), 0), 255)
    labels = split.train_labels.astype(np.int64)
    return Table(split.train_samples, labels, 3, 255, ("sl", "sw", "pl", "pw"))


@pytest.fixture
def problem(iris: Table) -> Problem:
    return Problem(iris, "attiny85", folds=3, families=("tree", "score"))
