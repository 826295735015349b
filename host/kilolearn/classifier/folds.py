# SPDX-License-Identifier: GPL-3.0-or-later
"""Stratified folds of a table, repeated, the same for the same seed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kilolearn.classifier.table import Table
from kilolearn.errors import DatasetError, MissingExtraError

__all__ = ["Fold", "stratified_folds"]


@dataclass(frozen=True)
class Fold:
    """Rows to fit on, and rows to judge by.

    Attributes:
        train, test: Indices of rows, ascending; together all of them, none twice.
    """

    train: NDArray[np.int64]
    test: NDArray[np.int64]


def stratified_folds(table: Table, folds: int, seed: int, repeats: int = 1) -> tuple[Fold, ...]:
    """Cut a table into parts with every class in its share; each part is once the test.

    Args:
        table: The training part.
        folds: Parts of one cut, 2 or more.
        seed: Of the cuts.
        repeats: How often to cut anew.

    Returns:
        folds * repeats of them, one cut after the other.

    Raises:
        DatasetError: A class has fewer samples than there are folds.
        MissingExtraError: scikit-learn is not installed.
    """
    try:
        from sklearn.model_selection import RepeatedStratifiedKFold  # noqa: PLC0415 - seconds
    except ImportError as error:
        raise MissingExtraError(
            "scikit-learn is not installed, and this needs it; run: pip install 'kilolearn[learn]'"
        ) from error
    present, sizes = np.unique(table.labels, return_counts=True)
    if folds < 2 or sizes.min() < folds:
        raise DatasetError(
            f"{sizes.min()} training samples of class {present[sizes.argmin()]} for {folds} folds; "
            f"expected 2 folds or more, and a sample of each class in each; take fewer folds, or "
            f"add samples"
        )
    cuts = RepeatedStratifiedKFold(n_splits=folds, n_repeats=repeats, random_state=seed)
    return tuple(Fold(train, test) for train, test in cuts.split(table.levels, table.labels))
