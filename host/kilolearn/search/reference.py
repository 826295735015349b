# SPDX-License-Identifier: GPL-3.0-or-later
"""What scikit-learn's float models reach on the same data: the mark for a search."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kilolearn.errors import MissingExtraError

__all__ = ["FOLDS", "Reference", "best_reference", "fold_count", "reference_models"]

FOLDS = 5


@dataclass(frozen=True)
class Reference:
    """A float model of scikit-learn, the best of its grid.

    Attributes:
        name: The estimator's class.
        parameters: What of the grid it was.
        accuracy: Percent right, mean of stratified folds of the training part.
        model: The pipeline, fitted to all of the training part.
    """

    name: str
    parameters: dict[str, object]
    accuracy: float
    model: Any


def reference_models(
    features: NDArray[Any], labels: NDArray[np.int64], seed: int
) -> Iterator[Reference]:
    """Logistic regression, perceptron and forest, each the best of a small grid.

    Grids: C of 0.1, 1, 10; one hidden layer of 32 or 64; 100 trees that look at a root or at half
    of the features. Features are standardised.

    Args:
        features: (samples, width) of the training part, in any scale.
        labels: (samples,).
        seed: Of folds, first weights and trees.

    Raises:
        MissingExtraError: scikit-learn is not installed.
    """
    try:
        from sklearn.ensemble import RandomForestClassifier  # noqa: PLC0415 - seconds to import
        from sklearn.exceptions import ConvergenceWarning  # noqa: PLC0415
        from sklearn.linear_model import LogisticRegression  # noqa: PLC0415
        from sklearn.model_selection import GridSearchCV, StratifiedKFold  # noqa: PLC0415
        from sklearn.neural_network import MLPClassifier  # noqa: PLC0415
        from sklearn.pipeline import Pipeline  # noqa: PLC0415
        from sklearn.preprocessing import StandardScaler  # noqa: PLC0415
    except ImportError as error:
        raise MissingExtraError(
            "scikit-learn is not installed, and the reference needs it; run: pip install "
            "'kilolearn[search]'"
        ) from error
    grids: list[tuple[Any, dict[str, list[Any]]]] = [
        (LogisticRegression(max_iter=1000), {"C": [0.1, 1.0, 10.0]}),
        (
            MLPClassifier(max_iter=300, random_state=seed),
            {"hidden_layer_sizes": [(32,), (64,)]},
        ),
        (
            RandomForestClassifier(100, random_state=seed),
            {"max_features": ["sqrt", 0.5]},
        ),
    ]
    folds = StratifiedKFold(fold_count(labels), shuffle=True, random_state=seed)
    for estimator, grid in grids:
        pipeline = Pipeline([("scale", StandardScaler()), ("model", estimator)])
        search = GridSearchCV(
            pipeline, {f"model__{name}": values for name, values in grid.items()}, cv=folds
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            search.fit(features.astype(np.float64), labels)
        chosen = {name.removeprefix("model__"): v for name, v in search.best_params_.items()}
        yield Reference(
            type(estimator).__name__,
            chosen,
            100.0 * float(search.best_score_),
            search.best_estimator_,
        )


def best_reference(references: Sequence[Reference]) -> Reference:
    """The most accurate; of equal ones the first, which is the simpler."""
    return max(references, key=lambda reference: reference.accuracy)


def fold_count(labels: NDArray[np.int64]) -> int:
    """As many as the rarest class has samples, at most `FOLDS` and at least two."""
    counts = np.bincount(labels)
    return int(np.clip(counts[counts > 0].min(), 2, FOLDS))
