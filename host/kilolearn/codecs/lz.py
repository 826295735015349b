# SPDX-License-Identifier: GPL-3.0-or-later
"""Bytes of which many stood already among the last 2^window_bits ones: avr/codec/lz.h.

A symbol below COPY is a byte. Another one says how many bytes to copy, SHORTEST and more, and
window_bits bits follow it: how far back they stand, less 1. The symbols are in a Huffman code.

The parse is the one with the fewest bits under the code (dynamic programming from the end), and the
code the one with the fewest bits for the parse; they take turns until neither gains.

Source: Storer, Szymanski, Data compression via textual substitution, JACM 29 (1982), section 3.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator

import numpy as np
from numpy.typing import NDArray

from kilolearn.codecs.huffman import LONGEST, HuffmanCode
from kilolearn.codecs.tape import TapeReader, TapeWriter
from kilolearn.errors import PackedDataError

__all__ = ["COPY", "SHORTEST", "WINDOW_BITS", "LzCode", "decode", "encode"]

COPY = 0xF5
SHORTEST = 3
WINDOW_BITS = 7
_LONGEST_COPY = SHORTEST + 255 - COPY
_TURNS = 8

Token = tuple[int, int]
"""A symbol, and for a copy its distance."""


class LzCode:
    """A Huffman code of bytes and copies, and the window that the copies are from.

    Attributes:
        symbols: The code.
        window_bits: Up to 8.
    """

    def __init__(self, symbols: HuffmanCode, window_bits: int = WINDOW_BITS) -> None:
        self.symbols = symbols
        self.window_bits = window_bits

    @classmethod
    def of(cls, data: bytes, window_bits: int = WINDOW_BITS, cuts: Collection[int] = ()) -> LzCode:
        """The code for these bytes.

        Args:
            data: Each below COPY, as in UTF-8.
            window_bits: Up to 8.
            cuts: No copy leads over these places, e.g. where a record ends.

        Raises:
            PackedDataError: A byte of COPY or more.
        """
        _check(data)
        copies = _Copies(data, window_bits, cuts)
        flat = dict.fromkeys(range(256), 7)
        tokens = copies.parse(flat)
        fewest, best = float("inf"), None
        for _ in range(_TURNS):
            counts = Counter(symbol for symbol, _ in tokens)
            code = HuffmanCode(counts)
            bits = sum(counts[symbol] * code.lengths[symbol] for symbol in counts)
            bits += window_bits * sum(counts[symbol] for symbol in counts if symbol >= COPY)
            if bits >= fewest:
                break
            fewest, best = bits, code
            tokens = copies.parse(dict.fromkeys(range(256), LONGEST) | code.lengths)
        assert best is not None
        return cls(best, window_bits)

    def tokens(self, data: bytes, cuts: Collection[int] = ()) -> list[Token]:
        """The parse with the fewest bits under this code.

        Raises:
            PackedDataError: A byte that the code lacks.
        """
        _check(data)
        missing = sorted(set(data) - set(self.symbols.lengths))
        if missing:
            raise PackedDataError(
                f"the byte {missing[0]:#04x} is not in this code; expected bytes of what it was "
                f"made for: make the code from data that hold it"
            )
        return _Copies(data, self.window_bits, cuts).parse(self.symbols.lengths)

    def put(self, tape: TapeWriter, token: Token) -> None:
        """Append a token."""
        symbol, distance = token
        self.symbols.put(tape, symbol)
        if symbol >= COPY:
            tape.put(distance - 1, self.window_bits)


class _Copies:
    """Where bytes stood before: the longest copy at each place, and its distance."""

    def __init__(self, data: bytes, window_bits: int, cuts: Collection[int]) -> None:
        self._data = data
        self._window_bits = window_bits
        values = np.frombuffer(data, np.uint8)
        places = np.arange(len(values))
        self._longest = np.zeros(len(values), np.int64)
        self._distance = np.zeros(len(values), np.int64)
        for distance in range(1, min(1 << window_bits, len(values) - 1) + 1):
            equal = np.zeros(len(values), bool)
            equal[distance:] = values[distance:] == values[:-distance]
            run = _next_of(~equal) - places
            longer = run > self._longest
            self._longest[longer] = run[longer]
            self._distance[longer] = distance
        is_cut = np.zeros(len(values), bool)
        is_cut[[cut - 1 for cut in cuts if 0 < cut <= len(values)]] = True
        room = _next_of(is_cut) + 1 - places
        self._longest = np.minimum(np.minimum(self._longest, room), _LONGEST_COPY)

    def parse(self, lengths: dict[int, int]) -> list[Token]:
        """Tokens with the fewest bits in all; lengths: bits by symbol, where there is one."""
        data, longest = self._data, self._longest.tolist()
        copies = [
            (size, lengths[COPY + size - SHORTEST] + self._window_bits)
            for size in range(SHORTEST, _LONGEST_COPY + 1)
            if COPY + size - SHORTEST in lengths
        ]
        best = [0] * (len(data) + 1)  # bits from a place to the end
        step = [1] * len(data)
        for place in range(len(data) - 1, -1, -1):
            fewest = lengths[data[place]] + best[place + 1]
            if longest[place] >= SHORTEST:
                for size, bits in copies:
                    if size > longest[place]:
                        break
                    if bits + best[place + size] < fewest:
                        fewest = bits + best[place + size]
                        step[place] = size
            best[place] = fewest
        return list(self._walk(step))

    def _walk(self, step: list[int]) -> Iterator[Token]:
        place = 0
        while place < len(step):
            size = step[place]
            if size == 1:
                yield self._data[place], 0
            else:
                yield COPY + size - SHORTEST, int(self._distance[place])
            place += size


def _next_of(mark: NDArray[np.bool_]) -> NDArray[np.int64]:
    """(n,): the first marked place from each place on, n where there is none."""
    places = np.where(mark, np.arange(len(mark)), len(mark))
    return np.minimum.accumulate(places[::-1])[::-1]


def _check(data: bytes) -> None:
    if not data:
        raise PackedDataError("0 bytes of data; expected some to make a code from")
    if max(data) >= COPY:
        raise PackedDataError(
            f"the byte {max(data):#04x} at place {data.index(max(data))}; expected bytes below "
            f"{COPY:#04x}, as UTF-8 has them: pack other data by Huffman alone"
        )


def encode(data: bytes, code: LzCode) -> bytes:
    """Pack bytes.

    Raises:
        PackedDataError: A byte that the code lacks.
    """
    tape = TapeWriter()
    for token in code.tokens(data):
        code.put(tape, token)
    return tape.packed()


def decode(packed: bytes, code: LzCode, size: int) -> bytes:
    """Unpack `size` bytes.

    Raises:
        PackedDataError: The packed data are shorter or longer, or copy what was not there.
    """
    tape = TapeReader(packed)
    data = bytearray()
    while len(data) < size:
        symbol = code.symbols.take(tape)
        if symbol < COPY:
            data.append(symbol)
            continue
        distance = tape.take(code.window_bits) + 1
        count = symbol - COPY + SHORTEST
        if distance > len(data) or len(data) + count > size:
            raise PackedDataError(
                f"after {len(data):,} bytes {count} are to be copied from {distance} back; "
                f"expected what is there, up to {size:,} bytes: the packed data were changed"
            )
        for _ in range(count):
            data.append(data[-distance])
    tape.check_end()
    return bytes(data)
