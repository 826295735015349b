# SPDX-License-Identifier: GPL-3.0-or-later
"""The native twin learns what its C says, and twins do not share a model."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from kilolearn.errors import BuildError, DatasetError, WeightsError
from kilolearn.twin import Twin


@pytest.fixture
def twin(probe_twin):
    return Twin("probe_learner", library=probe_twin)


def perceptron(samples, labels, seed, shift):
    """The probe learner over again, in NumPy: Crammer and Singer's ultraconservative update."""
    c, i = np.meshgrid(np.arange(3), np.arange(6), indexing="ij")
    weight = ((seed & 0xFF) + c - i).astype(np.int64)
    bias = np.full(3, seed >> 8, np.int64)
    predictions = []
    for sample, label in zip(samples.astype(np.int64), labels, strict=True):
        scores = (weight @ sample + bias).astype(np.int16)
        wrong = int(np.argmax(scores))
        predictions.append(wrong)
        if wrong != label:
            step = (sample << 8) >> shift
            weight[label] += step
            weight[wrong] -= step
            bias[label] += 1
            bias[wrong] -= 1
    return predictions, weight.astype(np.int16), bias.astype(np.int16)


@pytest.mark.parametrize("shift", [0, 3, 8])
def test_training_equals_the_published_rule(twin, probe_samples, shift):
    samples, labels = probe_samples
    predictions, weight, bias = perceptron(samples, labels, 300, shift)

    twin.reset(300)
    twin.set_rate(shift)
    answers = twin.train_many(samples, labels)

    assert_array_equal(answers.predictions, predictions)
    model = np.frombuffer(twin.read_weights(), "<i2")
    assert_array_equal(model, np.concatenate([weight.ravel(), bias]))


def test_one_by_one_is_the_same_as_all_at_once(twin, probe_twin, probe_samples):
    samples, labels = probe_samples
    other = Twin("probe_learner", library=probe_twin)
    for learner in (twin, other):
        learner.reset(9)
    one_by_one = [twin.train(s, int(y)) for s, y in zip(samples, labels, strict=True)]
    together = other.train_many(samples, labels)
    assert [answer.prediction for answer in one_by_one] == together.predictions.tolist()
    assert [answer.margin for answer in one_by_one] == together.margins.tolist()
    assert twin.read_weights() == other.read_weights()


def test_twins_live_side_by_side(twin, probe_twin):
    other = Twin("probe_learner", library=probe_twin)
    twin.reset(1)
    before = twin.read_weights()
    other.reset(2)
    assert twin.read_weights() == before != other.read_weights()


def test_weights_written_are_the_weights_read(twin):
    weights = np.random.default_rng(0).bytes(42)
    twin.write_weights(weights)
    assert twin.read_weights() == weights
    with pytest.raises(WeightsError, match="41 bytes"):
        twin.write_weights(weights[1:])


@pytest.mark.parametrize(
    ("samples", "labels", "message"),
    [
        (np.zeros((1, 5), np.uint8), [0], "takes uint8"),
        (np.zeros((1, 6), np.int8), [0], "takes uint8"),
        (np.full((1, 6), 16, np.uint8), [0], r"takes 0\.\.15"),
        (np.zeros((1, 6), np.uint8), [3], r"0\.\.2"),
        (np.zeros((1, 6), np.uint8), [-1], r"0\.\.2"),
        (np.zeros((2, 6), np.uint8), [0], "expected one each"),
    ],
)
def test_samples_that_do_not_fit_never_reach_the_c(twin, samples, labels, message):
    with pytest.raises(DatasetError, match=message):
        twin.train_many(samples, np.array(labels))


def test_a_column_major_array_is_read_by_rows(twin, probe_samples):
    samples, _ = probe_samples
    twin.reset(1)
    rows = twin.infer_many(samples)
    columns = twin.infer_many(np.asfortranarray(samples))
    assert_array_equal(rows.predictions, columns.predictions)
    assert twin.infer(np.asfortranarray(samples)[7]).margin == rows.margins[7]


def test_a_file_that_is_no_twin_is_refused(tmp_path):
    path = tmp_path / "no.so"
    path.write_bytes(b"\x7fELF and no more")
    with pytest.raises(BuildError, match="not the twin of a learner"):
        Twin("probe_learner", library=path)
