# SPDX-License-Identifier: GPL-3.0-or-later
"""What there is to learn from, before anything is fitted: columns, classes, and the test part."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kilolearn import datasets
from kilolearn.csv_file import CsvFile, is_number, read_csv
from kilolearn.errors import DatasetError
from kilolearn.recordings import RECORDINGS
from kilolearn.sensor_datasets import RecordedWindows, load_windows
from kilolearn.sensor_references import window_features

__all__ = ["MISSING_WORDS", "Column", "Records", "read_records"]

MISSING_WORDS = frozenset({"", "?", "na", "n/a", "#n/a", "nan", "null", "none"})
"""Cells that stand for no value, in lower case."""

_NUMBER_MAX = 1e100
_NUMBER_MIN = 1e-100
_CLASSES_MAX = 255
_CLASS_SAMPLES_MIN = 5


@dataclass(frozen=True)
class Column:
    """One column as it was found.

    Attributes:
        name: Of the header, or made up.
        numbers: (samples,) float64; NaN where a cell is missing or no number.
        words: (samples,) text, "" where it is missing; None where only numbers were read.
    """

    name: str
    numbers: NDArray[np.float64]
    words: NDArray[np.str_] | None = None


@dataclass(frozen=True)
class Records:
    """Samples, their classes, and which of them are the test part.

    Attributes:
        name: What reports call the data.
        columns: The features.
        labels: (samples,) int64, 0..len(class_names)-1.
        class_names: In the order of the labels.
        train, test: Rows of the two parts.
        shared_scale: All columns are of one kind (pixels) and keep one common scale.
        said: What was done to the rows, in sentences.
    """

    name: str
    columns: tuple[Column, ...]
    labels: NDArray[np.int64]
    class_names: tuple[str, ...]
    train: NDArray[np.int64]
    test: NDArray[np.int64]
    shared_scale: bool
    said: tuple[str, ...]

    @property
    def row(self) -> int | None:
        """Pixels in a row, when the columns are those of a square image."""
        side = math.isqrt(len(self.columns))
        return side if self.shared_scale and side * side == len(self.columns) else None


def read_records(
    name_or_path: str, target: str | None, seed: int, shared_scale: bool | None
) -> Records:
    """Read data, and cut the test part off.

    Args:
        name_or_path: One of `datasets.NAMES`, a recording that aeon ships (``basic_motions`` or
            ``BasicMotions``), or a path to a .csv or .npz file.
        target: For a CSV: the column with the class, by name or number; the last if not given.
        seed: Of the cut. Recordings have published parts, and keep them.
        shared_scale: As for `datasets.load`.

    Raises:
        DatasetError: Data that cannot be read or learned from.
        MissingExtraError: scikit-learn or aeon is not installed, and is needed.
    """
    recording = RECORDINGS.get(name_or_path, name_or_path)
    if recording in RECORDINGS.values():
        if target is not None:
            raise DatasetError(f"--target {target}: {name_or_path} knows its classes; leave it out")
        return _of_recordings(recording, *load_windows(recording))
    if Path(name_or_path).suffix.lower() == ".csv" and Path(name_or_path).is_file():
        return _of_csv(read_csv(Path(name_or_path), target), target, seed, bool(shared_scale))
    dataset = datasets.load(name_or_path, target, shared_scale)
    names = dataset.feature_names or tuple(f"column {c}" for c in range(dataset.width))
    classes = dataset.class_names or tuple(str(label) for label in range(dataset.classes))
    columns = [Column(n, _kept(v)) for n, v in zip(names, dataset.features.T, strict=True)]
    return _cut(dataset.name, columns, dataset.labels, classes, seed, dataset.shared_scale, ())


def _of_recordings(name: str, train: RecordedWindows, test: RecordedWindows) -> Records:
    """A window becomes the sums that avr/online/window.h keeps of each axis."""
    rows = np.array([_window_row(window) for part in (train, test) for window in part.windows])
    axes = train.windows[0].shape[1]
    if axes == 1:
        names = [f"step {step}" for step in range(rows.shape[1])]
    else:
        sums = ("mean", "first", "last", "change")
        names = [f"{name} of axis {axis}" for name in sums for axis in range(axes)]
    count = len(train.labels)
    return Records(
        name,
        tuple(Column(n, v) for n, v in zip(names, rows.T, strict=True)),
        np.concatenate([train.labels, test.labels]),
        tuple(str(label) for label in range(train.classes)),
        np.arange(count),
        np.arange(count, len(rows)),
        False,
        (f"{count} windows to train on and {len(test.labels)} to test on, as published",),
    )


def _window_row(window: NDArray[np.float64]) -> NDArray[np.float64]:
    ends, axes = window_features(window, True), window.shape[1]
    return ends if axes == 1 else np.concatenate([ends, window_features(window, False)[axes:]])


def _of_csv(file: CsvFile, target: str | None, seed: int, shared_scale: bool) -> Records:
    at = file.column(target)
    said = [] if file.header else ["no header: columns are called by their numbers from 0"]
    answers = [row[at] for row in file.rows]
    rows = [r for r, a in zip(file.rows, answers, strict=True) if not _is_missing(a)]
    if len(rows) < len(answers):
        said.append(f"{len(answers) - len(rows)} rows without a class left out")
    labels, classes = _classes(str(file.path), [row[at] for row in rows])
    names = _distinct(file.header or tuple(f"column {c}" for c in range(file.width)))
    columns = [_column(names[c], [row[c] for row in rows]) for c in range(file.width) if c != at]
    return _cut(file.path.stem, columns, labels, classes, seed, shared_scale, tuple(said))


def _column(name: str, cells: list[str]) -> Column:
    numbers = [float(cell) if is_number(cell) else math.nan for cell in cells]
    words = ["" if _is_missing(cell) else " ".join(cell.split()) for cell in cells]
    return Column(name, _kept(np.array(numbers, np.float64)), np.array(words, np.str_))


def _kept(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    """The numbers; what is too large is missing, what is too small is 0."""
    size = np.abs(numbers)
    return np.where(size < _NUMBER_MIN, 0.0, np.where(size <= _NUMBER_MAX, numbers, np.nan))


def _is_missing(cell: str) -> bool:
    return cell.lower() in MISSING_WORDS


def _distinct(names: tuple[str, ...]) -> list[str]:
    """The names without line breaks, numbered where empty or double."""
    taken: list[str] = []
    for number, name in enumerate(names):
        text = " ".join(name.split()) or f"column {number}"
        taken.append(text if text not in taken else f"{text} ({number})")
    return taken


def _classes(name: str, answers: list[str]) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Labels 0..k-1 and the names of the classes, in the order of numbers or of words."""
    if all(is_number(answer) for answer in answers):
        values = [float(answer) for answer in answers]
        odd = [value for value in values if not value.is_integer()]
        if odd:
            raise DatasetError(
                f"{name}: the target holds {odd[0]}, a number with a fraction; expected classes; "
                f"amounts are not learned here: cut them into ranges and name these"
            )
        answers = [str(int(value)) for value in values]
        classes = sorted(set(answers), key=int)
    else:
        classes = sorted(set(answers))
    place = {word: label for label, word in enumerate(classes)}
    return np.array([place[answer] for answer in answers], np.int64), tuple(classes)


