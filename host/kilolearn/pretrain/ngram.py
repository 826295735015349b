# SPDX-License-Identifier: GPL-3.0-or-later
"""Hashed n-grams: a row of logits for the last character, two, three, added up.

    logits = sum over orders k of rows_k[hash of the last k characters] + bias            base 2

Contexts share rows where their hashes meet; training finds out what such a row can say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from kilolearn.pretrain.layout import Layout, Matrix, Vector
from kilolearn.pretrain.operations import Array, Operations

__all__ = ["Ngram"]

_FACTOR, _PRIME, _MODULUS = 71, 40503, 65521  # of the hash


@dataclass(frozen=True)
class Ngram:
    """A shape.

    Attributes:
        symbols: Of the alphabet.
        rows: Of order 1, 2, ...; as many as symbols or fewer share them by hash.
    """

    name: ClassVar = "ngram"

    symbols: int
    rows: tuple[int, ...]

    @classmethod
    def of(cls, symbols: int, shape: Sequence[int]) -> Ngram:
        """Of the numbers that `shape` gives."""
        return cls(symbols, tuple(shape))

    @property
    def shape(self) -> tuple[int, ...]:
        """Rows, an order each."""
        return self.rows

    @property
    def layout(self) -> Layout:
        """The numbers."""
        orders = enumerate(self.rows, 1)
        matrices = tuple(Matrix(f"rows_{order}", rows, 0.1, 1 / 128) for order, rows in orders)
        return Layout(self.symbols, matrices, (Vector("bias", (self.symbols,), 1 / 16),))

    def logits(self, weights: Mapping[str, Array], text: Array, numbers: Operations) -> Array:
        """What may come after each character, (symbols, texts, length), base 2."""
        sums, context = 0, 0
        for order, rows in enumerate(self.rows, 1):
            context = context * _FACTOR + numbers.earlier(text, order - 1)
            row = context if order == 1 else context * _PRIME % _MODULUS
            sums = sums + weights[f"rows_{order}"][(row % rows).reshape(-1)]
        return (sums + weights["bias"]).T.reshape(-1, *text.shape)
