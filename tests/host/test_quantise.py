# SPDX-License-Identifier: GPL-3.0-or-later
"""The input scale is fitted on the training part and clips what lies outside it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from kilolearn import datasets
from kilolearn.errors import DatasetError
from kilolearn.quantise import InputScale, QuantisedSplit


def test_digits_pass_through_unchanged():
    digits = datasets.load("digits")
    split = QuantisedSplit.of(datasets.split(digits, 0), input_max=16)
    assert_array_equal(split.test_samples, datasets.split(digits, 0).test_features)
    assert split.test_samples.dtype == np.uint8


def test_each_feature_fills_the_range_of_the_chip():
    features = np.array([[-1.0, 100.0], [1.0, 300.0], [0.0, 200.0]])
    levels = InputScale.fit(features, 16).apply(features)
    assert_array_equal(levels, [[0, 0], [16, 16], [8, 8]])


def test_test_samples_are_clipped_to_the_range_of_training():
    scale = InputScale.fit(np.array([[0.0], [10.0]]), 255)
    assert_array_equal(scale.apply(np.array([[-5.0], [1e30], [10.0]])), [[0], [255], [255]])


def test_a_feature_that_never_changes_becomes_zero():
    scale = InputScale.fit(np.array([[3.0, 0.0], [3.0, 1.0]]), 15)
    assert_array_equal(scale.apply(np.array([[3.0, 1.0], [99.0, 1.0]]))[:, 0], [0, 0])


def test_only_the_training_part_decides():
    split = datasets.split(datasets.load("iris"), 0)
    expected = InputScale.fit(split.train_features, 15)
    assert_array_equal(QuantisedSplit.of(split, 15).scale.minimum, expected.minimum)


@given(
    st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=30),
    st.integers(1, 255),
)
def test_order_is_kept_and_no_level_leaves_the_range(values, input_max):
    features = np.array(values).reshape(-1, 1)
    levels = InputScale.fit(features, input_max).apply(features)[:, 0]
    assert levels.max() <= input_max
    assert np.all(np.diff(levels[np.argsort(values, kind="stable")].astype(int)) >= 0)


@pytest.mark.parametrize(
    ("samples", "message"),
    [(np.zeros((1, 3)), "have 3 features"), (np.full((1, 2), np.nan), "NaN")],
)
def test_what_the_scale_was_not_made_for_is_refused(samples, message):
    with pytest.raises(DatasetError, match=message):
        InputScale.fit(np.eye(2), 16).apply(samples)


@pytest.mark.parametrize("input_max", [0, 256])
def test_levels_that_are_no_byte_are_refused(input_max):
    with pytest.raises(DatasetError, match="input_max"):
        InputScale.fit(np.eye(2), input_max)
