# SPDX-License-Identifier: GPL-3.0-or-later
"""Standard input as bytes for a chip."""

from __future__ import annotations

import os
import select
from collections.abc import Callable

from pyavr_sim._sim import lib

__all__ = ["read_what_is_there", "read_whole"]

_STDIN = 0
_PIECE_BYTES = 64 * 1024


def read_what_is_there() -> Callable[[], bytes]:
    """Give a function that returns what came in since its last call, and never waits."""
    has_ended = False

    def read() -> bytes:
        nonlocal has_ended
        if has_ended or not select.select([_STDIN], [], [], 0)[0]:
            return b""
        octets = os.read(_STDIN, _PIECE_BYTES)
        has_ended = not octets
        return octets

    return read


def read_whole() -> Callable[[], bytes]:
    """Wait for the end of standard input; give a function that returns all of it, once.

    The same bytes then reach the chip at the same cycles in every run.
    """
    octets = bytearray()
    # What is more than a UART takes is an error in any case; there may be no end to it.
    while len(octets) <= lib.SIM_RING_LIMIT and (piece := os.read(_STDIN, _PIECE_BYTES)):
        octets += piece
    pieces = iter([bytes(octets)])
    return lambda: next(pieces, b"")
