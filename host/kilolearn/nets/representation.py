# SPDX-License-Identifier: GPL-3.0-or-later
"""How a layer's weights may be held, and the codec that a layer gets for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from kilolearn.codecs.codec import Floats, MatrixCodec
from kilolearn.codecs.delta import Delta
from kilolearn.codecs.hashed import Hashed
from kilolearn.codecs.huffman_weights import HuffmanWeights
from kilolearn.codecs.levels import Binary, Int4, Int8, Int16, Ternary
from kilolearn.codecs.low_rank import LowRank
from kilolearn.codecs.prune import Movement, Sparse
from kilolearn.codecs.shared import Shared
from kilolearn.errors import WeightsError

__all__ = ["REPRESENTATIONS", "Representation"]

INPUTS_MAX, ROWS_MAX, BINARY_INPUTS_MAX = 255, 255, 64

REPRESENTATIONS: dict[str, Mapping[str, float]] = {
    "int16": {},
    "int8": {},
    "int4": {},
    "ternary": {},
    "binary": {"signs": 3},
    "shared": {},
    "sparse": {"kept": 0.3},
    "movement": {"kept": 0.3},
    "delta": {},
    "huffman_weights": {"spread": 0.7},
    "hashed": {"buckets": 64},
    "low_rank": {"rank": 4},
}
"""Names, and their options with what they are when nobody says.

signs: of an input, its thresholds; kept: share of the weights that stay, 0-1; spread: standard
deviation of the integers, the smaller, the shorter their code; buckets: a power of two.
"""


@dataclass(frozen=True)
class Representation:
    """One of `REPRESENTATIONS`.

    Attributes:
        name: Which.
        options: What differs from the usual.
        per_row: Each row of weights has a scale of its own, a power of two.

    Raises:
        WeightsError: No such name, or no such option.
    """

    name: str
    options: Mapping[str, float] = field(default_factory=dict)
    per_row: bool = False

    def __post_init__(self) -> None:
        """Refuse other names."""
        if self.name not in REPRESENTATIONS:
            raise WeightsError(
                f"there is no representation {self.name!r}; choose of {', '.join(REPRESENTATIONS)}"
            )
        known = REPRESENTATIONS[self.name]
        if other := set(self.options) - set(known):
            raise WeightsError(
                f"{self.name} has no option {', '.join(sorted(other))}; expected "
                f"{', '.join(known) or 'none'}"
            )

    def option(self, name: str) -> float:
        """What one of the options is."""
        return self.options.get(name, REPRESENTATIONS[self.name][name])

    def codec(self, rows: int, inputs: int, seen: Floats) -> MatrixCodec:
        """The codec of a layer; it may take a few inputs more, which are 0.

        Args:
            rows: Of the layer.
            inputs: Of the layer.
            seen: (samples, inputs) as it gets them, for the thresholds of one-bit inputs.

        Raises:
            WeightsError: A shape that the kernels do not take.
        """
        make: Callable[..., MatrixCodec] = _CODECS[self.name]
        multiple = _CODECS[self.name].inputs_multiple
        inputs = -(-inputs // multiple) * multiple
        most = BINARY_INPUTS_MAX if self.name == "binary" else INPUTS_MAX
        if inputs > most or rows > ROWS_MAX:
            raise WeightsError(
                f"a layer of {rows} outputs and {inputs} inputs; expected at most {ROWS_MAX} and "
                f"{most} as {self.name}: select features, or use fewer units"
            )
        return make(rows, inputs, *self._arguments(seen))

    def _arguments(self, seen: Floats) -> tuple[object, ...]:
        """What the codec is made with, behind its shape."""
        match self.name:
            case "binary":
                return (_thresholds(seen, int(self.option("signs"))),)
            case "sparse" | "movement":
                return (self.option("kept"),)
            case "huffman_weights":
                return (self.option("spread"),)
            case "hashed":
                return (_buckets(self.option("buckets")),)
            case "low_rank":
                return int(self.option("rank")), _part_shift(seen)
        return ()


_CODECS: dict[str, type[MatrixCodec]] = {
    "int16": Int16,
    "int8": Int8,
    "int4": Int4,
    "ternary": Ternary,
    "binary": Binary,
    "shared": Shared,
    "sparse": Sparse,
    "movement": Movement,
    "delta": Delta,
    "huffman_weights": HuffmanWeights,
    "hashed": Hashed,
    "low_rank": LowRank,
}


def _thresholds(seen: Floats, signs: int) -> tuple[int, ...]:
    """That split the inputs above 0 into parts of equal number."""
    above = seen[seen > 0]
    if not above.size:
        return (0,)
    shares = np.arange(1, signs + 1) / (signs + 1)
    return tuple(sorted({int(level) for level in np.floor(np.quantile(above, shares))}))


def _buckets(wanted: float) -> int:
    buckets = int(wanted)
    if not (1 <= buckets <= 256 and buckets & (buckets - 1) == 0):
        raise WeightsError(f"{wanted:g} buckets; expected a power of two up to 256")
    return buckets


def _part_shift(seen: Floats) -> int:
    """With which the products of an input and int8 factors fit a byte again, mostly."""
    length = float(np.sqrt(np.mean(np.sum(seen**2, axis=1))))
    return int(np.clip(np.rint(np.log2(max(length / 2, 1))), 0, 14))
