# SPDX-License-Identifier: GPL-3.0-or-later
"""Data sets by name or from a file, checked, and cut into training and test parts.

The four named sets are scikit-learn's own copies (no download). A CSV file has one row a
sample; a header line is recognised by a cell that is no number in a column of numbers.
An .npz file carries ``X, y`` or ``features, labels``.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kilolearn.csv_file import is_number, read_csv
from kilolearn.errors import DatasetError, MissingExtraError

__all__ = ["NAMES", "Dataset", "Split", "load", "split", "split_rows"]

NAMES: tuple[str, ...] = ("breast_cancer", "digits", "iris", "wine")

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]


@dataclass(frozen=True)
class Dataset:
    """Samples with their classes.

    Attributes:
        name: What reports call it.
        features: (samples, width) float64, finite.
        labels: (samples,) int64, each of 0..classes-1 present at least once.
        feature_names: One a column, or None.
        class_names: One a class, in the order of the labels, or None.
        shared_scale: All columns are of one kind (pixels) and keep one common scale.
    """

    name: str
    features: Floats
    labels: Labels
    feature_names: tuple[str, ...] | None = None
    class_names: tuple[str, ...] | None = None
    shared_scale: bool = False

    def __post_init__(self) -> None:
        _check(self.name, self.features, self.labels)

    @property
    def width(self) -> int:
        """Features in a sample."""
        return int(self.features.shape[1])

    @property
    def classes(self) -> int:
        """Number of classes."""
        return int(self.labels.max()) + 1


@dataclass(frozen=True)
class Split:
    """One data set cut in two; the test part is never trained on.

    Attributes:
        dataset: Where it came from.
        seed: Of the cut.
        train_features, test_features: (samples, width) float64.
        train_labels, test_labels: (samples,) int64.
    """

    dataset: Dataset
    seed: int
    train_features: Floats
    train_labels: Labels
    test_features: Floats
    test_labels: Labels


def load(
    name_or_path: str | Path, label: str | None = None, shared_scale: bool | None = None
) -> Dataset:
    """Load a data set.

    Args:
        name_or_path: One of `NAMES`, or a path to a .csv or .npz file.
        label: For a CSV: the column (header name, or number from 0; -1 is the last) that holds
            the class. The last column when not given.
        shared_scale: Overrides `Dataset.shared_scale` (true for digits, else false).

    Raises:
        DatasetError: Unknown name, file absent, or contents that cannot be learned from.
        MissingExtraError: A named set, and scikit-learn is not installed.
    """
    text = str(name_or_path)
    if text in NAMES:
        if label is not None:
            raise DatasetError(f"--label {label}: {text} knows its classes; leave it out")
        return _from_scikit_learn(text, shared_scale)
    path = Path(name_or_path)
    readers: dict[str, Callable[[], Dataset]] = {
        ".csv": lambda: _from_csv(path, label, bool(shared_scale)),
        ".npz": lambda: _from_npz(path, bool(shared_scale)),
    }
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise DatasetError(
            f"unknown data set {text!r}; expected {', '.join(NAMES)}, or a .csv or .npz file"
        )
    if not path.is_file():
        raise DatasetError(f"{path}: no such file; give an existing .csv or .npz")
    return reader()


def split(dataset: Dataset, seed: int, test_size: float = 0.2) -> Split:
    """Cut a data set in two with every class in its share.

    Args:
        dataset: What to cut.
        seed: As for `split_rows`.
        test_size: Share of the test part, 0-1.

    Raises:
        DatasetError: Too few samples of a class for two parts.
        MissingExtraError: scikit-learn is not installed.
    """
    labels = dataset.labels
    train, test = split_rows(dataset.name, labels, seed, test_size)
    features = dataset.features
    return Split(dataset, seed, features[train], labels[train], features[test], labels[test])


def split_rows(
    name: str, labels: Labels, seed: int, test_size: float = 0.2
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The rows of the training and of the test part (scikit-learn's stratified split).

    Args:
        name: Of the data, for the error.
        labels: (samples,) int64.
        seed: ``random_state`` of ``train_test_split``; the same seed gives the same parts.
        test_size: Share of the test part, 0-1.

    Raises:
        DatasetError: Too few samples of a class for two parts.
        MissingExtraError: scikit-learn is not installed.
    """
    try:
        from sklearn.model_selection import train_test_split  # noqa: PLC0415 - seconds to import
    except ImportError as error:
        raise _learn_missing() from error
    try:
        train, test = train_test_split(
            np.arange(len(labels)), test_size=test_size, stratify=labels, random_state=seed
        )
    except ValueError as error:
        raise DatasetError(
            f"{name}: {len(labels)} samples of {len(np.unique(labels))} classes cannot be "
            f"cut into training and test parts ({error}); add samples"
        ) from error
    return train, test


