# SPDX-License-Identifier: GPL-3.0-or-later
"""The learners in examples/python, and what they are taught and judged by.

=================== ================ =============================================================
program             task             judged by
=================== ================ =============================================================
averaged_perceptron linear, diagonal classes of 200 fresh samples
bayes               linear, diagonal the same
anomaly             anomaly          mean of the share found and of the share of others left alone
rules               rules            actions for 200 fresh samples
replay              linear           classes; the samples to learn from come sorted by label
=================== ================ =============================================================

The tasks are those of `kilolearn.tasks`, so each has C learners beside it (docs/tasks.md).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from kilolearn.errors import BuildError
from kilolearn.firmware import avr_folder
from kilolearn.tasks import TASKS, Stream

__all__ = ["EXAMPLES", "Example", "examples_folder", "perceptron_input"]


@dataclass(frozen=True)
class Example:
    """A program and its task.

    Attributes:
        program: File of examples/python, without its suffix.
        task: Of `kilolearn.tasks.TASKS`.
        feed: The bytes that the program reads, for a stream and its seed.
        judge: The share of right answers, 0-1, of what it emitted.
    """

    program: str
    task: str
    feed: Callable[[Stream, int], bytes]
    judge: Callable[[Sequence[int], Stream], float]

    @property
    def path(self) -> Path:
        """Its source."""
        return examples_folder() / f"{self.program}.py"

    def draw(self, seed: int) -> tuple[Stream, bytes]:
        """A stream, and the bytes that tell it to the program."""
        stream = TASKS[self.task](seed)
        return stream, self.feed(stream, seed)


def examples_folder() -> Path:
    """examples/python of the checkout.

    Raises:
        BuildError: There is none.
    """
    folder = avr_folder().resolve().parent / "examples" / "python"
    if not folder.is_dir():
        raise BuildError(f"{folder}: no example programs; run from a checkout of kilolearn")
    return folder


def perceptron_input(steps: int, seed: int = 1) -> bytes:
    """What perceptron.py reads: x, y and chance for each step, evenly drawn bytes."""
    return np.random.default_rng(seed).integers(0, 256, 3 * steps, np.uint8).tobytes()


def _taught(stream: Stream, _seed: int) -> bytes:
    """x, y, label of each sample to learn from, then x, y of each to answer."""
    labelled = np.column_stack([stream.samples, stream.labels]).astype(np.uint8)
    return labelled.tobytes() + stream.test_samples.tobytes()


def _sorted_by_label(stream: Stream, seed: int) -> bytes:
    """The byte to draw by, then as above, all samples of class 0 before those of class 1."""
    order = np.argsort(stream.labels, kind="stable")
    by_label = replace(stream, samples=stream.samples[order], labels=stream.labels[order])
    return bytes([seed % 256]) + _taught(by_label, seed)


def _readings(stream: Stream, _seed: int) -> bytes:
    return stream.samples[:, 0].tobytes()


def _fresh(outputs: Sequence[int], stream: Stream) -> float:
    """Of the last answers, which are to the fresh samples."""
    answers = np.array(outputs[-len(stream.test_truth) :])
    return float(np.mean(answers == stream.test_truth))


def _balanced(outputs: Sequence[int], stream: Stream) -> float:
    flagged, anomalous = np.array(outputs) == 1, stream.truth == 1
    return float(np.mean(flagged[anomalous]) + np.mean(~flagged[~anomalous])) / 2


EXAMPLES = (
    Example("averaged_perceptron", "linear", _taught, _fresh),
    Example("averaged_perceptron", "diagonal", _taught, _fresh),
    Example("bayes", "linear", _taught, _fresh),
    Example("bayes", "diagonal", _taught, _fresh),
    Example("anomaly", "anomaly", _readings, _balanced),
    Example("rules", "rules", _taught, _fresh),
    Example("replay", "linear", _sorted_by_label, _fresh),
)
