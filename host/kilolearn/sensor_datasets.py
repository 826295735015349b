# SPDX-License-Identifier: GPL-3.0-or-later
"""Sensor recordings and streams, read from the files that two packages on PyPI carry.

aeon ships three sets of the UEA and UCR archives with their published training and test parts, as
.ts files; river ships two streams. Only the files are read: neither package is imported, so that
aeon may be installed without its dependencies. Both are under the BSD licence.

Sources: Bagnall et al., The UEA multivariate time series classification archive (2018); Dau et al.,
The UCR time series archive (2019); Abdelhamid, Website Phishing, UCI (2014); OpenML 1460.
"""

from __future__ import annotations

import csv
import gzip
import importlib.util
import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kilolearn.datasets import Dataset
from kilolearn.errors import DatasetError, MissingExtraError

__all__ = ["STREAMS", "RecordedWindows", "load_stream", "load_windows", "read_ts"]

STREAMS: tuple[str, ...] = ("bananas", "phishing")

_HINTS = {"aeon": "pip install --no-deps aeon", "river": "pip install river"}


@dataclass(frozen=True)
class RecordedWindows:
    """One published part of a set of recordings.

    Attributes:
        windows: Each (steps, axes) float64; steps may differ.
        labels: (windows,) int64, 0..classes-1 in the order of the header's classes.
        classes: How many the header names.
    """

    windows: list[NDArray[np.float64]]
    labels: NDArray[np.int64]
    classes: int


def load_windows(name: str) -> tuple[RecordedWindows, RecordedWindows]:
    """The training and the test part of a set that aeon ships.

    Args:
        name: As aeon calls it, e.g. ``"BasicMotions"``.

    Raises:
        MissingExtraError: aeon is not installed.
        DatasetError: aeon has no such set, or a file is damaged.
    """
    folder = _package("aeon") / "datasets" / "data" / name
    paths = [folder / f"{name}_{part}.ts" for part in ("TRAIN", "TEST")]
    for path in paths:
        if not path.is_file():
            raise DatasetError(f"{path}: no such file; expected a set that aeon ships")
    train, test = (read_ts(path) for path in paths)
    return train, test


def load_stream(name: str) -> Dataset:
    """A stream that river ships, samples in their published order.

    Args:
        name: One of `STREAMS`.

    Raises:
        MissingExtraError: river is not installed.
        DatasetError: Unknown name, or the file is absent or damaged.
    """
    readers = {"bananas": _bananas, "phishing": _phishing}
    if name not in readers:
        raise DatasetError(f"unknown stream {name!r}; expected {', '.join(STREAMS)}")
    folder = _package("river") / "datasets"
    try:
        table = np.array(readers[name](folder), np.float64)
    except (OSError, ValueError, IndexError, KeyError, zipfile.BadZipFile, EOFError) as error:
        raise DatasetError(
            f"{folder}: the file of {name} cannot be read ({error}); install river anew"
        ) from error
    return Dataset(name, table[:, :-1], table[:, -1].astype(np.int64))


def read_ts(path: Path) -> RecordedWindows:
    """Read a .ts file: ``@classLabel true NAMES...``, then ``AXIS:AXIS:CLASS``, a line a window.

    Raises:
        DatasetError: No classes, no windows, or a line that is none.
    """
    names: list[str] = []
    windows: list[NDArray[np.float64]] = []
    labels: list[int] = []
    in_data = False
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        if in_data:
            *axes, label = text.split(":")
            try:
                window = np.array([axis.split(",") for axis in axes], np.float64).T
                labels.append(names.index(label))
            except ValueError as error:
                raise DatasetError(
                    f"{path}: line {number} is no window ({error}); expected axes of equal length "
                    f"and one of the classes {', '.join(names)}, parted by ':'"
                ) from error
            if not window.size or not np.all(np.isfinite(window)):
                raise DatasetError(
                    f"{path}: line {number} is empty or has missing values; expected numbers only"
                )
            windows.append(window)
        elif text.lower().startswith("@classlabel"):
            names = text.split()[2:]
        in_data = in_data or text.lower() == "@data"
    if not names or not windows:
        raise DatasetError(
            f"{path}: {len(names)} classes and {len(windows)} windows found; expected both"
        )
    return RecordedWindows(windows, np.array(labels, np.int64), len(names))


def _package(name: str) -> Path:
    """Where an installed package lies, without importing it."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise MissingExtraError(
            f"{name} is not installed, and its data files are needed; run: {_HINTS[name]}"
        )
    return Path(spec.origin).parent


def _phishing(folder: Path) -> list[list[float]]:
    with gzip.open(folder / "phishing.csv.gz", "rt", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    return [[float(cell) for cell in row] for row in rows[1:]]


def _bananas(folder: Path) -> list[list[float]]:
    with zipfile.ZipFile(folder / "banana.zip") as archive:
        text = io.TextIOWrapper(archive.open("banana.all.txt"), "utf-8")
        rows = [line.split() for line in text]
    return [
        [*(float(cell.split(":")[1]) for cell in row[1:]), float(row[0] == "1")] for row in rows
    ]
