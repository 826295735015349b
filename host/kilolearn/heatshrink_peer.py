# SPDX-License-Identifier: GPL-3.0-or-later
"""heatshrink, the packer for small chips that ours is compared with: its packer and its decoder.

The package heatshrink2 carries the packer; the decoder in C is in its source archive only,
which `./dev` unpacks into build/peers for benchmarks and tests.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kilolearn import firmware
from kilolearn.errors import MissingExtraError

__all__ = ["decoder_config", "pack"]

_LOOKAHEADS = (3, 4, 5)
_FACE = Path(__file__).parent / "peers" / "heatshrink.h"


def pack(text: bytes, window_bits: int, lookahead_bits: int | None = None) -> tuple[bytes, int]:
    """Pack a text, at its best lookahead or at one.

    Returns:
        The packed bytes, and the bits of the lookahead.

    Raises:
        MissingExtraError: heatshrink2 is not installed.
    """
    peer = _heatshrink2()
    found = []
    for bits in _LOOKAHEADS if lookahead_bits is None else (lookahead_bits,):
        packed = peer.compress(text, window_sz2=window_bits, lookahead_sz2=bits)
        if peer.decompress(packed, window_sz2=window_bits, lookahead_sz2=bits) != text:
            raise AssertionError("heatshrink2 does not give its text back")
        found.append((len(packed), bits, packed))
    _, bits, packed = min(found)
    return packed, bits


def decoder_config(window_bits: int, lookahead_bits: int) -> str:
    """The config of avr/apps/unpack.c for what `pack` packed.

    Raises:
        MissingExtraError: The decoder's source is not there.
    """
    return "\n".join(
        [
            "#define TAPE_ON_LINE",
            "#define TEXT_CODEC heatshrink",
            f"#define HEATSHRINK_STATIC_WINDOW_BITS {window_bits}",
            f"#define HEATSHRINK_STATIC_LOOKAHEAD_BITS {lookahead_bits}",
            f'#define HEATSHRINK_DECODER "{_decoder()}"',
            f'#include "{_FACE}"',
            "#define text_code 0 /* it has no table */",
            "",
        ]
    )


def _decoder() -> Path:
    folder = firmware.build_folder() / "peers" / "heatshrink2"
    for source in folder.rglob("heatshrink_decoder.c"):
        return source.resolve()
    raise MissingExtraError(
        f"{folder}: no heatshrink_decoder.c; run ./dev bench codecs, which unpacks heatshrink2's "
        f"source archive there, or say --no-peers"
    )


def _heatshrink2() -> Any:
    try:
        import heatshrink2  # noqa: PLC0415 - extra `peers`
    except ImportError as error:
        raise MissingExtraError(
            "heatshrink2 is not installed; pip install 'kilolearn[peers]', or say --no-peers"
        ) from error
    return heatshrink2
