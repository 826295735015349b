# SPDX-License-Identifier: GPL-3.0-or-later
"""One whole training with its test, and the comparison of two that should have the same bits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from kilolearn.learner import Answers, Labels, Learner, Samples
from kilolearn.quantise import QuantisedSplit
from kilolearn.train import History, Progress, TrainingRecipe, evaluate, train_on_chip

__all__ = ["Outcome", "first_difference", "train_and_test"]


@dataclass(frozen=True)
class Outcome:
    """What a training left behind.

    Attributes:
        history: Every answer of the training.
        weights: The whole model after it.
        accuracy: On the test part, percent.
        answers: To the test part.
    """

    history: History
    weights: bytes
    accuracy: float
    answers: Answers


def train_and_test(
    learner: Learner,
    split: QuantisedSplit,
    recipe: TrainingRecipe,
    progress: Callable[[Progress], None] | None = None,
    evaluator: Callable[[Samples, Labels], tuple[float, Answers]] | None = None,
    reset: bool = True,
) -> Outcome:
    """Train on the one part, test on the other.

    Args:
        learner: A link or a twin.
        split: Quantised for it.
        recipe: Step sizes and seed.
        progress: As for `train_on_chip`.
        evaluator: Instead of `evaluate` on this learner, e.g. one that measures too.
        reset: As for `train_on_chip`.
    """
    history = train_on_chip(
        learner, split.train_samples, split.train_labels, recipe, progress, reset
    )
    weights = learner.read_weights()
    if evaluator is None:
        accuracy, answers = evaluate(learner, split.test_samples, split.test_labels)
    else:
        accuracy, answers = evaluator(split.test_samples, split.test_labels)
    return Outcome(history, weights, accuracy, answers)


def first_difference(chip: Outcome, twin: Outcome) -> str | None:
    """Where chip and twin part ways, in words; None when they agree bit for bit.

    Compared are every prediction and margin of training and test, and the final weights.
    """
    epochs = zip(chip.history.epochs, twin.history.epochs, strict=True)
    for number, (ours, theirs) in enumerate(epochs):
        step = _first_unequal(ours.answers, theirs.answers)
        if step is not None:
            return f"training epoch {number}, step {step}: " + _apart(
                ours.answers, theirs.answers, step
            )
    if len(chip.weights) != len(twin.weights):
        return f"the chip has {len(chip.weights)} bytes of weights, the twin {len(twin.weights)}"
    unequal = np.flatnonzero(
        np.frombuffer(chip.weights, np.uint8) != np.frombuffer(twin.weights, np.uint8)
    )
    if len(unequal):
        at = int(unequal[0])
        return (
            f"{len(unequal)} bytes of the final weights differ, the first at {at}: chip "
            f"{chip.weights[at]:#04x}, twin {twin.weights[at]:#04x}"
        )
    sample = _first_unequal(chip.answers, twin.answers)
    if sample is not None:
        return f"test sample {sample}: " + _apart(chip.answers, twin.answers, sample)
    return None


def _first_unequal(ours: Answers, theirs: Answers) -> int | None:
    unequal = (ours.predictions != theirs.predictions) | (ours.margins != theirs.margins)
    return int(np.argmax(unequal)) if unequal.any() else None


def _apart(ours: Answers, theirs: Answers, at: int) -> str:
    return (
        f"chip answers {ours.predictions[at]} with margin {ours.margins[at]}, twin "
        f"{theirs.predictions[at]} with {theirs.margins[at]}"
    )
