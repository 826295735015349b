# SPDX-License-Identifier: GPL-3.0-or-later
"""A small problem to search in, and a cache of costs that no other test has filled."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kilolearn import datasets
from kilolearn.quantise import QuantisedSplit
from kilolearn.search.evaluate import Problem
from kilolearn.search.table import Table


@pytest.fixture(scope="session")
def iris() -> Table:
    split = QuantisedSplit.of(datasets.split(datasets.load("iris"), 0), 255)
    labels = split.train_labels.astype(np.int64)
    return Table(split.train_samples, labels, 3, 255, ("sl", "sw", "pl", "pw"))


@pytest.fixture
def problem(iris: Table) -> Problem:
    return Problem(iris, "attiny85", folds=3, families=("tree", "score"))


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path_factory.getbasetemp() / "cache"
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))
    return folder
