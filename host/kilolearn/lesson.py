# SPDX-License-Identifier: GPL-3.0-or-later
"""What a learner is to be given and how it is judged: the same for a chip and for its twin."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from kilolearn import datasets
from kilolearn.datasets import Dataset
from kilolearn.learner import Learner
from kilolearn.outcome import Outcome, train_and_test
from kilolearn.prequential import stream_scale, train_prequentially
from kilolearn.quantise import InputScale, QuantisedSplit
from kilolearn.recipes import falls_for, recipe_for
from kilolearn.recordings import fit_recordings
from kilolearn.sensor_datasets import load_windows
from kilolearn.train import Progress
from kilolearn.weights import SavedModel

__all__ = ["Lesson", "recordings_lesson", "split_lesson", "stream_lesson"]

Told = Callable[[Progress], None]


class Lesson(NamedTuple):
    """One training with its test.

    Attributes:
        give: Trains a learner and tests it.
        tested: What the accuracy counts, in words.
        scale: From values to the learner's levels.
        class_names: Where the data name them.
    """

    give: Callable[[Learner, Told | None], Outcome]
    tested: str
    scale: InputScale
    class_names: tuple[str, ...] | None


def stream_lesson(learner: Learner, stream: Dataset, seed: int) -> Lesson:
    """One pass in the stream's order, each sample answered before it is learned.

    Args:
        learner: Any with the description of those that will be given it.
        stream: Samples in order.
        seed: Of the learner's first weights and rounding noise, 0-65535.
    """
    scale = stream_scale(stream, learner.description.input_max)
    samples, falls = scale.apply(stream.features), falls_for(learner.description.name)

    def give(learner: Learner, told: Told | None) -> Outcome:
        return train_prequentially(learner, samples, stream.labels, falls, seed, told)

    tested = f"{len(samples)} samples, each before it was learned,"
    return Lesson(give, tested, scale, stream.class_names)


def split_lesson(
    learner: Learner, dataset: Dataset, seed: int, epochs: int | None, before: SavedModel | None
) -> Lesson:
    """Four fifths of a table to learn, the rest to be tested on.

    Args:
        learner: Any with the description of those that will be given it.
        dataset: The table.
        seed: Of the split and the training.
        epochs: Instead of the recipe's.
        before: Go on from this model.
    """
    scale = before.scale if before is not None else None
    split = datasets.split(dataset, seed)
    parts = QuantisedSplit.of(split, learner.description.input_max, scale)
    recipe = recipe_for(learner.description.name, seed, epochs)

    def give(learner: Learner, told: Told | None) -> Outcome:
        if before is not None:
            before.put_into(learner)
        return train_and_test(learner, parts, recipe, told, reset=before is None)

    return Lesson(
        give, f"{len(parts.test_labels)} unseen samples", parts.scale, dataset.class_names
    )


def recordings_lesson(
    learner: Learner, name: str, seed: int, epochs: int | None, before: SavedModel | None
) -> Lesson:
    """Recorded windows in their published parts.

    Args:
        learner: Any with the description of those that will be given it.
        name: Of the data set, in `sensor_datasets`.
        seed: Of the training.
        epochs: Instead of the recipe's.
        before: Go on from this model.
    """
    train, test = load_windows(name)
    recipe = recipe_for(learner.description.name, seed, epochs)

    def give(learner: Learner, told: Told | None) -> Outcome:
        if before is not None:
            before.put_into(learner)
        of_windows, parts = fit_recordings(learner, train, test)
        return train_and_test(of_windows, parts, recipe, told, reset=before is None)

    _, parts = fit_recordings(learner, train, test)
    return Lesson(give, f"{len(test.labels)} unseen samples", parts.scale, None)
