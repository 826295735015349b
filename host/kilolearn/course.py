# SPDX-License-Identifier: GPL-3.0-or-later
"""One way through training and test: on a twin for its accuracy, on a chip for what it costs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kilolearn.distil import teach_on_chip
from kilolearn.errors import MissingExtraError
from kilolearn.learner import Labels, Learner
from kilolearn.measure import open_emulated
from kilolearn.quantise import QuantisedSplit
from kilolearn.train import TrainingRecipe, evaluate, train_on_chip

__all__ = ["Course", "linear_accuracy", "measured", "plain_course"]


class Course(NamedTuple):
    """What is learned and how.

    Attributes:
        samples, labels: (samples, inputs) and (samples,).
        test_samples, test_labels: Unseen ones.
        recipe: Step sizes and seed.
        targets: (samples, classes) uint8 of a teacher, to be taught instead of the labels.
        start: First weights, instead of random ones.
    """

    samples: NDArray[Any]
    labels: Labels
    test_samples: NDArray[Any]
    test_labels: Labels
    recipe: TrainingRecipe
    targets: NDArray[np.uint8] | None = None
    start: bytes | None = None

    def run(self, learner: Learner) -> float:
        """Train a learner and test it, percent."""
        self.train(learner)
        return evaluate(learner, self.test_samples, self.test_labels)[0]

    def train(self, learner: Learner, told: Callable[[int], None] | None = None) -> None:
        """From fresh weights, or from `start`.

        Args:
            learner: A link or a twin.
            told: Called with the number of samples learned so far, at least once an epoch.
        """
        if self.targets is not None:
            teach_on_chip(learner, self.samples, self.targets, self.recipe, told)
            return
        if self.start is not None:
            learner.reset(self.recipe.seed)
            learner.write_weights(self.start)
        fresh = self.start is None
        progress = None if told is None else lambda at: told(at.samples_done)
        train_on_chip(learner, self.samples, self.labels, self.recipe, progress, reset=fresh)


def plain_course(split: QuantisedSplit, recipe: TrainingRecipe) -> Course:
    """The labels of a split, as they are."""
    return Course(
        split.train_samples, split.train_labels, split.test_samples, split.test_labels, recipe
    )


def measured(elf: Path, mcu: str, twin: Learner, course: Course) -> dict[str, object]:
    """Go the course on an emulated chip, and on the twin beside it; the costs by their keys."""
    with open_emulated(elf, mcu, course.recipe.seed) as emulated:
        name = "learner_train" if course.targets is None else "learner_teach"
        steps = emulated.chip.time(name)
        course.train(emulated.link)
        _, ours = emulated.evaluate(course.test_samples, course.test_labels)
        weights = emulated.link.read_weights()
        cost = emulated.cost()
        cycles = float(steps.cycles_mean)
    course.train(twin)
    _, theirs = evaluate(twin, course.test_samples, course.test_labels)
    same = weights == twin.read_weights() and np.array_equal(ours.margins, theirs.margins)
    return {
        "chip": mcu,
        "sram_high_water": cost.sram_high_water,
        "flash": cost.image.flash_bytes,
        "cycles_train": round(cycles, 1),
        "cycles_infer": round(cost.infer.mean, 1),
        "bit_exact_with_twin": same and np.array_equal(ours.predictions, theirs.predictions),
    }


def linear_accuracy(course: Course) -> float:
    """What logistic regression in float reaches on the same parts, percent.

    Raises:
        MissingExtraError: scikit-learn is not installed.
    """
    try:
        from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - seconds to import
    except ImportError as error:
        raise MissingExtraError(
            "scikit-learn is not installed, and the comparison needs it; run: pip install "
            "'kilolearn[learn]'"
        ) from error
    top = float(course.samples.max()) or 1.0
    model = LogisticRegression(max_iter=1000).fit(course.samples / top, course.labels)
    return 100.0 * float(model.score(course.test_samples / top, course.test_labels))
