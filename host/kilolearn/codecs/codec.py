# SPDX-License-Identifier: GPL-3.0-or-later
"""What every representation of a layer's weights offers to the fit, and to the bytes in flash.

A layer is ``sums = weights @ inputs``, weights (rows, inputs) of integers, inputs from 0 on. A
representation is a header of the same name in avr/codec, which reads the bytes that `Codec.encode`
writes, and a class here that can be fitted: it goes forward with the rounded weights and back as if
they were not rounded (the straight-through estimator).

Source: Bengio, Léonard, Courville, Estimating or propagating gradients through stochastic neurons,
arXiv:1308.3432 (2013).
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import NDArray

__all__ = ["Codec", "Floats", "Integers", "MatrixCodec", "Parameters", "rounded"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Parameters = list[Floats]


def rounded(values: Floats, largest: int) -> Floats:
    """To the nearest integer, held in -largest..largest."""
    return np.minimum(np.maximum(np.rint(values), -largest), largest)


class Codec(ABC):
    """One layer in one representation.

    Attributes:
        name: Of its header in avr/codec.
        inputs_multiple: What the inputs are a multiple of.
        rows, inputs: Shape of the layer.
    """

    name: str
    inputs_multiple = 1

    def __init__(self, rows: int, inputs: int) -> None:
        self.rows = rows
        self.inputs = inputs

    @property
    def constants(self) -> dict[str, int]:
        """What the header is compiled with, by macro name."""
        return {}

    @abstractmethod
    def start(self, random: np.random.Generator) -> Parameters:
        """Fresh parameters, in units of the integers that they will be rounded to."""

    @abstractmethod
    def forward(self, parameters: Parameters, inputs: Floats) -> Floats:
        """Sums (samples, rows) for inputs (samples, inputs)."""

    @abstractmethod
    def backward(
        self, parameters: Parameters, inputs: Floats, slope: Floats
    ) -> tuple[Parameters, Floats]:
        """Slopes of the parameters and of the inputs, from those of the sums (samples, rows)."""

    @abstractmethod
    def encode(self, parameters: Parameters) -> bytes:
        """The bytes that go into flash."""

    @abstractmethod
    def sums(self, encoded: bytes, inputs: Integers) -> Integers:
        """What the chip computes from these bytes, exactly: (samples, rows)."""

    @abstractmethod
    def sum_max(self, encoded: bytes, input_max: int) -> int:
        """What no sum on the way exceeds in size, whatever the inputs, each 0..input_max."""


class MatrixCodec(Codec):
    """A layer whose sums are linear in its inputs: all but fractal ones."""

    @abstractmethod
    def weights(self, parameters: Parameters) -> Floats:
        """The matrix (rows, inputs), rounded as it will be in flash."""

    @abstractmethod
    def pull_back(self, parameters: Parameters, slope: Floats) -> Parameters:
        """Slopes of the parameters from those of the weights (rows, inputs)."""

    @abstractmethod
    def decode(self, encoded: bytes) -> Integers:
        """The matrix (rows, inputs) that these bytes say."""

    def rows_apart(self, encoded: bytes) -> list[bytes]:  # noqa: ARG002
        """The bytes of each row, where a row has its own and nothing stands before the first."""
        return []

    def like(self, weights: Floats) -> Parameters:
        """Parameters whose weights are near the given ones (rows, inputs), in units of integers.

        Not of codecs that only start fresh.
        """
        raise NotImplementedError

    def seen(self, inputs: Floats) -> Floats:
        """Inputs as the layer takes them; as they are, but for one-bit layers."""
        return inputs

    def forward(self, parameters: Parameters, inputs: Floats) -> Floats:
        """See `Codec`."""
        return self.seen(inputs) @ self.weights(parameters).T

    def backward(
        self, parameters: Parameters, inputs: Floats, slope: Floats
    ) -> tuple[Parameters, Floats]:
        """See `Codec`."""
        return (
            self.pull_back(parameters, slope.T @ self.seen(inputs)),
            slope @ self.weights(parameters),
        )

    def sums(self, encoded: bytes, inputs: Integers) -> Integers:
        """See `Codec`."""
        return self.seen(inputs.astype(float)).astype(np.int64) @ self.decode(encoded).T

    def sum_max(self, encoded: bytes, input_max: int) -> int:
        """See `Codec`."""
        return int(np.abs(self.decode(encoded)).sum(axis=1).max()) * input_max
