# SPDX-License-Identifier: GPL-3.0-or-later
"""``kilolearn compress`` without its terminal: a model, data and a chip in, a firmware out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import isqrt

import numpy as np

from kilolearn.classifier.cost import Cost, cost
from kilolearn.classifier.image import chip_of
from kilolearn.classifier.table import Table
from kilolearn.compress.hunt import Hunt, Trial, hunt
from kilolearn.compress.judge import Judge, percent_right
from kilolearn.compress.model import Model
from kilolearn.datasets import Dataset, split
from kilolearn.errors import AccuracyError, ModelError
from kilolearn.quantise import InputScale, QuantisedSplit

__all__ = ["Compressed", "Goal", "compress"]

LEVEL_MAX = 63
"""Where the data do not say how fine they are."""


@dataclass(frozen=True)
class Goal:
    """What is asked for.

    Attributes:
        mcu: The chip.
        flash_max: Bytes that the image may take.
        accuracy_drop: Points that may be lost, in the mean of the folds.
        level_max: Highest level of a sample, 1-255; None: what suits the data.
        seed: Of the split, the folds and the fits.
    """

    mcu: str
    flash_max: int
    accuracy_drop: float = 0.5
    level_max: int | None = None
    seed: int = 0


@dataclass(frozen=True)
class Compressed:
    """What came of it.

    Attributes:
        model: As it was given.
        goal: What was asked for.
        scale: That makes the chip's levels of the data.
        class_names: In the order of the answers.
        hunt: All that was tried.
        chosen: The shortest chain that keeps the accuracy; if none does, the most accurate one.
        given_accuracy: Percent right of the given model on the test part.
        accuracy: Of the firmware, as the emulated chip answered the whole test part.
        cost: Of the firmware, measured over the test part.
    """

    model: Model
    goal: Goal
    scale: InputScale
    class_names: tuple[str, ...]
    hunt: Hunt
    chosen: Trial
    given_accuracy: float
    accuracy: float
    cost: Cost

    def check(self) -> None:
        """See that the goal was reached.

        Raises:
            AccuracyError: It was not; the message says how far off it is.
        """
        goal, name = self.goal, self.chosen.plan.name
        if self.hunt.best is None:
            raise AccuracyError(
                f"no chain keeps the accuracy: the best, {name}, is right in "
                f"{self.hunt.lost(self.chosen):.2f} points less of the held-out samples than the "
                f"model; expected at most {goal.accuracy_drop:g}: allow more by --accuracy-drop"
            )
        if self.cost.flash > goal.flash_max:
            raise AccuracyError(
                f"the shortest chain that keeps the accuracy, {name}, takes "
                f"{self.cost.flash:,} B of flash, {self.cost.flash - goal.flash_max:,} more than "
                f"--flash {goal.flash_max:,}: allow more bytes, or more points by --accuracy-drop"
            )


def compress(
    model: Model, dataset: Dataset, goal: Goal, told: Callable[[Trial], None] = lambda _: None
) -> Compressed:
    """Look for the shortest firmware that answers as well as a model.

    A fifth of the data, the test part, is put aside first and scored once, at the end. Chains are
    chosen by cross-validation inside the rest.

    Args:
        model: As a loader gave it.
        dataset: In the units that the model takes.
        goal: What is asked for.
        told: Called with each chain that was tried; with `Trial.confirmed`, on other folds, too.

    Raises:
        ModelError: The model takes or answers something else than the data have.
        BuildError: The chip is unknown, or no chain fits it.
        DatasetError: Too few samples.
        MissingExtraError: scikit-learn is not installed.
    """
    chip_of(goal.mcu)
    names = _class_names(model, dataset)
    dataset = _in_models_order(model, dataset)
    parts = split(dataset, goal.seed)
    quantised = QuantisedSplit.of(parts, goal.level_max or _fitting_level_max(dataset))
    table = _table(quantised, dataset)
    _check_use(model, parts.train_features, table)
    judge, again = (
        Judge.of(model, table, parts.train_features, quantised.scale, goal.mcu, goal.seed, cut)
        for cut in (0, 1)
    )
    found = hunt(judge, again, goal.accuracy_drop, told)
    chosen = found.best or found.most_accurate
    assert chosen.fitted is not None
    samples, labels = quantised.test_samples, quantised.test_labels
    answers = chosen.fitted.classify(samples)
    return Compressed(
        model,
        goal,
        quantised.scale,
        names,
        found,
        chosen,
        percent_right(model.body.answers(parts.test_features), labels),
        percent_right(answers, labels),
        cost(chosen.fitted.source(), goal.mcu, samples, answers),
    )


def _class_names(model: Model, dataset: Dataset) -> tuple[str, ...]:
    """Names of the answers, in the model's order.

    Raises:
        ModelError: Another number of features or classes, or other labels.
    """
    body = model.body
    if (body.width, body.classes) != (dataset.width, dataset.classes):
        raise ModelError(
            f"{model.about} takes {body.width} features and knows {body.classes} classes, "
            f"{dataset.name} has {dataset.width} and {dataset.classes}; expected the data that it "
            f"was fitted for"
        )
    numbers = tuple(str(number) for number in range(dataset.classes))
    names = dataset.class_names or numbers
    if model.labels is None or model.labels == numbers:
        return names
    if sorted(model.labels) != sorted(names):
        raise ModelError(
            f"{model.about} answers {', '.join(model.labels[:5])}; expected the classes of "
            f"{dataset.name}, {', '.join(names[:5])}, or their numbers from 0"
        )
    return model.labels


def _in_models_order(model: Model, dataset: Dataset) -> Dataset:
    """The data with their classes numbered as the model's answers."""
    names = dataset.class_names
    if names is None or model.labels is None or set(model.labels) != set(names):
        return dataset
    order = np.array([model.labels.index(name) for name in names])
    return replace(dataset, labels=order[dataset.labels], class_names=model.labels)


def _fitting_level_max(dataset: Dataset) -> int:
    """Pixels in whole numbers of a byte stay as they are."""
    features = dataset.features
    whole = dataset.shared_scale and features.min() == 0 and np.all(features == features.round())
    return int(features.max()) if whole and features.max() <= 255 else LEVEL_MAX


def _table(quantised: QuantisedSplit, dataset: Dataset) -> Table:
    names = dataset.feature_names or tuple(f"feature {at}" for at in range(dataset.width))
    samples, labels = quantised.train_samples, quantised.train_labels
    side = isqrt(dataset.width)
    row = side if dataset.shared_scale and side * side == dataset.width else None
    return Table(samples, labels, dataset.classes, quantised.scale.input_max, names, row)


def _check_use(model: Model, features: np.ndarray, table: Table) -> None:
    """Refuse a model that knows no more than how common the classes are.

    Raises:
        ModelError: It does not.
    """
    right = percent_right(model.body.answers(features), table.labels)
    common = 100 * float(np.bincount(table.labels).max()) / len(table.labels)
    if right <= common:
        raise ModelError(
            f"{model.about} is right in {right:.1f} % of the training part, and its commonest "
            f"class is {common:.1f} %; expected the data, in the units, that it was fitted on (a "
            f"scaler belongs into the model: a pipeline)"
        )
