# SPDX-License-Identifier: GPL-3.0-or-later
"""Shards that differ, averages that are right on the mean, and a model that all chips share."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from kilolearn import datasets, firmware
from kilolearn.emulator import model_types, port_url
from kilolearn.errors import DatasetError, WeightsError
from kilolearn.federate import average, bits_of_weights, federate, shards_by_label
from kilolearn.link import open_link
from kilolearn.quantise import QuantisedSplit
from kilolearn.train import evaluate
from kilolearn.twin import Twin


def test_every_sample_goes_to_one_shard_and_shards_see_few_labels():
    labels = np.repeat(np.arange(8), 40)
    samples = np.arange(320).reshape(-1, 1)
    shards = shards_by_label(samples, labels, 4, 2, np.random.default_rng(0))
    dealt = np.concatenate([own for own, _ in shards]).ravel()
    np.testing.assert_array_equal(np.sort(dealt), np.arange(320))
    assert all(len(np.unique(told)) <= 2 for _, told in shards)


def test_more_runs_than_samples_are_refused():
    with pytest.raises(DatasetError, match="take fewer chips"):
        shards_by_label(np.zeros((5, 1)), np.zeros(5, int), 3, 2, np.random.default_rng(0))


@pytest.mark.parametrize(("bits", "kind"), [(8, np.int8), (16, np.int16)])
def test_the_mean_of_many_averages_is_the_average(bits, kind):
    models = [np.array([-128, 3, 127, 0], kind), np.array([-128, 4, 127, -1], kind)]
    draw = np.random.default_rng(2)
    shares = np.array([0.25, 0.75])
    packed = [model.tobytes() for model in models]
    drawn = np.array(
        [np.frombuffer(average(packed, shares, bits, draw), kind) for _ in range(2000)], float
    )
    np.testing.assert_allclose(drawn.mean(axis=0), [-128, 3.75, 127, -0.75], atol=0.05)
    assert set(drawn[:, 1]) == {3, 4}


def test_equal_models_stay_as_they_are():
    model = np.arange(-128, 128).astype(np.int8).tobytes()
    shares = np.full(7, 1 / 7)
    assert average([model] * 7, shares, 8, np.random.default_rng(0)) == model


def wine_shards(chips: int, runs: int = 1):
    split = QuantisedSplit.of(datasets.split(datasets.load("wine"), 0), 31)
    draw = np.random.default_rng(1)
    return split, shards_by_label(split.train_samples, split.train_labels, chips, runs, draw)


def test_chips_that_each_know_two_classes_together_know_all():
    split, shards = wine_shards(3, 2)
    twins = [Twin("mlp", "wine") for _ in shards]
    with ThreadPoolExecutor(1) as executor:
        shared = federate(twins, shards, [0] * 30, 2, executor)
    assert all(twin.read_weights() == shared for twin in twins)
    assert evaluate(twins[0], split.test_samples, split.test_labels)[0] >= 80


def test_emulated_chips_end_with_the_twins_weights():
    _, shards = wine_shards(2)
    shards = [(samples[:10], labels[:10]) for samples, labels in shards]
    url = port_url(firmware.build("mlp", "atmega168p", "wine"), "atmega168p")
    with (
        open_link(url) as one,
        open_link(url) as two,
        ThreadPoolExecutor(2) as executor,
    ):
        on_chips = federate([one, two], shards, [0, 1], 5, executor)
        assert one.read_weights() == on_chips
    with ThreadPoolExecutor(1) as executor:
        twins = [Twin("mlp", "wine"), Twin("mlp", "wine")]
        assert federate(twins, shards, [0, 1], 5, executor) == on_chips


def test_a_shard_a_chip():
    _, shards = wine_shards(2)
    with ThreadPoolExecutor(1) as executor, pytest.raises(DatasetError, match="2 shards for 1"):
        federate([Twin("mlp", "wine")], shards, [0], 0, executor)


@pytest.mark.parametrize(
    ("app", "config", "bits"),
    [("mlp", "iris", 8), ("mlp", "iris16", 16), ("dense", "iris", 8), ("attention", None, 8)],
)
def test_the_image_tells_how_wide_weights_are(app, config, bits):
    image = firmware.build(app, "attiny1634", config)
    assert bits_of_weights(model_types(image, "attiny1634"), app) == bits


@pytest.mark.parametrize(
    ("app", "config", "found"),
    [("tree", "plane", "uint8"), ("linear", "bayes", "int16, uint16")],
)
def test_a_model_without_an_average_is_refused(app, config, found):
    image = firmware.build(app, "attiny1634", config)
    with pytest.raises(WeightsError, match=f"the model of {app} holds {found};"):
        bits_of_weights(model_types(image, "attiny1634"), app)
