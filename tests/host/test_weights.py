# SPDX-License-Identifier: GPL-3.0-or-later
"""A saved model comes back whole, and into no other learner than its own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from kilolearn.errors import WeightsError
from kilolearn.quantise import InputScale
from kilolearn.twin import Twin
from kilolearn.weights import SavedModel, load_model


@pytest.fixture
def twin(probe_twin):
    return Twin("probe_learner", library=probe_twin)


@pytest.fixture
def model(twin):
    scale = InputScale(np.arange(6.0), np.arange(6.0) + 0.1, 15)
    weights = np.random.default_rng(5).bytes(42)
    return SavedModel(twin.description, weights, scale, ("ja", "nein", "π"), "cloud", 7)


def test_a_model_comes_back_as_it_was_saved(model, tmp_path):
    model.save(tmp_path / "model")  # the name stays as it is
    back = load_model(tmp_path / "model")
    assert replace(back, scale=None) == replace(model, scale=None)
    assert_array_equal(back.scale.minimum, model.scale.minimum)
    assert_array_equal(back.scale.maximum, model.scale.maximum)
    assert back.scale.input_max == 15


def test_weights_without_a_scale_are_kept_too(twin, tmp_path):
    SavedModel(twin.description, bytes(42)).save(tmp_path / "model.npz")
    assert load_model(tmp_path / "model.npz").scale is None


def test_a_restored_learner_answers_as_before(twin, probe_twin, probe_samples, tmp_path):
    samples, labels = probe_samples
    twin.reset(1)
    twin.train_many(samples, labels)
    SavedModel(twin.description, twin.read_weights()).save(tmp_path / "model.npz")
    other = Twin("probe_learner", library=probe_twin)
    load_model(tmp_path / "model.npz").put_into(other)
    assert_array_equal(other.infer_many(samples).margins, twin.infer_many(samples).margins)


@pytest.mark.parametrize(
    "change", [{"name": "digits"}, {"inputs": 7}, {"weights_size": 43}, {"contract_version": 99}]
)
def test_weights_of_another_learner_are_refused(model, twin, change):
    before = twin.read_weights()
    other = replace(model, description=replace(model.description, **change))
    with pytest.raises(WeightsError, match="these weights belong to"):
        other.put_into(twin)
    assert twin.read_weights() == before


def test_a_file_that_is_cut_or_of_another_kind_is_refused(model, tmp_path):
    path = tmp_path / "model.npz"
    model.save(path)
    whole = path.read_bytes()
    for cut in (0, 1, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:cut])
        with pytest.raises(WeightsError, match="not a weights file"):
            load_model(path)
    np.savez(path, X=np.eye(2), y=np.array([0, 1]))
    with pytest.raises(WeightsError, match="not a weights file"):
        load_model(path)
    np.save(tmp_path / "array.npy", np.eye(2))
    with pytest.raises(WeightsError, match="not a weights file"):
        load_model(tmp_path / "array.npy")


def test_weights_of_another_size_than_they_say_are_refused(model, tmp_path):
    replace(model, weights=bytes(41)).save(tmp_path / "model.npz")
    with pytest.raises(WeightsError, match="damaged"):
        load_model(tmp_path / "model.npz")


def test_an_absent_file_is_answered_with_how_to_make_one(tmp_path):
    with pytest.raises(WeightsError, match="--save"):
        load_model(tmp_path / "absent.npz")


def test_a_place_that_cannot_be_written_is_refused(model, tmp_path):
    with pytest.raises(WeightsError, match="cannot be written"):
        model.save(tmp_path / "absent" / "model.npz")
