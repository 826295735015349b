# SPDX-License-Identifier: GPL-3.0-or-later
"""Rankings find what was planted."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from kilolearn.classifier.table import Table
from kilolearn.errors import SearchError
from kilolearn.search.ranking import RANKINGS, rank


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
