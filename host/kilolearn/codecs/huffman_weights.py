# SPDX-License-Identifier: GPL-3.0-or-later
"""Weights in a Huffman code: avr/codec/huffman_weights.h.

The layer's bytes are the code, whose symbols are weights as bytes in two's complement, and then all
rows on one tape. A weight is any integer -largest..largest; what it costs is what its likelihood
says, so the spread of the fresh weights decides on the size.

Source: Han, Mao, Dally, Deep Compression, ICLR 2016, section 4.
"""

from __future__ import annotations

import numpy as np

from kilolearn.codecs.codec import Integers
from kilolearn.codecs.huffman import HuffmanCode
from kilolearn.codecs.levels import Levels
from kilolearn.codecs.tape import TapeReader, TapeWriter

__all__ = ["HuffmanWeights"]


class HuffmanWeights(Levels):
    """Parameters: one matrix (rows, inputs).

    Args:
        rows: See `Codec`.
        inputs: See `Codec`.
        spread: Standard deviation of fresh parameters.
    """

    name = "huffman_weights"
    largest = 31

    def __init__(self, rows: int, inputs: int, spread: float) -> None:
        super().__init__(rows, inputs)
        self.spread = spread

    def pack(self, weights: Integers) -> bytes:
        """See `Levels`."""
        symbols = weights.astype(np.int8).tobytes()
        code = HuffmanCode.of(symbols)
        tape = TapeWriter()
        for symbol in symbols:
            code.put(tape, symbol)
        return code.table() + tape.packed()

    def decode(self, encoded: bytes) -> Integers:
        """See `MatrixCodec`."""
        code = HuffmanCode.read(encoded)
        tape = TapeReader(encoded[len(code.table()) :])
        symbols = bytes(code.take(tape) for _ in range(self.rows * self.inputs))
        flat = np.frombuffer(symbols, np.int8).astype(np.int64)
        return flat.reshape(self.rows, self.inputs)