def _cut(
    name: str,
    columns: list[Column],
    labels: NDArray[np.int64],
    classes: tuple[str, ...],
    seed: int,
    shared_scale: bool,
    said: tuple[str, ...],
) -> Records:
    """Refuse what cannot be judged, then cut the test part off."""
    if len(classes) < 2:
        found = f"only the class {classes[0]!r}" if classes else "no class"
        raise DatasetError(f"{name}: {found} found; expected two classes or more")
    if len(classes) > _CLASSES_MAX:
        raise DatasetError(
            f"{name}: {len(classes)} classes found; expected {_CLASSES_MAX} at most; is the "
            f"target an amount, or a number of the row?"
        )
    sizes = np.bincount(labels, minlength=len(classes))
    if sizes.min() < _CLASS_SAMPLES_MIN:
        raise DatasetError(
            f"{name}: class {classes[sizes.argmin()]!r} has {sizes.min()} samples; expected "
            f"{_CLASS_SAMPLES_MIN} or more of each class; add samples, or leave the class out"
        )
    train, test = datasets.split_rows(name, labels, seed)
    parts = (
        f"{len(train)} rows to train on and {len(test)} to test on, cut off first by seed {seed}"
    )
    return Records(name, tuple(columns), labels, classes, train, test, shared_scale, (*said, parts))
