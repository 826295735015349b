# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole windows of a sensor for a learner that takes one time step a frame.

The chip keeps sums, never the window (avr/online/window.h). A step travels as ``index, a value an
axis``. All steps but the last go as INFER, which a link may repeat: the chip counts an index once.
The last goes as TRAIN or INFER and its answer is the window's, so the chip counts a training step a
window.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kilolearn.errors import DatasetError
from kilolearn.learner import Answer, Description, Learner, Samples
from kilolearn.quantise import InputScale

__all__ = ["WindowLearner", "pack_windows"]


class WindowLearner(Learner):
    """A learner of steps, as one whose samples are whole windows.

    Args:
        steps: Of an app with the front end ``online/window.h``: a link or a twin.
        steps_max: Longest window, 1-255.
    """

    def __init__(self, steps: Learner, steps_max: int) -> None:
        self._steps = steps
        about = steps.description
        self._axes = about.inputs - 1
        self._description = Description(
            about.contract_version,
            about.name,
            1 + steps_max * self._axes,
            about.classes,
            about.input_max,
            about.weights_size,
        )

    @property
    def description(self) -> Description:
        """As the learner's, with the inputs of a packed window."""
        return self._description

    def reset(self, seed: int) -> None:
        """Start anew."""
        self._steps.reset(seed)

    def set_rate(self, shift: int) -> None:
        """Set the step size to base >> shift."""
        self._steps.set_rate(shift)

    def train(self, sample: Samples, label: int) -> Answer:
        """Learn one packed window; the answer is the one before the update."""
        return self._steps.train(self._all_but_last(sample), label)

    def teach(self, sample: Samples, target: NDArray[np.uint8]) -> Answer:
        """Learn one packed window from a teacher's soft answer, (classes,) uint8."""
        return self._steps.teach(self._all_but_last(sample), target)

    def infer(self, sample: Samples) -> Answer:
        """Classify one packed window."""
        answers = self._steps.infer_many(self._frames(sample))
        return Answer(int(answers.predictions[-1]), int(answers.margins[-1]))

    def read_weights(self) -> bytes:
        """The whole model."""
        return self._steps.read_weights()

    def write_weights(self, weights: bytes) -> None:
        """Replace the whole model."""
        self._steps.write_weights(weights)

    def _all_but_last(self, sample: Samples) -> Samples:
        """Send all steps of a packed window but the last, which is returned."""
        frames = self._frames(sample)
        if len(frames) > 1:
            self._steps.infer_many(frames[:-1])
        last: Samples = frames[-1]
        return last

    def _frames(self, sample: Samples) -> Samples:
        """(steps, 1 + axes): what travels, from a packed window."""
        steps = int(sample[0])
        if steps == 0:
            raise DatasetError("a window has no steps; expected at least one")
        values = sample[1 : 1 + steps * self._axes].reshape(steps, self._axes)
        index = np.arange(steps, dtype=np.uint8)[:, np.newaxis]
        return np.ascontiguousarray(np.hstack([index, values]))


def pack_windows(
    windows: Sequence[NDArray[np.float64]], scale: InputScale, steps_max: int
) -> Samples:
    """Quantise windows, a row each: the number of steps, then step by step a value an axis, then 0.

    Args:
        windows: Each (steps, axes).
        scale: Fitted on all steps of the training part, 0..255.
        steps_max: Longest window, 1-255; a longer one ends there.

    Returns:
        (windows, 1 + steps_max * axes) uint8.
    """
    packed = np.zeros((len(windows), 1 + steps_max * scale.width), np.uint8)
    for row, window in zip(packed, windows, strict=True):
        values = scale.apply(window[:steps_max]).ravel()
        row[0] = len(values) // scale.width
        row[1 : 1 + len(values)] = values
    return packed
