# SPDX-License-Identifier: GPL-3.0-or-later
"""A tape of packed bytes, bit by bit, the highest bit of a byte first: avr/codec/tape.h.

On the chip zeros follow a tape's end; here its end is an error.
"""

from __future__ import annotations

from kilolearn.errors import PackedDataError

__all__ = ["TapeReader", "TapeWriter"]


class TapeWriter:
    """Puts numbers behind one another."""

    def __init__(self) -> None:
        self._bits: list[str] = []

    def put(self, value: int, bits: int) -> None:
        """Append a number 0..2^bits - 1, its highest bit first."""
        if bits:
            self._bits.append(f"{value:0{bits}b}")

    def packed(self) -> bytes:
        """All that was put, the last byte filled up with zeros."""
        text = "".join(self._bits)
        size = -(-len(text) // 8)
        return int(text.ljust(8 * size, "0") or "0", 2).to_bytes(size, "big")


class TapeReader:
    """Takes numbers off again.

    Args:
        packed: As `TapeWriter.packed` gave it.
    """

    def __init__(self, packed: bytes) -> None:
        self._packed = packed
        self._at = 0

    def take(self, bits: int) -> int:
        """The next number of so many bits.

        Raises:
            PackedDataError: The tape ends before them.
        """
        end = self._at + bits
        if end > 8 * len(self._packed):
            raise PackedDataError(
                f"the packed data end after {len(self._packed):,} bytes, within a symbol; expected "
                f"more: it is cut off, or was packed with another code"
            )
        first, last = self._at // 8, -(-end // 8)
        whole = int.from_bytes(self._packed[first:last], "big")
        self._at = end
        return whole >> (8 * last - end) & ((1 << bits) - 1)

    def check_end(self) -> None:
        """Refuse more than the zeros that fill up the last byte.

        Raises:
            PackedDataError: More follows.
        """
        left = 8 * len(self._packed) - self._at
        if left >= 8 or self.take(left):
            raise PackedDataError(
                f"after what was asked for {left} bits are left in the packed data; expected less "
                f"than 8, all 0: it was changed, or asks for another size or code"
            )
