# SPDX-License-Identifier: GPL-3.0-or-later
"""Targets that a teacher gives, labels that are spoilt, and a chip that is taught."""

from __future__ import annotations

import numpy as np
import pytest

from kilolearn import datasets, distil
from kilolearn.errors import DatasetError
from kilolearn.quantise import QuantisedSplit
from kilolearn.train import TrainingRecipe, evaluate
from kilolearn.twin import Twin

CHANCES = np.array([[0.8, 0.2, 0.0], [0.1, 0.1, 0.8]])


def test_a_target_is_the_teachers_answer_where_the_share_is_whole():
    targets = distil.Lesson(1.0, 1.0).targets(CHANCES, np.array([2, 2]))
    np.testing.assert_array_equal(targets, [[204, 51, 0], [26, 26, 204]])


def test_a_target_is_the_label_where_the_teacher_has_no_share():
    targets = distil.Lesson(1.0, 0.0).targets(CHANCES, np.array([2, 0]))
    np.testing.assert_array_equal(targets, [[0, 0, 255], [255, 0, 0]])


def test_without_a_label_the_teacher_stands_alone():
    targets = distil.Lesson(1.0, 0.5).targets(CHANCES, np.array([-1, 2]))
    np.testing.assert_array_equal(targets, [[204, 51, 0], [13, 13, 230]])


def test_temperature_softens():
    soft = distil.Lesson(4.0).targets(CHANCES, np.array([0, 0]))
    assert soft[0, 0] < 204
    assert soft[0, 1] > 51


@pytest.mark.parametrize(("temperature", "share"), [(0.0, 1.0), (1.0, 1.5), (float("nan"), 1.0)])
def test_a_lesson_that_cannot_be_is_refused(temperature, share):
    with pytest.raises(DatasetError, match="expected a temperature"):
        distil.Lesson(temperature, share)


def test_a_share_of_the_labels_is_wrong():
    labels = np.arange(3000) % 10
    spoilt, known = distil.spoil(labels, 10, 0.3, None, 1)
    assert known.all()
    assert np.mean(spoilt != labels) == pytest.approx(0.3, abs=0.03)


def test_few_labels_are_as_many_of_every_class():
    labels = np.arange(300) % 10
    _, known = distil.spoil(labels, 10, 0.0, 4, 1)
    np.testing.assert_array_equal(np.bincount(labels[known]), [4] * 10)


def test_a_teacher_is_shown_every_class():
    samples = np.zeros((4, 2), np.uint8)
    with pytest.raises(DatasetError, match="give it more labels"):
        distil.teacher_answers(samples, np.array([0, 0, 1, 1]), samples, 3, 0)


def test_a_net_learns_wine_from_targets_alone():
    """The labels never reach it, only the answers of a teacher."""
    twin = Twin("mlp", "wine")
    split = QuantisedSplit.of(datasets.split(datasets.load("wine"), 3), 31)
    chances = distil.teacher_answers(
        split.train_samples, split.train_labels, split.train_samples, 3, 0
    )
    targets = distil.Lesson().targets(chances, np.full(len(split.train_labels), -1))
    recipe = TrainingRecipe.falling(40, (0.5, 0.75), 1)
    distil.teach_on_chip(twin, split.train_samples, targets, recipe)
    assert evaluate(twin, split.test_samples, split.test_labels)[0] >= 85
