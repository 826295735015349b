# SPDX-License-Identifier: GPL-3.0-or-later
"""Folds hold every class in its share, each row once."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from kilolearn.classifier.folds import stratified_folds
from kilolearn.classifier.table import Table
from kilolearn.errors import DatasetError


def thirds() -> Table:
    """Samples of three classes in turn, forty of each."""
    levels = np.arange(120, dtype=np.uint8)[:, np.newaxis]
    return Table(levels, np.arange(120) % 3, 3, 255, ("number",))


def test_each_row_is_tested_once_a_cut_and_every_class_is_in_each_fold():
    table = thirds()
    folds = stratified_folds(table, 4, seed=3, repeats=2)
    assert len(folds) == 8
    for cut in (folds[:4], folds[4:]):
        assert_array_equal(np.sort(np.concatenate([fold.test for fold in cut])), np.arange(120))
    for fold in folds:
        assert not set(fold.train) & set(fold.test)
        assert len(fold.train) + len(fold.test) == 120
        assert_array_equal(np.bincount(table.labels[fold.test]), [10, 10, 10])
    assert not np.array_equal(folds[0].test, folds[4].test)


def test_the_seed_fixes_the_folds():
    table = thirds()
    first, again, other = (stratified_folds(table, 4, seed) for seed in (1, 1, 2))
    assert all(np.array_equal(a.test, b.test) for a, b in zip(first, again, strict=True))
    assert not np.array_equal(first[0].test, other[0].test)


def test_a_class_with_fewer_samples_than_folds_is_refused():
    table = thirds().rows(np.array([0, 1, 2, 3, 4, 6, 7]))
    with pytest.raises(DatasetError, match="1 training samples of class 2 for 3 folds"):
        stratified_folds(table, 3, seed=0)
