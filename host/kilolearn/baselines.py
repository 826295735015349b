# SPDX-License-Identifier: GPL-3.0-or-later
"""What scikit-learn reaches on the same split, in floating point on the PC."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kilolearn.datasets import Split
from kilolearn.errors import MissingExtraError

__all__ = ["Baseline", "float_baselines"]


@dataclass(frozen=True)
class Baseline:
    """A float model of scikit-learn.

    Attributes:
        name: Of the model.
        accuracy: On the test part, percent.
        parameters: Numbers that it learned.
    """

    name: str
    accuracy: float
    parameters: int


def float_baselines(split: Split, seed: int = 0) -> list[Baseline]:
    """Train logistic regression and a small multilayer perceptron on the training part.

    Both see features scaled to 0-1 by the training part and are otherwise scikit-learn's defaults
    (the perceptron: one hidden layer of 32 and up to 500 epochs).

    Raises:
        MissingExtraError: scikit-learn is not installed.
    """
    try:
        from sklearn.exceptions import ConvergenceWarning  # noqa: PLC0415 - seconds to import
        from sklearn.linear_model import LogisticRegression  # noqa: PLC0415
        from sklearn.neural_network import MLPClassifier  # noqa: PLC0415
        from sklearn.pipeline import make_pipeline  # noqa: PLC0415
        from sklearn.preprocessing import MinMaxScaler  # noqa: PLC0415
    except ImportError as error:
        raise MissingExtraError(
            "scikit-learn is not installed, and the comparison needs it; run: pip install "
            "'kilolearn[learn]'"
        ) from error
    models: list[tuple[str, Any, Callable[[Any], int]]] = [
        (
            "LogisticRegression (float64)",
            LogisticRegression(max_iter=1000),
            lambda model: int(model.coef_.size + model.intercept_.size),
        ),
        (
            "MLPClassifier 32 hidden (float64)",
            MLPClassifier((32,), max_iter=500, random_state=seed),
            lambda model: int(sum(a.size for a in model.coefs_ + model.intercepts_)),
        ),
    ]
    baselines = []
    for name, model, parameters in models:
        pipeline = make_pipeline(MinMaxScaler(), model)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            pipeline.fit(split.train_features, split.train_labels)
        accuracy = 100.0 * pipeline.score(split.test_features, split.test_labels)
        baselines.append(Baseline(name, accuracy, parameters(model)))
    return baselines
