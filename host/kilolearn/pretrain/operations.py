# SPDX-License-Identifier: GPL-3.0-or-later
"""What a formula needs beyond arithmetic, by NumPy and by PyTorch.

`rounded` is the place where a number becomes an integer of a chip. NumPy's rounds; PyTorch's
rounds too, and hands the gradient through (Bengio, Leonard, Courville, Estimating or propagating
gradients through stochastic neurons, arXiv 1308.3432, 2013), cut where the range ends.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

__all__ = ["Array", "Exact", "Numpy", "Operations", "Torch"]

Array = Any
"""An array of NumPy or a tensor of PyTorch: the formulas take both."""


class Operations(Protocol):
    """Where NumPy and PyTorch differ, and where training does."""

    def rounded(self, x: Array, step: float, low: float = -127, high: float = 127) -> Array:
        """X as a multiple of a step, low * step .. high * step."""

    def earlier(self, text: Array, places: int) -> Array:
        """Symbols (texts, length), each replaced by the one so many places before; 0 at first."""

    def attention(self, query: Array, key: Array, value: Array, bias: Array) -> Array:
        """What each query gets of the last characters; see `attention`."""

    def sigmoid(self, x: Array) -> Array:
        """The logistic function."""

    def stacked(self, arrays: list[Array]) -> Array:
        """Arrays of one shape, along a new last axis."""

    def dropped(self, x: Array) -> Array:
        """X with some of it zero, in training with dropout; else x."""


class Numpy:
    """The chip's numbers, in float32."""

    def rounded(self, x: Array, step: float, low: float = -127, high: float = 127) -> Array:
        """X as a multiple of a step."""
        return np.clip(np.round(x * np.float32(1 / step)), low, high) * np.float32(step)

    def earlier(self, text: Array, places: int) -> Array:
        """Symbols of so many places before."""
        return np.pad(text, ((0, 0), (places, 0)))[:, : text.shape[1]]

    def attention(self, query: Array, key: Array, value: Array, bias: Array) -> Array:
        """What each query gets of the last characters."""
        window = bias.shape[1]
        keys, values = (_windows(x, window) for x in (key, value))
        score = np.einsum("hibt,ibtw->hwbt", query, keys, optimize=True) + bias[:, ::-1, None, None]
        share = np.exp2(score - score.max(1, keepdims=True))
        share /= share.sum(1, keepdims=True)
        return np.einsum("hwbt,ibtw->hibt", share, values, optimize=True)

    def sigmoid(self, x: Array) -> Array:
        """The logistic function."""
        return 1 / (1 + np.exp(-x))

    def stacked(self, arrays: list[Array]) -> Array:
        """Arrays of one shape, along a new last axis."""
        return np.stack(arrays, -1)

    def dropped(self, x: Array) -> Array:
        """X."""
        return x


class Exact(Numpy):
    """Without rounding: what a model would be whose activations were floats."""

    def rounded(self, x: Array, step: float, low: float = -127, high: float = 127) -> Array:
        """X, within the range."""
        return np.clip(x, low * step, high * step)


def _windows(x: Array, window: int) -> Array:
    """(8, texts, length) as (8, texts, length, window); the last of a window is the present."""
    padded = np.pad(x, ((0, 0), (0, 0), (window - 1, 0)))
    return np.lib.stride_tricks.sliding_window_view(padded, window, axis=2)


class Torch:
    """The same with gradients.

    Args:
        rounds: Whether activations are those of a chip; a teacher's are not.
        dropout: Share of activations that a training step leaves out, 0-1.
    """

    def __init__(self, rounds: bool = True, dropout: float = 0.0) -> None:
        import torch  # noqa: PLC0415 - an extra

        from kilolearn.pretrain.attention import attention_function  # noqa: PLC0415

        self._torch = torch
        self._attention = attention_function()
        self._rounds = rounds
        self._dropout = dropout

    def rounded(self, x: Array, step: float, low: float = -127, high: float = 127) -> Array:
        """X as a multiple of a step, with x's own gradient inside the range."""
        if not self._rounds:
            return x.clamp(min=low * step) if low >= 0 else x
        inside = (x * (1 / step)).clamp(low, high)
        return (inside + (inside.round() - inside).detach()) * step

    def earlier(self, text: Array, places: int) -> Array:
        """Symbols of so many places before."""
        return self._torch.nn.functional.pad(text, (places, 0))[:, : text.shape[1]]

    def attention(self, query: Array, key: Array, value: Array, bias: Array) -> Array:
        """What each query gets of the last characters."""
        return self._attention(query, key, value, bias)

    def sigmoid(self, x: Array) -> Array:
        """The logistic function."""
        return self._torch.sigmoid(x)

    def stacked(self, arrays: list[Array]) -> Array:
        """Arrays of one shape, along a new last axis."""
        return self._torch.stack(arrays, -1)

    def dropped(self, x: Array) -> Array:
        """X with some of it zero."""
        return self._torch.nn.functional.dropout(x, self._dropout) if self._dropout else x
