# SPDX-License-Identifier: GPL-3.0-or-later
"""Training deals each sample once an epoch, in an order that the seed fixes."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from kilolearn import datasets
from kilolearn.augment import half_pixel_moves, move_some
from kilolearn.errors import DatasetError
from kilolearn.outcome import Outcome, first_difference, train_and_test
from kilolearn.quantise import InputScale, QuantisedSplit
from kilolearn.recipes import recipe_for
from kilolearn.train import TrainingRecipe, evaluate, train_on_chip
from kilolearn.twin import Twin


@pytest.fixture
def twin(probe_twin):
    return Twin("probe_learner", library=probe_twin)


class Recorder(Twin):
    """A twin that keeps what it was told."""

    def __init__(self, library):
        super().__init__("probe_learner", library=library)
        self.told = []

    def set_rate(self, shift):
        self.told.append(("rate", shift))
        super().set_rate(shift)

    def train_many(self, samples, labels):
        self.told.append(("samples", samples.copy()))
        return super().train_many(samples, labels)


def test_a_falling_step_size_follows_the_shares_of_the_way():
    recipe = TrainingRecipe.falling(20, (0.6, 0.85), seed=3)
    assert recipe.rate_shifts == (0,) * 12 + (1,) * 5 + (2,) * 3


def test_fewer_epochs_keep_the_shape_of_the_recipe():
    usual, short = recipe_for("digits", seed=0), recipe_for("digits", seed=0, epochs=4)
    assert short.epochs == 4
    assert set(short.rate_shifts) <= set(usual.rate_shifts)
    assert list(short.rate_shifts) == sorted(short.rate_shifts)


def test_every_epoch_deals_every_sample_once_in_its_own_order(probe_twin, probe_samples):
    samples, labels = probe_samples
    learner = Recorder(probe_twin)
    train_on_chip(learner, samples, labels, TrainingRecipe((0, 1, 3), seed=4))

    assert [told[1] for told in learner.told if told[0] == "rate"] == [0, 1, 3]
    dealt = np.concatenate([told[1] for told in learner.told if told[0] == "samples"])
    epochs = dealt.reshape(3, *samples.shape)
    for epoch in epochs:
        assert sorted(map(bytes, epoch)) == sorted(map(bytes, samples))
    assert not np.array_equal(epochs[0], epochs[1])


def test_moved_images_are_a_share_of_those_sent_and_never_of_those_tested():
    twin = Twin("digits")
    split = QuantisedSplit.of(datasets.split(datasets.load("digits"), 0), 16)
    stream = np.random.default_rng(4)
    order = stream.permutation(len(split.train_samples))
    moved = move_some(split.train_samples[order], 0.3, stream)
    changed = np.any(moved != split.train_samples[order], axis=1)
    assert 0.25 < changed.mean() < 0.35
    assert moved.max() <= 16

    outcome = train_and_test(twin, split, TrainingRecipe((0,), 4, moved_share=0.3))
    twin.reset(4)
    by_hand = twin.train_many(moved, split.train_labels[order])
    assert_array_equal(outcome.history.epochs[0].answers.margins, by_hand.margins)
    assert_array_equal(outcome.answers.margins, twin.infer_many(split.test_samples).margins)


def test_an_image_moves_by_half_a_pixel():
    image = np.array([[0, 0, 0], [0, 9, 4], [0, 0, 0]], np.uint8).reshape(1, 9)
    right, left, down, up = half_pixel_moves(image)[0].reshape(4, 3, 3)
    assert_array_equal(right[1], [0, 5, 7])  # halves are rounded up
    assert_array_equal(left[1], [5, 7, 2])
    assert_array_equal(down, [[0, 0, 0], [0, 5, 2], [0, 5, 2]])
    assert_array_equal(up, [[0, 5, 2], [0, 5, 2], [0, 0, 0]])


def test_samples_that_are_no_images_cannot_be_moved(twin, probe_samples):
    samples, labels = probe_samples
    with pytest.raises(DatasetError, match="no square images"):
        train_on_chip(twin, samples, labels, TrainingRecipe((0,), 1, moved_share=0.5))


def test_online_accuracy_counts_the_answers_before_the_update(twin, probe_samples):
    samples, labels = probe_samples
    recipe = TrainingRecipe((4, 4), seed=4)
    history = train_on_chip(twin, samples, labels, recipe)
    shuffle = np.random.default_rng(4)
    for epoch in history.epochs:
        order = shuffle.permutation(len(samples))
        assert epoch.accuracy == np.mean(epoch.answers.predictions == labels[order])


def test_the_same_recipe_gives_the_same_bits_and_another_seed_others(twin, probe_samples):
    samples, labels = probe_samples

    def weights(seed):
        train_on_chip(twin, samples, labels, TrainingRecipe((4,), seed))
        return twin.read_weights()

    assert weights(1) == weights(1) != weights(2)


def test_training_goes_on_from_what_the_learner_holds(twin, probe_samples):
    samples, labels = probe_samples
    twin.write_weights(bytes(42))
    train_on_chip(twin, samples[:0], labels[:0], TrainingRecipe((), 1), reset=False)
    assert twin.read_weights() == bytes(42)


def test_progress_ends_at_the_end(twin, probe_samples):
    samples, labels = probe_samples
    told = []
    train_on_chip(twin, samples, labels, TrainingRecipe((0, 0), 1), told.append)
    assert [p.samples_done for p in told] == sorted(p.samples_done for p in told)
    assert told[-1].samples_done == told[-1].samples_total == 600
    assert told[-1].epoch == 1


def test_samples_of_another_width_are_refused_before_training(twin):
    before = twin.read_weights()
    with pytest.raises(DatasetError, match=r"takes uint8 \(samples, 6\)"):
        train_on_chip(twin, np.zeros((4, 5), np.uint8), np.zeros(4, int), TrainingRecipe((0,), 1))
    assert twin.read_weights() == before


def test_accuracy_is_the_share_of_right_answers_in_percent(twin, probe_samples):
    samples, _ = probe_samples
    answers = twin.infer_many(samples)
    wrong = answers.predictions.astype(int).copy()
    wrong[:75] = (wrong[:75] + 1) % 3
    accuracy, again = evaluate(twin, samples, wrong)
    assert accuracy == 75.0
    assert_array_equal(again.predictions, answers.predictions)


def test_two_outcomes_differ_where_one_bit_does(twin, probe_samples):
    samples, labels = probe_samples
    scale = InputScale(np.zeros(6), np.full(6, 15.0), 15)
    split = QuantisedSplit(samples[:200], labels[:200], samples[200:], labels[200:], scale)
    recipe = TrainingRecipe((4, 5), 1)
    one, two = train_and_test(twin, split, recipe), train_and_test(twin, split, recipe)
    assert first_difference(one, two) is None

    one.history.epochs[1].answers.margins[17] ^= 1
    assert "epoch 1, step 17" in first_difference(one, two)

    spoilt = bytearray(two.weights)
    spoilt[30] ^= 4
    other = Outcome(two.history, bytes(spoilt), two.accuracy, two.answers)
    assert "1 bytes of the final weights differ, the first at 30" in first_difference(other, two)
