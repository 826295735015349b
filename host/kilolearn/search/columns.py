# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of one column: raw integers, and the features made of them.

A column is fitted on the rows of the training part and applied to all.

- Numbers become fixed point, raw = round(value * 10^decimals), with the column's own decimals or as
  many as 16 bits hold. What lies beyond Tukey's outer fences, three quartile ranges outside the
  quartiles (Exploratory data analysis, 1977), is clipped, but one row in fifty at most on a side.
  A missing number has the median's level; when being missing goes with the class (chi-square,
  p < 0.01) a feature says it.
- Words become the number of the word, and a feature for each (scikit-learn's OneHotEncoder). Words
  of fewer than one row in a hundred, and those never seen, are one: any other.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from kilolearn.search.preparation import MISSING, RAW_MAX, PreparedFeature
from kilolearn.search.records import Column

__all__ = ["FittedColumn", "fit_column", "fit_pixels"]

_LEVEL_MAX = 255
_FENCE = 3.0  # quartile ranges
_QUANTILES = (2, 25, 75, 98)  # percent
_NUMBERS_SHARE = 0.9  # of the cells that are filled, for a column to be one of numbers
_WORDS_MAX = 16
_RARE_SHARE = 0.01
_RARE_MIN = 2
_SHOWN_MAX = 24
_GAPS_MIN = 5
_GAPS_P = 0.01

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class FittedColumn:
    """A column as the chip gets it.

    Attributes:
        meaning: What a raw value says: ``"petal length * 10"``.
        raw: (samples,) int16, all rows.
        values: (samples, features) float64: before they became levels, nothing missing.
        features: What is made of it; `PreparedFeature.column` is 0.
        said: What was done, a sentence each.
    """

    meaning: str
    raw: NDArray[np.int16]
    values: NDArray[np.float64]
    features: tuple[PreparedFeature, ...]
    said: tuple[str, ...]


def fit_column(column: Column, train: Rows, labels: NDArray[np.int64]) -> FittedColumn | None:
    """Fit one column.

    Args:
        column: All rows of it.
        train: The rows to fit on.
        labels: (samples,) of all rows; those of `train` are looked at.

    Returns:
        None when all cells of the training part are missing.
    """
    numbers = np.isfinite(column.numbers[train])
    filled = numbers if column.words is None else column.words[train] != ""
    if not filled.any():
        return None
    if column.words is not None and numbers.sum() < _NUMBERS_SHARE * filled.sum():
        return _fit_words(column.name, column.words, train)
    fitted = _fit_numbers(column, train, labels)
    strange = int(filled.sum() - numbers.sum())
    if not strange:
        return fitted
    said = f"{column.name}: {strange} words among its numbers are taken as missing"
    return replace(fitted, said=(said, *fitted.said))


def fit_pixels(columns: tuple[Column, ...], train: Rows) -> tuple[list[FittedColumn], int]:
    """Fit columns that share one scale; whole numbers 0..255 are levels as they are.

    Returns:
        The columns, and the highest level.
    """
    pixels = np.stack([column.numbers for column in columns], axis=1)
    decimals = _decimals(pixels[train])
    raw = _fixed_point(pixels, decimals)
    low, high = int(raw[train].min()), int(raw[train].max())
    as_they_are = decimals == 0 and low >= 0 and 0 < high <= _LEVEL_MAX
    low, shift = (0, 0) if as_they_are else (low, _shift(high - low))
    fitted = [
        FittedColumn(
            _meaning(column.name, decimals),
            raw[:, at],
            pixels[:, at, np.newaxis],
            (PreparedFeature(column.name, 0, low, shift),),
            (),
        )
        for at, column in enumerate(columns)
    ]
    return fitted, high if as_they_are else _LEVEL_MAX


def _fit_numbers(column: Column, train: Rows, labels: NDArray[np.int64]) -> FittedColumn:
    present = np.isfinite(column.numbers)
    seen = column.numbers[train[present[train]]]
    inside = seen[_inside_fences(seen)]
    decimals = _decimals(inside)
    ends = np.array([inside.min(), inside.max(), np.median(seen)])
    low, high, _ = raw = _fixed_point(ends, decimals)
    level = PreparedFeature(column.name, 0, int(low), _shift(int(high) - int(low)))
    if len(seen) < len(train):
        level = replace(level, missing=int(level.levels(raw)[-1]))
    values = np.where(present, column.numbers, np.median(seen))
    said = []
    if len(inside) < len(seen):
        said.append(
            f"{column.name}: clipped to {inside.min():.6g}..{inside.max():.6g}, "
            f"{len(seen) - len(inside)} of {len(seen)} training rows lie outside"
        )
    features, table = [level], [values]
    gaps = len(train) - len(seen)
    if gaps:
        tells = _gaps_tell(~present[train], labels[train])
        if tells:
            features.append(PreparedFeature(f"{column.name} is missing", 0, MISSING, None))
            table.append((~present).astype(np.float64))
        said.append(
            f"{column.name}: {gaps} of {len(train)} training rows lack it and take the median"
            + (", and a feature says so" if tells else "")
        )
    return FittedColumn(
        _meaning(column.name, decimals),
        _fixed_point(column.numbers, decimals),
        np.stack(table, axis=1),
        tuple(features),
        tuple(said),
    )


def _decimals(values: NDArray[np.float64]) -> int:
    """Digits behind the point: the fewest that lose nothing, or the most that fit; may be < 0."""
    highest = float(np.abs(values).max())
    fit = math.floor(math.log10(RAW_MAX) - math.log10(highest)) if highest > 0 else 0
    exact = (d for d in range(min(fit, 9)) if np.array_equal(np.round(values, d), values))
    return next(exact, fit)


def _shift(span: int) -> int:
    """By so many bits a raw value moves for the whole span to have 8."""
    return max(span, 1).bit_length() - _LEVEL_MAX.bit_length()


def _fixed_point(values: NDArray[np.float64], decimals: int) -> NDArray[np.int16]:
    scaled = np.clip(np.rint(values * 10.0**decimals), -RAW_MAX, RAW_MAX)
    return np.where(np.isfinite(values), scaled, MISSING).astype(np.int16)


def _meaning(name: str, decimals: int) -> str:
    if decimals == 0:
        return name
    return f"{name} {'*' if decimals > 0 else '/'} {10.0 ** abs(decimals):g}"


def _inside_fences(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which values keep their difference: all, when half are alike."""
    rare_low, lower, upper, rare_high = np.percentile(values, _QUANTILES)
    reach = _FENCE * (upper - lower) if upper > lower else np.inf
    low, high = min(rare_low, lower - reach), max(rare_high, upper + reach)
    inside: NDArray[np.bool_] = (values >= low) & (values <= high)
    return inside


def _gaps_tell(gaps: NDArray[np.bool_], labels: NDArray[np.int64]) -> bool:
    """Whether rows with a gap are of other classes than the rest."""
    from scipy.stats import chi2_contingency  # noqa: PLC0415 - seconds to import

    if min(gaps.sum(), (~gaps).sum()) < _GAPS_MIN:
        return False
    counts = np.stack([np.bincount(labels[gaps], minlength=labels.max() + 1),
                       np.bincount(labels[~gaps], minlength=labels.max() + 1)])  # fmt: skip
    return bool(chi2_contingency(counts).pvalue < _GAPS_P)


def _fit_words(name: str, words: NDArray[np.str_], train: Rows) -> FittedColumn:
    from sklearn.preprocessing import OneHotEncoder  # noqa: PLC0415 - seconds to import

    words = np.where(words == "", "missing", words)
    encoder = OneHotEncoder(
        min_frequency=max(_RARE_MIN, math.ceil(_RARE_SHARE * len(train))),
        max_categories=_WORDS_MAX,
        handle_unknown="infrequent_if_exist",
    ).fit(words[train, np.newaxis])
    rare = encoder.infrequent_categories_[0]
    kept = [str(w) for w in encoder.categories_[0] if rare is None or w not in rare]
    place = {word: number for number, word in enumerate(kept)}
    raw = np.array([place.get(word, len(kept)) for word in words.tolist()], np.int16)
    shown = [word if len(word) <= _SHOWN_MAX else f"{word[:_SHOWN_MAX]}..." for word in kept]
    meanings = [*shown, "any other"]
    numbers = list(range(len(kept) + (rare is not None)))
    if len(numbers) == 2:  # one says both
        numbers = numbers[1:]
    features = tuple(
        PreparedFeature(f"{name} = {meanings[number]}", 0, number, None) for number in numbers
    )
    values = (raw[:, np.newaxis] == np.array(numbers)).astype(np.float64)
    listed = ", ".join(f"{number} {meaning}" for number, meaning in enumerate(meanings))
    said = f"{name}: words become numbers ({listed}) and {len(numbers)} features"
    return FittedColumn(f"{name}: {listed}", raw, values, features, (said,))
