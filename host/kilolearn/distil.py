# SPDX-License-Identifier: GPL-3.0-or-later
"""Knowledge distillation: a large model on the PC teaches the small one on the chip.

The teacher, float nets of scikit-learn, learns the training part as it is labelled. Then it
answers each sample with the probabilities of all classes, softened by a temperature, and the chip
takes a step towards a mixture of that answer and the label (TEACH of docs/wire.md)::

    target = share * softmax(log(p) / temperature) + (1 - share) * label

The student so learns what the teacher made of wrong labels, not the labels; and samples nobody has
labelled can be taught too.

Source: Hinton, Vinyals, Dean, Distilling the knowledge in a neural network, arXiv 1503.02531
(2015).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kilolearn.errors import DatasetError, MissingExtraError
from kilolearn.learner import Labels, Learner, Samples
from kilolearn.train import TrainingRecipe

__all__ = ["Lesson", "few_labels", "noisy_labels", "spoil", "teach_on_chip", "teacher_answers"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Lesson:
    """How to mix what the teacher says.

    Attributes:
        temperature: 1 leaves the teacher's answer as it is; more softens it.
        share: Of the teacher's answer in the target, 0-1; the rest is the label.
    """

    temperature: float = 1.0
    share: float = 1.0

    def __post_init__(self) -> None:
        if not self.temperature > 0 or not 0 <= self.share <= 1:
            raise DatasetError(
                f"temperature {self.temperature}, share {self.share}; expected a temperature above "
                f"0 and a share of 0..1"
            )

    def targets(self, chances: Floats, labels: Labels) -> NDArray[np.uint8]:
        """What is streamed, (samples, classes) uint8, 255 is certain.

        Args:
            chances: The teacher's, (samples, classes), each row adds up to 1.
            labels: (samples,); -1 where there is none: the teacher's answer then stands alone.
        """
        softened = np.maximum(chances, 1e-9) ** (1 / self.temperature)
        softened /= softened.sum(axis=1, keepdims=True)
        told = np.eye(chances.shape[1])[labels]
        share = np.where(labels < 0, 1.0, self.share)[:, np.newaxis]
        mixed: Floats = share * softened + (1 - share) * told
        return np.rint(255 * mixed).astype(np.uint8)


def teacher_answers(
    known: Samples, labels: Labels, asked: Samples, classes: int, seed: int
) -> Floats:
    """Probabilities of a float teacher, (asked, classes).

    It is a bag of five nets, one hidden layer of 64 each, with weight decay: a bag softens itself.

    Args:
        known: (samples, inputs), what it learns.
        labels: (samples,) of 0..classes-1, each class at least once.
        asked: (asked, inputs), what it answers.
        classes: Of the learner.
        seed: Of its weights.

    Raises:
        DatasetError: A class has no sample.
        MissingExtraError: scikit-learn is not installed.
    """
    if not np.array_equal(np.unique(labels), np.arange(classes)):
        raise DatasetError(
            f"the teacher is shown the classes {np.unique(labels).tolist()}; expected each of 0.."
            f"{classes - 1}: give it more labels"
        )
    try:
        from sklearn.neural_network import MLPClassifier  # noqa: PLC0415 - seconds to import
    except ImportError as error:
        raise MissingExtraError(
            "scikit-learn is not installed, and the teacher is its; run: pip install "
            "'kilolearn[learn]'"
        ) from error
    top = float(known.max()) or 1.0
    answers = np.zeros((len(asked), classes))
    for member in range(5):
        net = MLPClassifier((64,), alpha=1.0, max_iter=300, tol=1e-3, random_state=seed + member)
        net.fit(known / top, labels)
        answers += net.predict_proba(asked / top) / 5
    return answers


def teach_on_chip(
    learner: Learner,
    samples: Samples,
    targets: NDArray[np.uint8],
    recipe: TrainingRecipe,
    told: Callable[[int], None] | None = None,
) -> None:
    """As `kilolearn.train.train_on_chip`, with targets in the labels' place.

    Args:
        learner: A link or a twin whose firmware takes TEACH.
        samples: (samples, inputs) uint8.
        targets: (samples, classes) uint8.
        recipe: Step sizes and seed.
        told: Called with the number of samples taught so far, after each epoch.

    Raises:
        ChipRejectedError: The learner takes labels only.
    """
    learner.description.check_samples(samples)
    learner.reset(recipe.seed & 0xFFFF)
    stream = np.random.default_rng(recipe.seed)
    for number, shift in enumerate(recipe.rate_shifts):
        learner.set_rate(shift)
        order = stream.permutation(len(samples))
        learner.teach_many(samples[order], targets[order])
        if told is not None:
            told((number + 1) * len(samples))


def noisy_labels(labels: Labels, classes: int, share: float, draw: np.random.Generator) -> Labels:
    """A share of the labels, 0-1, each replaced by another class."""
    wrong = draw.random(len(labels)) < share
    other = (labels + draw.integers(1, classes, len(labels))) % classes
    return np.where(wrong, other, labels)


def few_labels(labels: Labels, each: int, draw: np.random.Generator) -> NDArray[np.int64]:
    """Indices of `each` samples of every class; (classes * each,) or fewer."""
    kept = [draw.permutation(np.flatnonzero(labels == k))[:each] for k in np.unique(labels)]
    return np.concatenate(kept)


def spoil(
    labels: Labels, classes: int, noise: float, each: int | None, seed: int
) -> tuple[Labels, NDArray[np.bool_]]:
    """Make labels bad: some wrong, or most of them absent.

    Args:
        labels: (samples,).
        classes: Of the learner.
        noise: Share of wrong ones, 0-1.
        each: Labelled samples a class, or None for all.
        seed: Of both.

    Returns:
        The labels, and which of them are known, (samples,).
    """
    draw = np.random.default_rng(seed)
    known = np.ones(len(labels), np.bool_)
    if each is not None:
        known[:] = False
        known[few_labels(labels, each, draw)] = True
    return noisy_labels(labels, classes, noise, draw), known
