# SPDX-License-Identifier: GPL-3.0-or-later
"""A net of two hidden layers on the last few characters.

    y = relu(sum over places p of embedding_p[c(t - p)] + bias_0)                int8 Q5
    z = relu(hidden y + bias_1)                                                  int8 Q5
    logits = readout z + readout_bias                                            base 2

Source: Bengio et al., A neural probabilistic language model, JMLR 3 (2003).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from kilolearn.pretrain.layout import Layout, Matrix, Vector
from kilolearn.pretrain.operations import Array, Operations

__all__ = ["Mlp"]

_Q5, _Q4 = 1 / 32, 1 / 16


@dataclass(frozen=True)
class Mlp:
    """A shape.

    Attributes:
        symbols: Of the alphabet.
        places: How many characters it sees.
        width: Units of either layer.
    """

    name: ClassVar = "mlp"

    symbols: int
    places: int
    width: int

    @classmethod
    def of(cls, symbols: int, shape: Sequence[int]) -> Mlp:
        """Of the numbers that `shape` gives."""
        places, width = shape
        return cls(symbols, places, width)

    @property
    def shape(self) -> tuple[int, ...]:
        """Places, width."""
        return (self.places, self.width)

    @property
    def layout(self) -> Layout:
        """The numbers."""
        even = self.width**-0.5
        embeddings = tuple(
            Matrix(f"embedding_{place}", self.symbols, 0.25 if place else 0.5, 1 / 128)
            for place in range(self.places)
        )
        above = (Matrix("hidden", self.width, even), Matrix("readout", self.symbols, even))
        biases = (
            Vector("bias_0", (self.width,), _Q5),
            Vector("bias_1", (self.width,), _Q5),
            Vector("readout_bias", (self.symbols,), _Q4),
        )
        return Layout(self.width, embeddings + above, biases)

    def logits(self, weights: Mapping[str, Array], text: Array, numbers: Operations) -> Array:
        """What may come after each character, (symbols, texts, length), base 2."""
        places = [
            weights[f"embedding_{place}"][numbers.earlier(text, place).reshape(-1)]
            for place in range(self.places)
        ]
        y = numbers.rounded((sum(places) + weights["bias_0"]).T, _Q5, 0)
        z = numbers.rounded(weights["hidden"] @ y + weights["bias_1"][:, None], _Q5, 0)
        logits = weights["readout"] @ z + weights["readout_bias"][:, None]
        return logits.reshape(-1, *text.shape)
