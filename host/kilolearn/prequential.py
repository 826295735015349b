# SPDX-License-Identifier: GPL-3.0-or-later
"""Test, then train: one pass over a stream, each sample answered before it is learned.

There is no test part and no shuffle. The accuracy is the share of right answers over the whole
stream, the very first sample included. Source: Dawid, Statistical theory: the prequential approach,
Journal of the Royal Statistical Society A 147 (1984).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np

from kilolearn.datasets import Dataset
from kilolearn.errors import DatasetError
from kilolearn.learner import Answers, Labels, Learner, Samples
from kilolearn.outcome import Outcome
from kilolearn.quantise import InputScale
from kilolearn.train import History, Progress, TrainingRecipe

__all__ = ["stream_scale", "train_prequentially"]

_CHUNK = 64  # samples between two calls of progress


def stream_scale(stream: Dataset, input_max: int, first_share: float = 0.1) -> InputScale:
    """The range of a stream's beginning; what exceeds it later is clipped.

    Args:
        stream: Samples in order.
        input_max: Highest level of the learner.
        first_share: Of the samples, 0-1, whose range counts; their labels do not.
    """
    first = max(1, int(len(stream.features) * first_share))
    return InputScale.fit(stream.features[:first], input_max, stream.shared_scale)


def train_prequentially(
    learner: Learner,
    samples: Samples,
    labels: Labels,
    falls: tuple[int, ...],
    seed: int,
    progress: Callable[[Progress], None] | None = None,
) -> Outcome:
    """One pass.

    Args:
        learner: A link or a twin.
        samples: (samples, inputs) uint8, in the stream's order.
        labels: (samples,).
        falls: Numbers of samples after which the step size is halved, rising.
        seed: Of the learner's first weights and rounding noise, 0-65535.
        progress: Called every 64 samples or sooner.

    Returns:
        Its answers are those from before each update, its accuracy theirs; no epochs.

    Raises:
        DatasetError: The stream is empty, or does not fit the learner.
        LinkError: The chip stopped answering.
    """
    if not len(samples):
        raise DatasetError("the stream is empty; expected at least one sample")
    learner.description.check_samples(samples, labels)
    learner.reset(seed)
    cuts = sorted({*falls, *range(0, len(samples), _CHUNK), len(samples)})
    parts: list[Answers] = []
    right = 0
    for start, end in itertools.pairwise(cut for cut in cuts if cut <= len(samples)):
        if start in falls:
            learner.set_rate(falls.index(start) + 1)
        parts.append(learner.train_many(samples[start:end], labels[start:end]))
        right += int(np.count_nonzero(parts[-1].predictions == labels[start:end]))
        if progress is not None:
            progress(Progress(0, end, len(samples), right / end))
    answers = Answers(
        np.concatenate([part.predictions for part in parts]),
        np.concatenate([part.margins for part in parts]),
    )
    history = History(TrainingRecipe((0,), seed))
    return Outcome(history, learner.read_weights(), 100.0 * right / len(samples), answers)
