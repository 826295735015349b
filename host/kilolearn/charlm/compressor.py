# SPDX-License-Identifier: GPL-3.0-or-later
"""Compresses by the character model's twin: the chip's bytes, at this machine's speed."""

from __future__ import annotations

import zlib
from functools import cache
from threading import Lock
from typing import Any

import cffi

from kilolearn import firmware
from kilolearn.charlm.coded import MODELS, CodedText
from kilolearn.contract import declarations
from kilolearn.errors import CodedTextError

__all__ = ["compress", "decompress", "state_bytes"]

_END = 64
_PIECE = 1 << 16

_one_stream = Lock()  # the C keeps its model in one global


def compress(text: bytes, model: str = "large") -> bytes:
    """Any bytes as a file that `decompress` gives back; English becomes about a third.

    Args:
        text: Up to 2^32 - 1 bytes.
        model: A name of `MODELS`, e.g. ``"large"`` (853 bytes of state) or ``"small"`` (463).

    Raises:
        CodedTextError: The text is too long, or there is no such model.
        BuildError: The twin does not build.
    """
    if len(text) > 0xFFFF_FFFF:
        raise CodedTextError(f"{len(text)} bytes; at most {0xFFFF_FFFF} fit the header; split them")
    ffi, native = _twin(model)
    source = ffi.from_buffer("uint8_t[]", text)
    room, used = len(text) + _END, 0
    with _one_stream:
        while not used:  # 0: no room, which no English asks twice for
            room *= 2
            code = ffi.new("uint8_t[]", room)
            used = native.charlm_encode(source, len(text), code, room)
    coded = CodedText(model, len(text), zlib.crc32(text), bytes(ffi.buffer(code, used)))
    return coded.pack()


def decompress(file: bytes) -> bytes:
    """The text that `compress` was given.

    A damaged file ends soon: a wrong length cannot ask for more text than the coded bytes hold,
    since every decision narrows the coder's range, and reading past the end stops.

    Raises:
        CodedTextError: The file is cut off, changed, or of another model.
        BuildError: The twin does not build.
    """
    coded = CodedText.unpack(file)
    ffi, native = _twin(coded.model)
    pieces = []
    missing = coded.length
    with _one_stream:
        code = ffi.from_buffer("uint8_t[]", coded.code)
        native.charlm_decode_start(code, len(coded.code))
        piece = ffi.new("uint8_t[]", _PIECE)
        while missing:
            wanted = min(missing, _PIECE)
            found = native.charlm_decode(piece, wanted)
            pieces.append(bytes(ffi.buffer(piece, found)))
            missing -= found
            if found < wanted:
                break
        left = native.charlm_decode_left()
    text = b"".join(pieces)
    coded.check(text, left)
    return text


def state_bytes(model: str) -> int:
    """Everything that a model learns, remembers and codes with."""
    return int(_twin(model)[1].charlm_state_size())


@cache
def _twin(model: str) -> tuple[Any, Any]:
    if model not in MODELS:
        raise CodedTextError(f"no model {model!r}; choose one of {', '.join(MODELS)}")
    ffi = cffi.FFI()
    header = firmware.avr_folder() / "apps" / "charlm_twin.h"
    ffi.cdef(declarations(header.read_text(encoding="utf-8")))
    return ffi, ffi.dlopen(str(firmware.build_twin("charlm", model)))
