# SPDX-License-Identifier: GPL-3.0-or-later
"""From a file to tables of levels: the test part cut off first, all else fitted without it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from kilolearn.classifier.table import Table
from kilolearn.errors import DatasetError
from kilolearn.search.columns import FittedColumn, fit_column, fit_pixels
from kilolearn.search.preparation import Preparation, PreparedFeature
from kilolearn.search.records import Records, read_records

__all__ = ["Prepared", "load_problem_data"]

_WIDTH_MAX = 1024

Floats = NDArray[np.float64]
Raw = NDArray[np.int16]


@dataclass(frozen=True)
class Prepared:
    """Data as a search takes them.

    Attributes:
        name: What reports call them.
        train, test: Both parts in levels.
        train_raw, test_raw: (samples, raw columns) int16: what `preparation` turns into levels.
        train_values, test_values: (samples, width) float64: the same features before they became
            levels, nothing missing; for models on the PC.
        class_names: In the order of the labels.
        preparation: What the chip computes.
        said: What was done to rows and columns, in sentences.
    """

    name: str
    train: Table
    test: Table
    train_raw: Raw
    test_raw: Raw
    train_values: Floats
    test_values: Floats
    class_names: tuple[str, ...]
    preparation: Preparation
    said: tuple[str, ...]


def load_problem_data(
    name_or_path: str,
    target: str | None = None,
    seed: int = 0,
    shared_scale: bool | None = None,
) -> Prepared:
    """Read data, cut the test part off, clean the rest and fit the preparation to it.

    Args:
        name_or_path: One of `datasets.NAMES`, a recording of `recordings.RECORDINGS`, or a path to
            a .csv or .npz file.
        target: For a CSV: the column with the class, by name or number; the last if not given.
        seed: Of the cut; a fifth of the rows is the test part. Recordings keep their own.
        shared_scale: All columns are pixels of one kind; overrides the data set's own.

    Raises:
        DatasetError: Data that cannot be read or learned from.
        MissingExtraError: scikit-learn or aeon is not installed, and is needed.
    """
    records = read_records(name_or_path, target, seed, shared_scale)
    said = list(records.said)
    if records.shared_scale:
        fitted, level_max = fit_pixels(records.columns, records.train)
        preparation, raw, values = _together(fitted, level_max)
    else:
        fitted = []
        for column in records.columns:
            one = fit_column(column, records.train, records.labels)
            if one is None:
                said.append(f"{column.name}: empty in every training row, dropped")
            else:
                said.extend(one.said)
                fitted.append(one)
        if not fitted:
            raise DatasetError(f"{records.name}: every feature is empty; expected one with values")
        preparation, raw, values = _together(fitted, 255)
        kept, dropped = _worth_keeping(preparation, raw[records.train])
        said.extend(dropped)
        if not kept:
            raise DatasetError(
                f"{records.name}: every feature is constant in the training part; expected one "
                f"that differs between samples"
            )
        preparation, columns = preparation.narrowed(kept)
        raw, values = raw[:, columns], values[:, kept]
    if len(preparation.features) > _WIDTH_MAX:
        raise DatasetError(
            f"{records.name}: {len(preparation.features)} features found; expected {_WIDTH_MAX} at "
            f"most, a sample must fit the chip's SRAM; drop columns"
        )
    train, test = (
        _table(records, preparation, raw, part) for part in (records.train, records.test)
    )
    return Prepared(
        records.name,
        train,
        test,
        raw[records.train],
        raw[records.test],
        values[records.train],
        values[records.test],
        records.class_names,
        preparation,
        tuple(said),
    )


def _together(fitted: list[FittedColumn], level_max: int) -> tuple[Preparation, Raw, Floats]:
    features = tuple(
        replace(feature, column=at) for at, one in enumerate(fitted) for feature in one.features
    )
    preparation = Preparation(tuple(one.meaning for one in fitted), features, level_max, level_max)
    raw = np.stack([one.raw for one in fitted], axis=1)
    return preparation, raw, np.concatenate([one.values for one in fitted], axis=1)


def _worth_keeping(preparation: Preparation, raw: Raw) -> tuple[list[int], list[str]]:
    """Features whose levels differ between samples and from those of a feature before."""
    first: dict[bytes, PreparedFeature] = {}
    kept: list[int] = []
    said: list[str] = []
    for at, (feature, levels) in enumerate(
        zip(preparation.features, preparation.apply(raw).T, strict=True)
    ):
        twin = first.setdefault(levels.tobytes(), feature)
        if np.all(levels == levels[0]):
            said.append(f"{feature.name}: constant, dropped")
        elif twin is not feature:
            said.append(f"{feature.name}: the same levels as {twin.name}, dropped")
        else:
            kept.append(at)
    return kept, said


def _table(records: Records, preparation: Preparation, raw: Raw, part: NDArray[np.int64]) -> Table:
    return Table(
        preparation.apply(raw[part]),
        records.labels[part],
        len(records.class_names),
        preparation.level_max,
        tuple(feature.name for feature in preparation.features),
        records.row,
    )
