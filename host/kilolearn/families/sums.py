# SPDX-License-Identifier: GPL-3.0-or-later
"""C of a sum of a few features with small whole weights, without a product."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from kilolearn.classifier.table import Table
from kilolearn.families.directions import Direction
from kilolearn.families.genes import Choice, Gene, Whole

__all__ = ["Sum", "sum_genes"]

TERMS_MAX = 16


def sum_genes(table: Table) -> Mapping[str, Gene]:
    """What may be chosen of a sum: see `fit_direction`."""
    return {
        "terms": Whole(1, max(1, min(TERMS_MAX, table.width)), log=True),
        "weight_max": Choice((1, 2, 4, 8)),
        "ridge": Choice(("0.01", "0.1", "1")),
        "by": Choice(("separation", "errors")),
    }


@dataclass(frozen=True)
class Sum:
    """A direction as the chip has it.

    Attributes:
        kind: The C type that holds every score and threshold.
        terms: The C expression of the score.
        thresholds: To compare it with.
        reads: Of features.
    """

    kind: str
    terms: str
    thresholds: tuple[int, ...]
    reads: int

    @classmethod
    def of(cls, direction: Direction, level_max: int) -> Sum:
        """Choose the narrowest type: with a bias, any 256 values lie in a byte."""
        weight = direction.weight
        low = level_max * int(weight[weight < 0].sum())
        high = level_max * int(weight[weight > 0].sum())
        bias = 0
        if low >= -128 and high <= 127:
            kind = "int8_t" if low < 0 else "uint8_t"
        elif high - low <= 255:
            kind, bias = "uint8_t", -low
        else:
            kind = "int16_t"
        terms = [_term(int(weight[i]), int(i)) for i in np.flatnonzero(weight)]
        terms.sort(key=lambda term: term.startswith("-"))
        text = " ".join(terms).removeprefix("+ ")
        lowest, highest = low + bias, high + bias
        thresholds = (min(max(int(t) + bias, lowest), highest + 1) for t in direction.thresholds)
        return cls(
            kind, f"{text} + {bias}" if bias else text, tuple(thresholds), text.count("sample")
        )


def _term(weight: int, feature: int) -> str:
    """Of powers of two, so that nothing is multiplied."""
    value = f"sample[{feature}]"
    size = abs(weight)
    parts = [f"({value} << {bit})" if bit else value for bit in range(8) if size >> bit & 1]
    sign = "-" if weight < 0 else "+"
    return " ".join(f"{sign} {part}" for part in parts)
