# SPDX-License-Identifier: GPL-3.0-or-later
"""Recordings with published parts, as a learner takes them.

A learner whose inputs are the values of a window takes it in one frame; one whose inputs are an
index and the axes of a step takes it step by step (`kilolearn.windows`).
"""

from __future__ import annotations

import numpy as np

from kilolearn.learner import Learner
from kilolearn.quantise import InputScale, QuantisedSplit
from kilolearn.sensor_datasets import RecordedWindows
from kilolearn.windows import WindowLearner, pack_windows

__all__ = ["RECORDINGS", "fit_recordings"]

RECORDINGS = {
    "basic_motions": "BasicMotions",
    "italy_power": "ItalyPowerDemand",
    "japanese_vowels": "JapaneseVowels",
}
"""The name on the command line, and aeon's."""


def fit_recordings(
    learner: Learner, train: RecordedWindows, test: RecordedWindows
) -> tuple[Learner, QuantisedSplit]:
    """Both parts quantised by the training part's range, and the learner of whole windows.

    Args:
        learner: A link or a twin.
        train: The published training part.
        test: The published test part.
    """
    about = learner.description
    parts = (train, test)
    if about.inputs == train.windows[0].size:
        flat = [np.array([window.ravel() for window in part.windows]) for part in parts]
        scale = InputScale.fit(flat[0], about.input_max, shared=True)
        packed = [scale.apply(part) for part in flat]
    else:
        steps_max = max(len(window) for part in parts for window in part.windows)
        scale = InputScale.fit(np.concatenate(train.windows), about.input_max)
        packed = [pack_windows(part.windows, scale, steps_max) for part in parts]
        learner = WindowLearner(learner, steps_max)
    return learner, QuantisedSplit(packed[0], train.labels, packed[1], test.labels, scale)
