# SPDX-License-Identifier: GPL-3.0-or-later
"""Compressors of short memory and of long, beside the character model: their bytes of a text."""

from __future__ import annotations

import lzma
import zlib
from collections.abc import Callable

from kilolearn import heatshrink_peer
from kilolearn.errors import MissingExtraError

__all__ = ["PEERS"]


def _heatshrink(window: int, lookahead: int) -> Callable[[bytes], int]:
    return lambda text: len(heatshrink_peer.pack(text, window, lookahead)[0])


def _unishox(text: bytes) -> int:
    """A line at a time, as it is meant; a line's length is told apart from its bytes."""
    try:
        import unishox2  # noqa: PLC0415 - extra `peers`
    except ImportError as error:
        raise _missing("unishox2-py3") from error
    lines = text.decode("latin-1").splitlines(keepends=True)
    return sum(len(unishox2.compress(line)[0]) for line in lines)


def _smaz(text: bytes) -> int:
    try:
        import smaz  # noqa: PLC0415 - extra `peers`
    except ImportError as error:
        raise _missing("smaz-py3") from error
    lines = text.decode("latin-1").splitlines(keepends=True)
    return sum(len(smaz.compress(line)) for line in lines)


def _missing(package: str) -> MissingExtraError:
    return MissingExtraError(
        f"{package} is not installed; run pip install 'kilolearn[peers]', or leave the peers out "
        f"with --no-peers"
    )


PEERS: dict[str, Callable[[bytes], int]] = {
    "heatshrink2 window 2^8": _heatshrink(8, 4),
    "heatshrink2 window 2^10": _heatshrink(10, 4),
    "unishox2": _unishox,
    "smaz": _smaz,
    "zlib -9": lambda text: len(zlib.compress(text, 9)),
    "lzma": lambda text: len(lzma.compress(text, preset=9)),
}
"""From the name to how many bytes it makes of a text."""
