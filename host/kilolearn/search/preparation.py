# SPDX-License-Identifier: GPL-3.0-or-later
"""What a chip does to a raw sample before a model sees it: C, and its twin here.

::

    number  level = min((raw - low) >> shift, 255), 0 below low
    word    level = 255 where raw is the word's number, else 0

The shift is such that the training part's range ends between level 128 and 255: a shift costs a few
bytes of code, a product or a quotient ten times as many, for a bit that no model missed.
The kernel is avr/fixed/prepare.h.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from kilolearn.errors import DatasetError

__all__ = ["MISSING", "RAW_MAX", "Preparation", "PreparedFeature"]

MISSING = -32768
"""What a raw sample holds for a number that is missing."""

RAW_MAX = 32767
"""Highest raw value; the lowest is its negative."""

_WRITTEN_OUT_MAX = 3
_COUNTED_MAX = 255  # by a byte
_COMMENT_ENDS = re.compile(r"\*/|/\*|\\|\?\?")


@dataclass(frozen=True)
class PreparedFeature:
    """How one level comes from one raw value.

    Attributes:
        name: As reports call it.
        column: Of the raw sample.
        low: Highest raw value of level 0; of a word, its number.
        shift: Bits that fall away, -7..8; less than 0, bits that come on. None for a word.
        missing: Level of a missing number; None where it is as one below `low`.
    """

    name: str
    column: int
    low: int
    shift: int | None
    missing: int | None = None

    def levels(self, raw: NDArray[np.int16]) -> NDArray[np.uint8]:
        """The levels (samples,) of one raw column (samples,), 0..255, with the chip's bits."""
        value = raw.astype(np.int64)
        if self.shift is None:
            return np.where(value == self.low, 255, 0).astype(np.uint8)
        above = np.maximum(value - self.low, 0)
        level = above >> self.shift if self.shift >= 0 else above << -self.shift
        if self.missing is not None:
            level = np.where(value == MISSING, self.missing, level)
        return np.asarray(np.minimum(level, 255), np.uint8)


