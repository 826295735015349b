# SPDX-License-Identifier: GPL-3.0-or-later
"""Folds hold every class in its share, and rankings find what was planted."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from kilolearn.errors import DatasetError, SearchError
from kilolearn.search.folds import stratified_folds
from kilolearn.search.ranking import RANKINGS, rank
from kilolearn.search.table import Table


def planted(noise: int = 6, samples: int = 120) -> Table:
    """Three classes; columns 2 and 5 tell them apart, the others are noise, one is constant."""
    random = np.random.default_rng(7)
    labels = np.arange(samples) % 3
    levels = random.integers(0, 256, (samples, noise + 2))
    levels[:, 2] = 40 + 60 * labels + random.integers(-20, 21, samples)
    levels[:, 5] = np.where(labels == 1, 200, 60) + random.integers(-50, 51, samples)
    levels[:, 0] = 9
    names = tuple(f"f{column}" for column in range(noise + 2))
    return Table(levels.astype(np.uint8), labels, 3, 255, names)


def test_each_row_is_tested_once_a_cut_and_every_class_is_in_each_fold():
    table = planted()
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
    table = planted()
    first, again, other = (stratified_folds(table, 4, seed) for seed in (1, 1, 2))
    assert all(np.array_equal(a.test, b.test) for a, b in zip(first, again, strict=True))
    assert not np.array_equal(first[0].test, other[0].test)


def test_a_class_with_fewer_samples_than_folds_is_refused():
    table = planted().rows(np.array([0, 1, 2, 3, 4, 6, 7]))
    with pytest.raises(DatasetError, match="1 training samples of class 2 for 3 folds"):
        stratified_folds(table, 3, seed=0)


@pytest.mark.parametrize("by", RANKINGS)
def test_a_ranking_finds_the_columns_that_tell_the_classes_apart(by):
    table = planted()
    order = rank(table, by, seed=0)
    assert set(order[:2]) == {2, 5}
    assert_array_equal(np.sort(order), np.arange(table.width))
    assert_array_equal(order, rank(table, by, seed=0))


def test_an_unknown_ranking_is_answered_with_the_list():
    with pytest.raises(SearchError, match="expected mutual information, permutation importance"):
        rank(planted(), "luck", seed=0)
