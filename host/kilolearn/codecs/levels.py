# SPDX-License-Identifier: GPL-3.0-or-later
"""Each weight for itself on a few levels: int16, int8, int4, ternary and binary.

======= ============== ================= =====================================================
name    levels         a weight takes    layout of a row, inputs in order
======= ============== ================= =====================================================
int16   n / 256        16 bits           two bytes each, low byte first
int8    -127..127      8 bits            a byte each
int4    -7..7          4 bits            two a byte, the first in the low half, two's complement
ternary -1, 0, 1       1.6 bits          five a byte, see `Ternary`
binary  -1, 1          1 bit             eight a byte, the first in bit 0, 1 is +1; inputs too
======= ============== ================= =====================================================

Sources: ternary after Li, Zhang, Liu, Ternary weight networks, arXiv:1605.04711 (2016); binary
after Rastegari et al., XNOR-Net, ECCV 2016.
"""

from __future__ import annotations

import numpy as np

from kilolearn.codecs.codec import Floats, Integers, MatrixCodec, Parameters, rounded

__all__ = ["Binary", "Int4", "Int8", "Int16", "Levels", "Ternary", "nibbles", "nibbles_of"]


def nibbles(values: Integers) -> bytes:
    """Values -8..7 (rows, an even number), two a byte, the first of a pair in the low half."""
    pairs = values.reshape(-1, 2) & 15
    return (pairs[:, 0] | pairs[:, 1] << 4).astype(np.uint8).tobytes()


def nibbles_of(encoded: bytes) -> Integers:
    """The values -8..7 that `nibbles` packed, flat."""
    packed = np.frombuffer(encoded, np.uint8).astype(np.int64)
    halves = np.stack([packed & 15, packed >> 4], axis=1).ravel()
    return (halves ^ 8) - 8


class Levels(MatrixCodec):
    """Parameters: one matrix (rows, inputs); each weight is the level nearest to its own.

    Attributes:
        largest: The highest level.
        spread: Standard deviation of fresh parameters.
    """

    largest: int
    spread: float

    def start(self, random: np.random.Generator) -> Parameters:
        """See `Codec`."""
        return [random.normal(0, self.spread, (self.rows, self.inputs))]

    def like(self, weights: Floats) -> Parameters:
        """See `MatrixCodec`."""
        return [weights.copy()]

    def weights(self, parameters: Parameters) -> Floats:
        """See `MatrixCodec`."""
        return rounded(parameters[0], self.largest)

    def pull_back(self, parameters: Parameters, slope: Floats) -> Parameters:
        """Straight through the rounding; nothing pulls a weight further beyond its last level."""
        beyond = np.abs(parameters[0]) > self.largest + 0.5
        return [np.where(beyond & (slope * parameters[0] < 0), 0.0, slope)]

    def encode(self, parameters: Parameters) -> bytes:
        """See `Codec`."""
        return self.pack(self.weights(parameters).astype(np.int64))

    def rows_apart(self, encoded: bytes) -> list[bytes]:
        """See `MatrixCodec`."""
        size = len(encoded) // self.rows
        return [encoded[first : first + size] for first in range(0, len(encoded), size)]

    def pack(self, weights: Integers) -> bytes:
        """Levels (rows, inputs) as bytes, without loss."""
        raise NotImplementedError


class Int16(Levels):
    """Two bytes a weight, 8 bits of them a fraction; sums are floored to whole numbers."""

    name = "int16"
    largest = 127
    spread = 10.0

    def weights(self, parameters: Parameters) -> Floats:
        """See `MatrixCodec`."""
        return rounded(256 * parameters[0], 256 * self.largest) / 256

    def forward(self, parameters: Parameters, inputs: Floats) -> Floats:
        """See `Codec`."""
        return np.floor(super().forward(parameters, inputs))

    def encode(self, parameters: Parameters) -> bytes:
        """See `Codec`."""
        return self.pack((256 * self.weights(parameters)).astype(np.int64))

    def pack(self, weights: Integers) -> bytes:
        """See `Levels`; weights in 256ths."""
        return weights.astype("<i2").tobytes()

    def decode(self, encoded: bytes) -> Integers:
        """See `MatrixCodec`; weights in 256ths."""
        flat = np.frombuffer(encoded, "<i2").astype(np.int64)
        return flat.reshape(self.rows, self.inputs)

    def sums(self, encoded: bytes, inputs: Integers) -> Integers:
        """See `Codec`."""
        return super().sums(encoded, inputs) >> 8

    def sum_max(self, encoded: bytes, input_max: int) -> int:
        """See `Codec`."""
        return (super().sum_max(encoded, input_max) >> 8) + 1


