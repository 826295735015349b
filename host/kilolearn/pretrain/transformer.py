# SPDX-License-Identifier: GPL-3.0-or-later
"""A decoder-only transformer whose numbers are those of avr/charlm/transformer.h.

Symbol c at t and the two before it; x (width,) is Q4, all else of a character int8 Q5::

    x = embedding_0[c(t)] + embedding_1[c(t-1)] + embedding_2[c(t-2)]
    for each layer:
        y = norm(x);  x += out^T attention(query y, key y, value y)      one key and value a layer
        y = norm(x);  x += down^T h,  h = relu(up y + up_bias)^2         h is 0..126, Q3
    logits = readout norm(x) + readout_bias                              base 2
    norm(x) = gain * x / max(1, root of the mean of x^2)

Squared ReLU: So et al., Primer, arXiv 2109.08668 (2021). One key and value for all heads: Shazeer,
Fast transformer decoding, arXiv 1911.02150 (2019). RMS norm: Zhang, Sennrich, arXiv 1910.07467
(2019).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from kilolearn.pretrain.layout import Layout, Matrix, Vector
from kilolearn.pretrain.operations import Array, Operations

__all__ = ["HEAD", "Transformer"]

HEAD = 8  # dimensions of a head
_PLACES = 3  # of the embedding: the present character and the two before
_Q5, _Q4, _Q3 = 1 / 32, 1 / 16, 1 / 8
_NEAR = 0.1  # how fast attention falls with distance at the start of training, bits a character


@dataclass(frozen=True)
class Transformer:
    """A shape.

    Attributes:
        symbols: Of the alphabet.
        width: Of the residual x.
        heads: Of 8 dimensions each.
        windows: Characters that a layer sees, the present one included.
        hidden: Units of the feed-forward part, a layer.
    """

    name: ClassVar = "transformer"

    symbols: int
    width: int
    heads: int
    windows: tuple[int, ...]
    hidden: tuple[int, ...]

    @classmethod
    def of(cls, symbols: int, shape: Sequence[int]) -> Transformer:
        """Of the numbers that `shape` gives."""
        width, heads, layers, *each = shape
        return cls(symbols, width, heads, tuple(each[:layers]), tuple(each[layers:]))

    @property
    def shape(self) -> tuple[int, ...]:
        """Width, heads, layers, the windows, the hidden units."""
        return (self.width, self.heads, len(self.windows), *self.windows, *self.hidden)

    @property
    def layout(self) -> Layout:
        """The numbers."""
        width, across = self.width, self.heads * HEAD
        even = width**-0.5
        matrices = [
            Matrix(
                f"embedding_{place}", self.symbols, 0.25 if place else 0.5, 1 / 128, scale_max=127
            )
            for place in range(_PLACES)
        ]
        vectors = []
        for layer, (window, hidden) in enumerate(zip(self.windows, self.hidden, strict=True)):
            matrices += [
                Matrix(f"query_{layer}", across, even),
                Matrix(f"key_{layer}", HEAD, even),
                Matrix(f"value_{layer}", HEAD, even),
                Matrix(f"out_{layer}", across, across**-0.5 / 2, 1 / 128, one_scale=True),
                Matrix(f"up_{layer}", hidden, even),
                Matrix(f"down_{layer}", hidden, hidden**-0.5 / 2, 1 / 512, one_scale=True),
            ]
            near = tuple(-_NEAR * distance for distance in range(window))
            vectors += [
                Vector(f"distance_bias_{layer}", (self.heads, window), _Q4, near),
                Vector(f"up_bias_{layer}", (hidden,), _Q5),
            ]
        matrices.append(Matrix("readout", self.symbols, 0.7 * even))
        vectors += [
            Vector("readout_bias", (self.symbols,), _Q4),
            Vector("gain", (2 * len(self.windows) + 1, width), _Q5, 1.0, low=0),
        ]
        return Layout(width, tuple(matrices), tuple(vectors))

    def logits(self, weights: Mapping[str, Array], text: Array, numbers: Operations) -> Array:
        """What may come after each character.

        Args:
            weights: What the layout names, as real numbers.
            text: Symbols (texts, length).
            numbers: NumPy's or PyTorch's.

        Returns:
            (symbols, texts, length), base 2.
        """
        texts, length = text.shape
        gains = iter(weights["gain"])
        limit = math.isqrt((2**32 - 1) // self.width)  # the sum of x^2 has 32 bits

        def norm(x: Array) -> Array:
            root = ((x * x).mean(0).clip(1.0)) ** -0.5
            return numbers.rounded(x * root * next(gains)[:, None], _Q5)

        def added(x: Array, matrix: str, factors: Array) -> Array:
            sums = x + weights[matrix].T @ numbers.dropped(factors)
            return numbers.rounded(sums, _Q4, -limit, limit)

        places = [
            weights[f"embedding_{place}"][numbers.earlier(text, place).reshape(-1)]
            for place in range(_PLACES)
        ]
        x = numbers.rounded(sum(places).T, _Q4, -limit, limit)
        for layer in range(len(self.windows)):
            y = norm(x)
            query, key, value = (
                numbers.rounded(weights[f"{name}_{layer}"] @ y, _Q5).reshape(-1, texts, length)
                for name in ("query", "key", "value")
            )
            heads = query.reshape(self.heads, HEAD, texts, length)
            mixed = numbers.attention(heads, key, value, weights[f"distance_bias_{layer}"])
            x = added(x, f"out_{layer}", numbers.rounded(mixed.reshape(-1, texts * length), _Q5))
            y = norm(x)
            rising = weights[f"up_{layer}"] @ y + weights[f"up_bias_{layer}"][:, None]
            rising = numbers.rounded(rising, _Q5, 0)
            x = added(x, f"down_{layer}", numbers.rounded(rising * rising, _Q3, 0, 126))
        logits = weights["readout"] @ norm(x) + weights["readout_bias"][:, None]
        return logits.reshape(-1, texts, length)
