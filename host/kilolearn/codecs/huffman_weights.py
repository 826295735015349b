# SPDX-License-Identifier: GPL-3.0-or-later
"""Weights -7..7 in a Huffman code of pairs: avr/codec/huffman_weights.h.

The layer's bytes are the code, whose symbols are two weights each, the first in the low half, two's
complement, and then all rows on one tape; an even number of inputs. What a pair costs is what its
likelihood says, so the spread of the fresh weights decides on the size.

Source: Han, Mao, Dally, Deep Compression, ICLR 2016, section 4.
"""

from __future__ import annotations

from kilolearn.codecs.codec import Integers
from kilolearn.codecs.huffman import HuffmanCode
from kilolearn.codecs.levels import Levels, nibbles, nibbles_of
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
    inputs_multiple = 2
    largest = 7

    def __init__(self, rows: int, inputs: int, spread: float) -> None:
        super().__init__(rows, inputs)
        self.spread = spread

    def pack(self, weights: Integers) -> bytes:
        """See `Levels`."""
        symbols = nibbles(weights)
        code = HuffmanCode.of(symbols)
        tape = TapeWriter()
        for symbol in symbols:
            code.put(tape, symbol)
        return code.table() + tape.packed()

    def rows_apart(self, encoded: bytes) -> list[bytes]:  # noqa: ARG002
        """See `MatrixCodec`; there is one tape."""
        return []

    def decode(self, encoded: bytes) -> Integers:
        """See `MatrixCodec`."""
        code = HuffmanCode.read(encoded)
        tape = TapeReader(encoded[len(code.table()) :])
        pairs = bytes(code.take(tape) for _ in range(self.rows * self.inputs // 2))
        return nibbles_of(pairs).reshape(self.rows, self.inputs)
