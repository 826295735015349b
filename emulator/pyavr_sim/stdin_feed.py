# SPDX-License-Identifier: GPL-3.0-or-later
"""Standard input as bytes for a chip, without ever making the chip wait."""

from __future__ import annotations

import os
import select
from collections.abc import Callable

from pyavr_sim._sim import lib

__all__ = ["read_what_is_there", "read_whole"]

_STDIN = 0
_PIECE_BYTES = 64 * 1024


def read_what_is_there() -> Callable[[], bytes]:
    """Give a function that returns what standard input holds at that moment, perhaps nothing."""
    is_open = _is_open()

    def read() -> bytes:
        nonlocal is_open
        if not is_open or not select.select([_STDIN], [], [], 0)[0]:
            return b""
        octets = os.read(_STDIN, _PIECE_BYTES)
        is_open = bool(octets)
        return octets

    return read


def read_whole() -> Callable[[], bytes]:
    """Wait for the end of standard input; give a function that returns it piece by piece.

    The same bytes then reach the chip at the same cycles in every run.
    """
    octets = bytearray()
    while _is_open() and len(octets) <= lib.SIM_RING_LIMIT and (piece := os.read(_STDIN, 65536)):
        octets += piece
    pieces = iter([bytes(octets)])
    return lambda: next(pieces, b"")


def _is_open() -> bool:
    try:
        os.fstat(_STDIN)
    except OSError:
        return False
    return True