@dataclass(frozen=True)
class Preparation:
    """From raw samples, as a sensor and a table of words give them, to levels.

    Attributes:
        raw_columns: What each raw value is: its column, and what number stands for what.
        features: In the order of the levels.
        level_max: Highest level; less than 255 for pixels that are levels as they come.
        coarse_max: Highest level that leaves, as `Table.coarser` makes it of those.
    """

    raw_columns: tuple[str, ...]
    features: tuple[PreparedFeature, ...]
    level_max: int
    coarse_max: int

    def apply(self, raw: NDArray[np.int16]) -> NDArray[np.uint8]:
        """The levels (samples, features) of raw samples (samples, columns), bit for bit.

        Raises:
            DatasetError: Samples of another width.
        """
        if raw.ndim != 2 or raw.shape[1] != len(self.raw_columns):
            raise DatasetError(
                f"raw samples have shape {raw.shape}; expected (samples, {len(self.raw_columns)})"
            )
        fine = [feature.levels(raw[:, feature.column]) for feature in self.features]
        levels = np.minimum(np.stack(fine, axis=1).astype(np.int64), self.level_max)
        coarse = levels * (self.coarse_max + 1) // (self.level_max + 1)
        return np.ascontiguousarray(coarse, np.uint8)

    def narrowed(
        self, features: Sequence[int], level_max: int | None = None
    ) -> tuple[Preparation, NDArray[np.int64]]:
        """Only some features, from only the raw columns that they need.

        Args:
            features: Which, in the order that the model has them.
            level_max: Highest level of the model; this one's when not given.

        Returns:
            The smaller preparation, and which raw columns it takes: ``raw[:, columns]``.
        """
        chosen = [self.features[feature] for feature in features]
        columns = sorted({feature.column for feature in chosen})
        moved = tuple(replace(f, column=columns.index(f.column)) for f in chosen)
        names = tuple(self.raw_columns[column] for column in columns)
        coarse_max = self.coarse_max if level_max is None else level_max
        small = Preparation(names, moved, self.level_max, coarse_max)
        return small, np.array(columns, np.int64)

    @property
    def passes_through(self) -> bool:
        """Whether raw values 0..level_max are the levels: there is nothing to compute."""
        return self.coarse_max == self.level_max and all(
            (f.column, f.low, f.shift, f.missing) == (at, 0, 0, None)
            for at, f in enumerate(self.features)
        )

    def source(self) -> str:
        """C11 that defines ``static void prepare(const int16_t *raw, uint8_t *levels)``."""
        taken = "\n".join(
            f" *   raw[{c}]  {_comment(name)}" for c, name in enumerate(self.raw_columns)
        )
        table, lines = self._numbers()
        lines += self._words_and_gaps()
        if not self._of_bits and self.coarse_max != self.level_max:
            coarse = f"levels[i] * {self.coarse_max + 1}u / {self.level_max + 1}u"
            lines.append(f"for (uint16_t i = 0; i < {len(self.features)}; i++) {{")
            lines += [f"    levels[i] = (uint8_t)({coarse});", "}"]
        body = "\n".join(f"    {line}" for line in lines)
        left = any(f.shift is not None and f.shift + 8 < self._bits for f in self.features)
        return f"""#define PREPARE_LEFT {int(left)}
#define PREPARE_GAPS {int(self._gaps_in_table)}
#include "fixed/prepare.h"

{table}/* raw ({len(self.raw_columns)},), levels ({len(self.features)},) 0..{self.coarse_max}.
{taken}
 */
static void prepare(const int16_t *raw, uint8_t *levels) {{
{body}
}}
"""

    @property
    def _of_bits(self) -> bool:
        """Whether coarse levels are the upper bits of fine ones, so that one shift makes them."""
        return self.level_max == 255 and self.coarse_max & (self.coarse_max + 1) == 0

    @property
    def _bits(self) -> int:
        return self.coarse_max.bit_length() if self._of_bits else 8

    @property
    def _highest(self) -> int:
        return self.coarse_max if self._of_bits else self.level_max

    @property
    def _in_table(self) -> bool:
        """Whether numbers stand in a table; a few are written out."""
        numbers = sum(feature.shift is not None for feature in self.features)
        return numbers > _WRITTEN_OUT_MAX and len(self.features) <= _COUNTED_MAX

    @property
    def _gaps_in_table(self) -> bool:
        return self._in_table and any(f.missing is not None for f in self.features)

    def _numbers(self) -> tuple[str, list[str]]:
        """C for the numbers: a table with rows for all features, and what goes through it."""
        numbers = [at for at, feature in enumerate(self.features) if feature.shift is not None]
        rows = [(at, f, (f.shift or 0) + 8 - self._bits) for at, f in enumerate(self.features)]
        if not self._in_table:
            # One call is best folded into the model; more share the code.
            kernel = "prepared_level" if len(numbers) == 1 else "prepare_level"
            return "", [
                f"levels[{at}] = {kernel}(raw[{f.column}], {f.low}, {shift}, {self._highest});"
                f" /* {_comment(f.name)} */"
                for at, f, shift in rows
                if f.shift is not None
            ]
        count = numbers[-1] + 1
        text = "\n".join(
            f"    {{{f.column}, {shift}, {'INT16_MIN' if f.low == MISSING else f.low}"
            f"{f', {self._gap(f)}' if self._gaps_in_table else ''}}}, /* {_comment(f.name)} */"
            for _, f, shift in rows[:count]
        )
        table = f"static IN_FLASH prepared_number prepared_numbers[{count}] = {{\n{text}\n}};\n\n"
        return table, [f"prepare_levels(raw, levels, prepared_numbers, {count}, {self._highest});"]

    def _gap(self, feature: PreparedFeature) -> int:
        """The level of a missing number, as coarse as the others."""
        return min(feature.missing or 0, self.level_max) >> 8 - self._bits

    def _words_and_gaps(self) -> list[str]:
        """C for words, and for numbers that may be missing and stand in no table."""
        lines = []
        for at, feature in enumerate(self.features):
            raw = f"raw[{feature.column}]"
            if feature.shift is None:
                word = "PREPARE_MISSING" if feature.low == MISSING else feature.low
                level = f"{raw} == {word} ? {self._highest} : 0"
                lines.append(f"levels[{at}] = {level}; /* {_comment(feature.name)} */")
            elif feature.missing is not None and not self._in_table:
                lines.append(f"if ({raw} == PREPARE_MISSING) {{")
                lines += [f"    levels[{at}] = {self._gap(feature)};", "}"]
        return lines


def prepared_source(preparation: Preparation, model: str) -> str:
    """C11 that prepares and classifies: ``static uint8_t classify(const int16_t *raw)``.

    Args:
        preparation: Of the model's features, in its order.
        model: Defines ``static uint8_t classify(const uint8_t *sample)``.
    """
    return f"""{preparation.source()}
#define classify classify_levels
{model}
#undef classify

static uint8_t classify(const int16_t *raw) {{
    uint8_t levels[{len(preparation.features)}];
    prepare(raw, levels);
    return classify_levels(levels);
}}
"""


def _comment(text: str) -> str:
    """Text that ends no comment and begins none, whatever a file calls its columns."""
    return _COMMENT_ENDS.sub("_", text)
