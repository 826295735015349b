# SPDX-License-Identifier: GPL-3.0-or-later
"""Online training: the host deals the samples, the learner keeps the model.

The learner holds one sample at a time. The host shuffles each epoch by a seeded generator, may
move some images, lowers the step size by the recipe, and counts how often the answer *before* each
update was right. The same recipe on chip and twin gives the same stream, so the same bits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from kilolearn.augment import move_some
from kilolearn.errors import ChipRestartedError
from kilolearn.learner import Answers, Labels, Learner, Samples

__all__ = ["Epoch", "History", "Progress", "TrainingRecipe", "deal", "evaluate", "train_on_chip"]

_CHUNK = 64  # samples between two calls of progress
_RESTARTS_MAX = 3


@dataclass(frozen=True)
class TrainingRecipe:
    """How to train.

    Attributes:
        rate_shifts: One an epoch: the step size is base >> shift.
        seed: Of the learner's first weights and rounding noise (0-65535), and of the stream.
        moved_share: Share of the samples, 0-1, sent moved by half a pixel; square images only.
    """

    rate_shifts: tuple[int, ...]
    seed: int = 0
    moved_share: float = 0.0

    @classmethod
    def falling(
        cls, epochs: int, falls: Sequence[float], seed: int, moved_share: float = 0.0
    ) -> TrainingRecipe:
        """A step size that is halved on the way.

        Args:
            epochs: How often each sample is seen.
            falls: Shares of the epochs, 0-1, at each of which it is halved.
            seed: See above.
            moved_share: See above.
        """
        shifts = [sum(epoch >= fall * epochs for fall in falls) for epoch in range(epochs)]
        return cls(tuple(shifts), seed, moved_share)

    @property
    def epochs(self) -> int:
        """How often each sample is seen."""
        return len(self.rate_shifts)


@dataclass(frozen=True)
class Progress:
    """Where training stands, told every few samples.

    Attributes:
        epoch: From 0.
        samples_done, samples_total: Over all epochs.
        accuracy: Share of right answers before the update in this epoch so far, 0-1.
    """

    epoch: int
    samples_done: int
    samples_total: int
    accuracy: float


@dataclass(frozen=True)
class Epoch:
    """One pass over the training part.

    Attributes:
        accuracy: Online, 0-1: each answer was given before its update.
        rate_shift: The step size was base >> this.
        answers: In the order of training.
    """

    accuracy: float
    rate_shift: int
    answers: Answers


@dataclass
class History:
    """What happened in training, an entry an epoch."""

    recipe: TrainingRecipe
    epochs: list[Epoch] = field(default_factory=list)


def deal(
    samples: Samples, labels: Labels, recipe: TrainingRecipe
) -> Iterator[tuple[int, Samples, Labels]]:
    """What a learner is given, an epoch at a time: rate shift, samples and labels in their order.

    Args:
        samples: (samples, inputs) uint8, quantised, the training part.
        labels: (samples,).
        recipe: Step sizes, seed and moves.
    """
    stream = np.random.default_rng(recipe.seed)
    for shift in recipe.rate_shifts:
        order = stream.permutation(len(samples))
        sent = samples[order]
        if recipe.moved_share:
            sent = move_some(sent, recipe.moved_share, stream)
        yield shift, sent, labels[order]


def train_on_chip(
    learner: Learner,
    samples: Samples,
    labels: Labels,
    recipe: TrainingRecipe,
    progress: Callable[[Progress], None] | None = None,
    reset: bool = True,
) -> History:
    """Train a learner, a chip or its twin.

    A chip that began with fresh weights and was reset in the middle begins anew, up to three times,
    and so ends with the same bits.

    Args:
        learner: A link or a twin.
        samples: (samples, inputs) uint8, quantised, the training part.
        labels: (samples,).
        recipe: Step sizes, seed and moves.
        progress: Called every 64 samples and at the end of each epoch.
        reset: Start from fresh weights; False goes on from what the learner holds.

    Raises:
        DatasetError: The samples do not fit the learner.
        ChipRestartedError: It was reset too often, or went on from weights that only it had.
        LinkError: The chip stopped answering.
    """
    learner.description.check_samples(samples, labels)
    restarts_left = _RESTARTS_MAX if reset else 0
    while True:
        if reset:
            learner.reset(recipe.seed & 0xFFFF)
        try:
            return _train(learner, samples, labels, recipe, progress)
        except ChipRestartedError:
            if restarts_left == 0:
                raise
            restarts_left -= 1


def _train(
    learner: Learner,
    samples: Samples,
    labels: Labels,
    recipe: TrainingRecipe,
    progress: Callable[[Progress], None] | None,
) -> History:
    history = History(recipe)
    total = len(samples) * recipe.epochs
    for number, (shift, sent, told) in enumerate(deal(samples, labels, recipe)):
        learner.set_rate(shift)
        parts: list[Answers] = []
        right = 0
        for start in range(0, len(sent), _CHUNK):
            chunk = slice(start, start + _CHUNK)
            parts.append(learner.train_many(sent[chunk], told[chunk]))
            right += int(np.count_nonzero(parts[-1].predictions == told[chunk]))
            if progress is not None:
                done = min(start + _CHUNK, len(sent))
                progress(Progress(number, number * len(samples) + done, total, right / done))
        answers = Answers(
            np.concatenate([part.predictions for part in parts]),
            np.concatenate([part.margins for part in parts]),
        )
        history.epochs.append(Epoch(right / len(samples), shift, answers))
    return history


def evaluate(learner: Learner, samples: Samples, labels: Labels) -> tuple[float, Answers]:
    """Accuracy in percent on samples, and the answers.

    Args:
        learner: A link or a twin.
        samples: (samples, inputs) uint8, quantised, not seen in training.
        labels: (samples,).
    """
    learner.description.check_samples(samples, labels)
    answers = learner.infer_many(samples)
    right: NDArray[np.bool_] = answers.predictions == labels
    return 100.0 * float(np.mean(right)), answers
