# SPDX-License-Identifier: GPL-3.0-or-later
"""Canonical Huffman codes of limited length, as avr/codec/huffman.h reads them.

::

    code      (LONGEST,) how many codes have 1, 2, ... bits; then the symbols, shorter codes first

Codes of one length are consecutive numbers, and the first of a length is (the last of the length
before + 1) * 2. A code is complete: any bits are symbols.

Source: Larmore, Hirschberg, A fast algorithm for optimal length-limited Huffman codes, JACM 37
(1990): package-merge.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from kilolearn.codecs.tape import TapeReader, TapeWriter
from kilolearn.errors import PackedDataError

__all__ = ["LONGEST", "HuffmanCode", "code_lengths", "decode", "encode", "entropy"]

LONGEST = 15
_COUNT_MAX = 255


def code_lengths(counts: Mapping[int, float], longest: int = LONGEST) -> dict[int, int]:
    """The lengths of a prefix code with the fewest bits for these counts.

    Args:
        counts: How often each symbol occurs, positive; 2 or more symbols.
        longest: No code has more bits.

    Returns:
        Bits by symbol.
    """
    single: list[tuple[float, tuple[int, ...]]] = sorted(
        (count, (symbol,)) for symbol, count in counts.items()
    )
    packages = single
    for _ in range(longest - 1):
        pairs = zip(packages[::2], packages[1::2], strict=False)
        packages = sorted(single + [(a[0] + b[0], a[1] + b[1]) for a, b in pairs])
    lengths = dict.fromkeys(counts, 0)
    for _, symbols in packages[: 2 * len(counts) - 2]:
        for symbol in symbols:
            lengths[symbol] += 1
    return lengths


class HuffmanCode:
    """A code of bytes.

    Args:
        counts: How often each symbol, 0..255, occurs. Of a lone symbol a second one keeps it
            company, so that the code is complete.

    Attributes:
        lengths: Bits by symbol.
        codes: Number by symbol.

    Raises:
        PackedDataError: No symbols, or one that is no byte.
    """

    def __init__(self, counts: Mapping[int, float]) -> None:
        seen = {symbol: count for symbol, count in counts.items() if count > 0}
        if not seen or min(seen) < 0 or max(seen) > 255:
            raise PackedDataError(
                f"{len(seen)} symbols, {list(seen)[:3]}...; expected at least one, each 0..255"
            )
        if len(seen) == 1:
            seen[(next(iter(seen)) + 1) % 256] = 0.5
        self.lengths = code_lengths(seen)
        if list(self.lengths.values()).count(8) > _COUNT_MAX:  # a count is a byte
            first = next(iter(seen))
            self.lengths = code_lengths(seen | {first: 4 * max(seen.values())})
        self._order = sorted(self.lengths, key=lambda symbol: (self.lengths[symbol], symbol))
        self.codes: dict[int, int] = {}
        number, bits = 0, 0
        for symbol in self._order:
            number <<= self.lengths[symbol] - bits
            bits = self.lengths[symbol]
            self.codes[symbol] = number
            number += 1
        self._symbols = {(self.lengths[s], number): s for s, number in self.codes.items()}

    @classmethod
    def of(cls, data: bytes) -> HuffmanCode:
        """The code with the fewest bits for these bytes."""
        counts = np.bincount(np.frombuffer(data, np.uint8), minlength=256)
        return cls(dict(enumerate(counts.tolist())))

    @classmethod
    def read(cls, table: bytes) -> HuffmanCode:
        """The code of a table, behind which anything may follow.

        Raises:
            PackedDataError: The table is cut off, or no complete code of different symbols.
        """
        counts = table[:LONGEST]
        size = LONGEST + sum(counts)
        kraft = sum(codes << LONGEST - bits for bits, codes in enumerate(counts, 1))
        if kraft == 1 << LONGEST and len(table) >= size:
            lengths = (bits for bits, codes in enumerate(counts, 1) for _ in range(codes))
            # Equal powers of two: the code with the fewest bits for them has just these lengths.
            symbols = zip(table[LONGEST:size], lengths, strict=True)
            code = cls({symbol: 2.0**-bits for symbol, bits in symbols})
            if code.table() == table[:size]:
                return code
        raise PackedDataError(
            f"a code's table of {len(table)} bytes fills {kraft} of {1 << LONGEST} parts of all "
            f"codes with {sum(counts)} symbols; expected all parts, and different symbols in "
            f"order: it is cut off or was changed"
        )

    def table(self) -> bytes:
        """As avr/codec/huffman.h has it in flash."""
        lengths = list(self.lengths.values())
        counts = [lengths.count(bits) for bits in range(1, LONGEST + 1)]
        return bytes([*counts, *self._order])

    def put(self, tape: TapeWriter, symbol: int) -> None:
        """Append a symbol.

        Raises:
            PackedDataError: The code has none for it.
        """
        if symbol not in self.codes:
            raise PackedDataError(
                f"the symbol {symbol} is not in the code of {len(self.codes)} symbols; make the "
                f"code from data that hold it"
            )
        tape.put(self.codes[symbol], self.lengths[symbol])

    def take(self, tape: TapeReader) -> int:
        """The next symbol, found by its code's number.

        Raises:
            PackedDataError: The tape ends within it.
        """
        number = 0
        for bits in range(1, LONGEST + 1):
            number = number << 1 | tape.take(1)
            symbol = self._symbols.get((bits, number))
            if symbol is not None:
                return symbol
        raise AssertionError("a complete code has a symbol for any bits")


def entropy(counts: Mapping[int, float]) -> float:
    """Bits a symbol that no code for single symbols can stay below: of order 0."""
    seen = np.array([count for count in counts.values() if count > 0], float)
    share = seen / seen.sum()
    return float(-(share * np.log2(share)).sum())


def encode(data: bytes, code: HuffmanCode) -> bytes:
    """Pack bytes.

    Raises:
        PackedDataError: A byte that the code lacks.
    """
    tape = TapeWriter()
    for byte in data:
        code.put(tape, byte)
    return tape.packed()


def decode(packed: bytes, code: HuffmanCode, size: int) -> bytes:
    """Unpack `size` bytes.

    Raises:
        PackedDataError: The packed data are shorter or longer than that.
    """
    tape = TapeReader(packed)
    data = bytes(code.take(tape) for _ in range(size))
    tape.check_end()
    return data
