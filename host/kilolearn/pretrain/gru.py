# SPDX-License-Identifier: GPL-3.0-or-later
"""A gated recurrent unit whose inputs are symbols, its state h (width,) int8 Q7.

    r = sigmoid(reset_in[c] + reset h)
    z = sigmoid(update_in[c] + update h)
    n = tanh(new_in[c] + r * (new h + new_bias))
    h = (1 - z) * n + z * h
    logits = readout h + readout_bias                                            base 2

Source: Cho et al., arXiv 1406.1078 (2014), with the reset gate after the product.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from kilolearn.pretrain.layout import Layout, Matrix, Vector
from kilolearn.pretrain.operations import Array, Operations

__all__ = ["Gru"]

_Q7, _Q5, _Q4 = 1 / 128, 1 / 32, 1 / 16
_GATES = ("reset", "update", "new")


@dataclass(frozen=True)
class Gru:
    """A shape.

    Attributes:
        symbols: Of the alphabet.
        width: Of the state.
    """

    name: ClassVar = "gru"

    symbols: int
    width: int

    @classmethod
    def of(cls, symbols: int, shape: Sequence[int]) -> Gru:
        """Of the number that `shape` gives."""
        (width,) = shape
        return cls(symbols, width)

    @property
    def shape(self) -> tuple[int, ...]:
        """The width."""
        return (self.width,)

    @property
    def layout(self) -> Layout:
        """The numbers."""
        even = self.width**-0.5
        matrices = [Matrix(f"{gate}_in", self.symbols, 0.5, 1 / 128) for gate in _GATES]
        matrices += [Matrix(gate, self.width, even) for gate in _GATES]
        matrices.append(Matrix("readout", self.symbols, 2 * even, 1 / 128))
        biases = (
            Vector("new_bias", (self.width,), _Q5),
            Vector("readout_bias", (self.symbols,), _Q4),
        )
        return Layout(self.width, tuple(matrices), biases)

    def logits(self, weights: Mapping[str, Array], text: Array, numbers: Operations) -> Array:
        """What may come after each character, (symbols, texts, length), base 2."""
        reset_in, update_in, new_in = (weights[f"{gate}_in"][text] for gate in _GATES)
        h = 0 * new_in[:, 0]  # (texts, width)
        states = []
        for at in range(text.shape[1]):
            r = numbers.sigmoid(reset_in[:, at] + h @ weights["reset"].T)
            z = numbers.sigmoid(update_in[:, at] + h @ weights["update"].T)
            inner = new_in[:, at] + r * (h @ weights["new"].T + weights["new_bias"])
            n = 2 * numbers.sigmoid(2 * inner) - 1
            h = numbers.rounded(n + z * (h - n), _Q7)
            states.append(h)
        y = numbers.stacked(states)  # (texts, width, length)
        y = y.swapaxes(0, 1).reshape(self.width, -1)
        logits = weights["readout"] @ y + weights["readout_bias"][:, None]
        return logits.reshape(-1, *text.shape)