def _learn_missing() -> MissingExtraError:
    return MissingExtraError(
        "scikit-learn is not installed, and this needs it; run: pip install 'kilolearn[learn]'"
    )


def _check(name: str, features: Floats, labels: Labels) -> None:
    if features.ndim != 2 or not features.shape[1]:
        raise DatasetError(
            f"{name}: features have shape {features.shape}; expected (samples, width)"
        )
    if not len(features):
        raise DatasetError(f"{name}: no samples; expected at least one row")
    if labels.shape != (len(features),):
        raise DatasetError(
            f"{name}: labels have shape {labels.shape} for {len(features)} samples; "
            f"expected ({len(features)},)"
        )
    bad = np.argwhere(~np.isfinite(features))
    if len(bad):
        row, column = bad[0]
        raise DatasetError(
            f"{name}: sample {row}, feature {column} is {features[row, column]}; expected a finite "
            f"number ({len(bad)} such cells); fill or drop them"
        )
    present = np.unique(labels)
    if not np.array_equal(present, np.arange(len(present))):
        raise DatasetError(
            f"{name}: labels are {_some(present)}; expected 0..{len(present) - 1} without gaps; "
            f"renumber them"
        )
    if len(present) < 2:
        raise DatasetError(f"{name}: all samples are of one class; expected two or more")


def _some(values: NDArray[Any]) -> str:
    text = ", ".join(str(value) for value in values[:8])
    return text + (", ..." if len(values) > 8 else "")


def _from_scikit_learn(name: str, shared_scale: bool | None) -> Dataset:
    try:
        from sklearn import datasets as bundled  # noqa: PLC0415 - seconds to import
    except ImportError as error:
        raise _learn_missing() from error
    bunch = getattr(bundled, f"load_{name}")()
    return Dataset(
        name=name,
        features=np.asarray(bunch.data, np.float64),
        labels=np.asarray(bunch.target, np.int64),
        feature_names=tuple(str(text) for text in bunch.feature_names),
        class_names=tuple(str(text) for text in bunch.target_names),
        shared_scale=name == "digits" if shared_scale is None else shared_scale,
    )


def _from_npz(path: Path, shared_scale: bool) -> Dataset:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            arrays = {key: archive[key] for key in archive.files}
    except (OSError, ValueError, EOFError, AttributeError, zipfile.BadZipFile) as error:
        raise DatasetError(f"{path}: not a readable .npz file ({error})") from error
    for features_key, labels_key in (("X", "y"), ("features", "labels")):
        if features_key in arrays and labels_key in arrays:
            try:
                features = np.asarray(arrays[features_key], np.float64)
            except ValueError as error:
                raise DatasetError(f"{path}: {features_key} holds no numbers ({error})") from error
            labels, names = _numbered(path.name, arrays[labels_key])
            return Dataset(
                path.stem, features, labels, class_names=names, shared_scale=shared_scale
            )
    found = ", ".join(sorted(arrays)) or "nothing"
    raise DatasetError(f"{path}: holds {found}; expected X and y, or features and labels")


def _from_csv(path: Path, label: str | None, shared_scale: bool) -> Dataset:
    file = read_csv(path, label)
    column = file.column(label)
    cells = [[_number(path, n, row[c]) for c in range(file.width) if c != column]
             for n, row in enumerate(file.rows)]  # fmt: skip
    labels, class_names = _numbered(path.name, np.array([row[column] for row in file.rows]))
    names = tuple(h for c, h in enumerate(file.header) if c != column) if file.header else None
    return Dataset(path.stem, np.array(cells, np.float64), labels, names, class_names, shared_scale)


def _number(path: Path, row: int, cell: str) -> float:
    if cell and not is_number(cell):
        raise DatasetError(
            f"{path}: sample {row} has {cell!r} among its features; expected a number "
            f"(name the class column with --label)"
        )
    return float(cell or "nan")


def _numbered(name: str, raw: NDArray[Any]) -> tuple[Labels, tuple[str, ...] | None]:
    """Classes as 0..k-1: whole numbers stay as they are, words are numbered in sorted order."""
    if raw.ndim != 1:
        raise DatasetError(f"{name}: labels have shape {raw.shape}; expected one a sample")
    try:
        values = raw.astype(np.float64)
    except ValueError:
        if any(not str(value) for value in raw):
            raise DatasetError(f"{name}: a sample has no label; expected one in each") from None
        words, numbers = np.unique(raw, return_inverse=True)
        return numbers.astype(np.int64), tuple(str(word) for word in words)
    if not np.all(np.isfinite(values)) or np.any(values != np.floor(values)):
        odd = values[~np.isfinite(values) | (values != np.floor(values))][0]
        raise DatasetError(f"{name}: label {odd} found; expected whole numbers 0..k-1 or words")
    return values.astype(np.int64), None
