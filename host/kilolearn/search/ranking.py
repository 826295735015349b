# SPDX-License-Identifier: GPL-3.0-or-later
"""The features of a table in order of their worth, by three measures of scikit-learn's.

- mutual information: what a feature alone says about the class. Sources: Kraskov, Stoegbauer,
  Grassberger (2004); Ross, Mutual information between discrete and continuous data sets (2014).
- permutation importance: how many answers of a forest become wrong when a feature is shuffled, on
  rows that the forest has not seen. Source: Breiman, Random forests (2001).
- L1 path: in what order features enter a linear model as the penalty falls. One penalty for a
  feature in all classes together, so that it enters for all or for none. Source: Obozinski, Taskar,
  Jordan, Joint covariate selection (2010).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from kilolearn.classifier.folds import stratified_folds
from kilolearn.classifier.table import Table
from kilolearn.errors import MissingExtraError, SearchError

__all__ = ["RANKINGS", "rank"]

# A column with as few levels is a category, and counted; one with more is measured by neighbours.
_COUNTED_LEVELS_MAX = 16
_TREES = 32
_SHUFFLES = 4
_PENALTIES = 64

Order = NDArray[np.int64]


def rank(table: Table, by: str, seed: int) -> Order:
    """The columns, the best first.

    Args:
        table: The rows that may be looked at: of a fold, its training rows.
        by: One of `RANKINGS`.
        seed: The same gives the same order.

    Returns:
        (width,) int64, each column once. Equals stand in the order of the table.

    Raises:
        SearchError: No such ranking.
        DatasetError: Fewer than three samples of a class.
        MissingExtraError: scikit-learn is not installed.
    """
    if by not in RANKINGS:
        raise SearchError(f"unknown ranking {by!r}; expected {', '.join(RANKINGS)}")
    try:
        return RANKINGS[by](table, seed)
    except ImportError as error:
        raise MissingExtraError(
            "scikit-learn is not installed, and this needs it; run: pip install 'kilolearn[learn]'"
        ) from error


def _mutual_information(table: Table, seed: int) -> Order:
    from sklearn.feature_selection import mutual_info_classif  # noqa: PLC0415 - seconds to import

    counted = np.array([len(np.unique(column)) <= _COUNTED_LEVELS_MAX for column in table.levels.T])
    shares = mutual_info_classif(
        table.levels.astype(np.float64),
        table.labels,
        discrete_features=counted,
        random_state=seed,
    )
    return _falling(shares)


def _permutation_importance(table: Table, seed: int) -> Order:
    from sklearn.ensemble import RandomForestClassifier  # noqa: PLC0415 - seconds to import
    from sklearn.inspection import permutation_importance  # noqa: PLC0415

    fold = stratified_folds(table, 3, seed)[0]
    forest = RandomForestClassifier(_TREES, min_samples_leaf=2, random_state=seed)
    forest.fit(table.levels[fold.train], table.labels[fold.train])
    loss = permutation_importance(
        forest,
        table.levels[fold.test],
        table.labels[fold.test],
        n_repeats=_SHUFFLES,
        random_state=seed,
    )
    # Where a twin stands in for a feature, no answer changes: the trees' own measure decides.
    return _falling(loss.importances_mean, forest.feature_importances_)


def _l1_path(table: Table, seed: int) -> Order:
    del seed  # nothing is drawn
    from sklearn.exceptions import ConvergenceWarning  # noqa: PLC0415 - seconds to import
    from sklearn.linear_model import lasso_path  # noqa: PLC0415

    spread = table.levels.std(axis=0)
    columns = (table.levels - table.levels.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    targets = np.eye(table.classes)[table.labels]
    targets -= targets.mean(axis=0)
    highest = np.linalg.norm(columns.T @ targets, axis=1).max() / len(targets)
    penalties = np.geomspace(max(highest, 1e-12), max(highest, 1e-12) * 1e-3, _PENALTIES)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the order is clear before
        _, weights, _ = lasso_path(columns, targets, alphas=penalties, tol=1e-3)
    size = np.linalg.norm(weights, axis=0)  # (width, alphas): the penalty falls
    steps_inside = np.count_nonzero(size > 0, axis=1)
    return _falling(steps_inside, size[:, -1])


def _falling(*keys: NDArray[np.float64] | NDArray[np.int64]) -> Order:
    """Indices by the first key, highest first; among equals by the next."""
    return np.lexsort([-key for key in reversed(keys)])


RANKINGS: dict[str, Callable[[Table, int], Order]] = {
    "mutual information": _mutual_information,
    "permutation importance": _permutation_importance,
    "L1 path": _l1_path,
}
"""By what features may be ranked."""
