# SPDX-License-Identifier: GPL-3.0-or-later
"""The representations that are compared: codecs of both layers and how they are fitted, a row each.

Sizes and recipes were chosen by cross-validation inside training parts; tools/tune_codecs.py prints
what each one reaches there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from kilolearn.codecs.codec import Codec
from kilolearn.codecs.delta import Delta
from kilolearn.codecs.fit import FitRecipe
from kilolearn.codecs.fractal import Fractal
from kilolearn.codecs.generated import Generated
from kilolearn.codecs.hashed import Hashed
from kilolearn.codecs.huffman_weights import HuffmanWeights
from kilolearn.codecs.levels import Binary, Int4, Int8, Ternary
from kilolearn.codecs.low_rank import LowRank
from kilolearn.codecs.prune import Sparse
from kilolearn.codecs.shared import Shared

__all__ = ["DESIGNS", "Design"]

_HIDDEN = (32, 64)
_OUTPUT = (10, 32)


class Design(NamedTuple):
    """Codecs of the hidden layer (32, 64) and of the output layer (10, 32), and the recipe."""

    hidden: Callable[[], Codec]
    output: Callable[[], Codec]
    recipe: FitRecipe


def _int8() -> Codec:
    """Levels of which 32, times 31, fit 16 bits with a bias."""
    return Int8(*_OUTPUT, 31)


DESIGNS: dict[str, Design] = {
    "int8": Design(lambda: Int8(*_HIDDEN), _int8, FitRecipe(7, 100)),
    "int4": Design(lambda: Int4(*_HIDDEN), lambda: Int4(*_OUTPUT), FitRecipe(4, 80)),
    "ternary": Design(
        lambda: Ternary(*_HIDDEN), lambda: Ternary(*_OUTPUT), FitRecipe(3, 20, epochs=120)
    ),
    "binary": Design(
        lambda: Binary(*_HIDDEN, (3, 7, 12)),
        lambda: Binary(*_OUTPUT, (0, 4, 10)),
        FitRecipe(2, 4, window=24.0),
    ),
    "shared": Design(lambda: Shared(*_HIDDEN), lambda: Shared(*_OUTPUT), FitRecipe(6, 100)),
    "sparse": Design(
        lambda: Sparse(*_HIDDEN, 0.2), lambda: Sparse(*_OUTPUT, 0.5), FitRecipe(4, 80)
    ),
    "delta": Design(
        lambda: Delta(*_HIDDEN), lambda: Delta(*_OUTPUT), FitRecipe(7, 250, epochs=120)
    ),
    "huffman_weights": Design(
        lambda: HuffmanWeights(*_HIDDEN, 0.5),
        lambda: HuffmanWeights(*_OUTPUT, 0.7),
        FitRecipe(2, 20),
    ),
    "hashed": Design(
        lambda: Hashed(*_HIDDEN, 256), lambda: Hashed(*_OUTPUT, 64), FitRecipe(6, 200)
    ),
    "low_rank": Design(lambda: LowRank(*_HIDDEN, 8, 5), _int8, FitRecipe(7, 100)),
    "generated": Design(lambda: Generated(*_HIDDEN, 12, 5), _int8, FitRecipe(7, 100, epochs=120)),
    "fractal": Design(lambda: Fractal(2, 6), _int8, FitRecipe(6, 100, epochs=120)),
}
