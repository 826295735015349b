# SPDX-License-Identifier: GPL-3.0-or-later
"""Float models on the PC, in the same evaluation as the chip's learner."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from kilolearn.datasets import Dataset
from kilolearn.errors import MissingExtraError
from kilolearn.sensor_datasets import RecordedWindows

__all__ = ["stream_reference", "window_features", "window_reference"]


def window_reference(train: RecordedWindows, test: RecordedWindows, ends: bool) -> float:
    """scikit-learn's logistic regression on standardised features of whole windows.

    Args:
        train: The published training part.
        test: The published test part.
        ends: As for `window_features`.

    Returns:
        Percent right on the test part.

    Raises:
        MissingExtraError: scikit-learn is not installed.
    """
    try:
        from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - seconds to import
        from sklearn.pipeline import make_pipeline  # noqa: PLC0415
        from sklearn.preprocessing import StandardScaler  # noqa: PLC0415
    except ImportError as error:
        raise _missing("scikit-learn", "kilolearn[learn]") from error
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    model.fit([window_features(window, ends) for window in train.windows], train.labels)
    tested = [window_features(window, ends) for window in test.windows]
    return 100.0 * float(model.score(tested, test.labels))


def window_features(window: NDArray[np.float64], ends: bool) -> NDArray[np.float64]:
    """The features of avr/online/window.h in floating point; one axis alone is taken as it is.

    Args:
        window: (steps, axes).
        ends: First and last value instead of the mean change.
    """
    if window.shape[1] == 1:
        return window[:, 0]
    rest = [window[0], window[-1]] if ends else [np.abs(np.diff(window, axis=0)).mean(axis=0)]
    return np.concatenate([window.mean(axis=0), *rest])


def stream_reference(stream: Dataset, linear: bool) -> float:
    """A model of river, test-then-train in the stream's order.

    Args:
        stream: Unscaled.
        linear: River's own example, StandardScaler and LogisticRegression, both as they come;
            else its HoeffdingTreeClassifier, as it comes.

    Returns:
        Percent right over the whole stream.

    Raises:
        MissingExtraError: river is not installed.
    """
    try:
        from river import linear_model, preprocessing, tree  # noqa: PLC0415 - seconds to import
    except ImportError as error:
        raise _missing("river", "river") from error
    model: Any = tree.HoeffdingTreeClassifier()
    if linear:
        model = preprocessing.StandardScaler() | linear_model.LogisticRegression()
    right = 0
    for row, label in zip(stream.features.tolist(), stream.labels.tolist(), strict=True):
        sample = dict(enumerate(row))
        right += int(bool(model.predict_one(sample)) == bool(label))
        model.learn_one(sample, bool(label))
    return 100.0 * right / len(stream.labels)


def _missing(name: str, requirement: str) -> MissingExtraError:
    return MissingExtraError(
        f"{name} is not installed, and the comparison needs it; run: pip install '{requirement}'"
    )