class Int8(Levels):
    """A byte a weight.

    Args:
        rows: See `Codec`.
        inputs: See `Codec`.
        largest: Fewer levels, -largest..largest, keep the sums of many large inputs within 16 bits.
    """

    name = "int8"
    spread = 10.0

    def __init__(self, rows: int, inputs: int, largest: int = 127) -> None:
        super().__init__(rows, inputs)
        self.largest = largest

    def pack(self, weights: Integers) -> bytes:
        """See `Levels`."""
        return weights.astype(np.int8).tobytes()

    def decode(self, encoded: bytes) -> Integers:
        """See `MatrixCodec`."""
        flat = np.frombuffer(encoded, np.int8).astype(np.int64)
        return flat.reshape(self.rows, self.inputs)


class Int4(Levels):
    """Half a byte a weight; an even number of inputs."""

    name = "int4"
    inputs_multiple = 2
    largest = 7
    spread = 2.0

    def pack(self, weights: Integers) -> bytes:
        """See `Levels`."""
        return nibbles(weights)

    def decode(self, encoded: bytes) -> Integers:
        """See `MatrixCodec`."""
        return nibbles_of(encoded).reshape(self.rows, self.inputs)


class Ternary(Levels):
    """Five weights a byte.

    ::

        digits   d0..d4 = weight + 1, each 0..2; those behind a row's end are 1
        number   n = 81 d0 + 27 d1 + 9 d2 + 3 d3 + d4, 0..242
        byte     b = ceil(256 n / 243)
        reading  five times: d = floor(3 b / 256), b = 3 b mod 256

    The byte is n / 243 as a fraction of 256, rounded up, so that its size tells the first digit and
    three times it brings the next one to the top: no division on the chip.
    """

    name = "ternary"
    largest = 1
    spread = 0.6

    def pack(self, weights: Integers) -> bytes:
        """See `Levels`."""
        padded = np.pad(weights + 1, ((0, 0), (0, -self.inputs % 5)), constant_values=1)
        number: Integers = padded.reshape(-1, 5) @ np.array([81, 27, 9, 3, 1])
        return ((256 * number + 242) // 243).astype(np.uint8).tobytes()

    def decode(self, encoded: bytes) -> Integers:
        """See `MatrixCodec`."""
        left = np.frombuffer(encoded, np.uint8).astype(np.int64)
        digits = np.zeros((len(left), 5), np.int64)
        for place in range(5):
            left = left * 3
            digits[:, place] = left >> 8
            left &= 255
        return digits.reshape(self.rows, -1)[:, : self.inputs] - 1


class Binary(Levels):
    """One bit a weight, and inputs of few levels in bits: sums are counts of equal bits.

    An input counts +1 for each threshold that it is above, and -1 for each other one. A single
    threshold of 0 behind a rectifier is the sign activation. Bytes: how many thresholds, the
    thresholds, the rows. A multiple of eight inputs, at most 64.

    Args:
        rows: See `Codec`.
        inputs: See `Codec`.
        thresholds: Rising, 0-31.
    """

    name = "binary"
    inputs_multiple = 8
    largest = 1
    spread = 0.3

    def __init__(self, rows: int, inputs: int, thresholds: tuple[int, ...]) -> None:
        super().__init__(rows, inputs)
        self.thresholds = thresholds

    @property
    def constants(self) -> dict[str, int]:
        """See `Codec`."""
        return {"BINARY_THRESHOLDS": len(self.thresholds)}

    def weights(self, parameters: Parameters) -> Floats:
        """See `MatrixCodec`."""
        return np.where(parameters[0] >= 0, 1.0, -1.0)

    def seen(self, inputs: Floats) -> Floats:
        """Thresholds below each input less those above."""
        above: Integers = (inputs[..., np.newaxis] > np.array(self.thresholds)).sum(axis=-1)
        return (2 * above - len(self.thresholds)).astype(np.float64)

    def sum_max(self, encoded: bytes, input_max: int) -> int:  # noqa: ARG002
        """See `Codec`."""
        return self.inputs * len(self.thresholds)

    def rows_apart(self, encoded: bytes) -> list[bytes]:  # noqa: ARG002
        """See `MatrixCodec`."""
        return []

    def pack(self, weights: Integers) -> bytes:
        """See `Levels`."""
        bits = np.packbits(weights > 0, bitorder="little")
        return bytes([len(self.thresholds), *self.thresholds]) + bits.tobytes()

    def decode(self, encoded: bytes) -> Integers:
        """See `MatrixCodec`."""
        bits = np.frombuffer(encoded[1 + encoded[0] :], np.uint8)
        signs = np.unpackbits(bits, bitorder="little").reshape(self.rows, self.inputs)
        return signs.astype(np.int64) * 2 - 1
