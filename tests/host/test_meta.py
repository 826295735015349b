# SPDX-License-Identifier: GPL-3.0-or-later
"""Reptile: tasks are what they say, and the weights found learn unseen tasks better."""

from __future__ import annotations

import numpy as np
import pytest

from kilolearn import datasets, firmware, meta
from kilolearn.errors import DatasetError
from kilolearn.measure import open_emulated
from kilolearn.twin import Twin


@pytest.fixture(scope="module")
def digits():
    return datasets.load("digits")


def test_a_task_has_ten_samples_and_others_to_be_tested_on(digits):
    samples = np.arange(120).reshape(-1, 1).astype(np.uint8)
    labels = np.repeat([4, 5, 6], 40)
    task = meta.Pairs(samples, labels, [4, 6]).draw(np.random.default_rng(0))
    assert len(task.samples) == 10
    assert np.bincount(task.labels).tolist() == [5, 5]
    assert not set(task.samples.ravel()) & set(task.test_samples.ravel())
    told = np.concatenate([task.labels, task.test_labels])
    of = labels[np.concatenate([task.samples, task.test_samples]).ravel()]
    assert {len(set(of[told == k])) for k in (0, 1)} == {1}


def test_classes_with_too_few_samples_are_refused():
    with pytest.raises(DatasetError, match="a task takes 2"):
        meta.Pairs(np.zeros((6, 1), np.uint8), np.array([0, 0, 0, 1, 1, 1]), [0, 1])


def test_the_search_never_sees_the_classes_of_the_test(digits):
    seen, unseen = meta.digit_families(digits)
    draw = np.random.default_rng(0)
    known = {row.tobytes() for row in digits.features[digits.labels > 5].astype(np.uint8)}
    for _ in range(20):
        task = seen.draw(draw)
        assert not known & {row.tobytes() for row in task.samples}
        task = unseen.draw(draw)
        assert {row.tobytes() for row in task.samples} <= known


def test_weights_that_were_searched_for_learn_unseen_pairs_better(digits):
    twin = Twin("mlp", "pair")
    seen, unseen = meta.digit_families(digits)
    found = meta.search(twin, seen, 800, 3)
    ours, random = meta.compare(twin, found, unseen, 30, 500)
    assert np.mean(ours) > np.mean(random) + 2


def test_a_chip_adapts_as_its_twin_does(digits):
    _, unseen = meta.digit_families(digits)
    task = unseen.draw(np.random.default_rng(1))
    twin = Twin("mlp", "pair")
    with open_emulated(firmware.build("mlp", "attiny1634", "pair"), "attiny1634") as emulated:
        for learner in (twin, emulated.link):
            learner.reset(9)
        start = twin.read_weights()
        assert meta.adapt(emulated.link, start, task) == meta.adapt(twin, start, task)
        assert emulated.weights_in_sram() == twin.read_weights() != start
