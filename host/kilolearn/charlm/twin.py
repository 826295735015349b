# SPDX-License-Identifier: GPL-3.0-or-later
"""A character model's native twin: the chip's bytes, at this machine's speed."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import islice
from typing import Any

import cffi

from kilolearn import firmware
from kilolearn.charlm.coded import require_model
from kilolearn.charlm.model import CharacterModel
from kilolearn.contract import declarations
from kilolearn.errors import WeightsError

__all__ = ["TwinModel", "state_bytes"]

_CODE_MOST = 128  # bytes that a byte can become: two ways down a tree, 16 bits a decision
_NOISE_ENOUGH = 4096  # a draw may be repeated; so often never
_PIECE = 1024


class TwinModel(CharacterModel):
    """A model in this process; any number may live at once.

    Args:
        name: Of `kilolearn.charlm.coded.MODELS`.

    Raises:
        BuildError: The twin does not build.
        CodedTextError: There is no such model.
    """

    def __init__(self, name: str = "large") -> None:
        super().__init__(name)
        self._ffi, self._native = _library(name)
        self._state = self._ffi.new("uint8_t[]", self._native.charlm_state_size())
        self._code = b""  # taken by decode and not read
        self.start()

    def start(self) -> None:
        """As the base says."""
        self._native.charlm_start(self._state)

    def start_encoding(self) -> None:
        """As the base says."""
        self._native.charlm_encode_start(self._state)

    def encode(self, text: bytes) -> bytes:
        """As the base says."""
        coded = self._ffi.new("uint8_t[]", _PIECE * _CODE_MOST)
        code = bytearray()
        for begin in range(0, len(text), _PIECE):
            piece = text[begin : begin + _PIECE]
            made = self._native.charlm_encode(self._state, piece, len(piece), coded)
            code += self._ffi.buffer(coded, made)
        return bytes(code)

    def finish_encoding(self) -> bytes:
        """As the base says."""
        coded = self._ffi.new("uint8_t[]", _CODE_MOST)
        return bytes(self._ffi.buffer(coded, self._native.charlm_finish(self._state, coded)))

    def decode(self, code: Iterator[int], length: int) -> Iterator[bytes]:
        """As the base says; without a byte of code for a piece of text, the piece is short."""
        self._code = b""
        left = self._take(code, length)
        self._native.charlm_decode_start(self._state, self._code, left)
        self._code = self._code[len(self._code) - left[0] :]
        text = self._ffi.new("uint8_t[]", _PIECE)
        while length:
            wanted = min(length, _PIECE)
            left = self._take(code, wanted)
            made = self._native.charlm_decode(self._state, self._code, left, text, wanted)
            self._code = self._code[len(self._code) - left[0] :]
            yield bytes(self._ffi.buffer(text, made))
            length -= made
            if made < wanted:
                return

    def unread(self) -> int:
        """As the base says."""
        return len(self._code)

    def draw(self, top_k: int, sharpness: int) -> None:
        """As the base says.

        Raises:
            WeightsError: The model draws only as it predicts.
        """
        if not self._native.charlm_draw(self._state, top_k, sharpness):
            raise WeightsError(
                f"the model {self.name} draws as it predicts; expected one that can be told how"
            )

    def save(self) -> bytes:
        """As the base says."""
        return bytes(self._ffi.buffer(self._state))

    def restore(self, state: bytes) -> None:
        """As the base says.

        Raises:
            WeightsError: It has another length.
        """
        own = self._ffi.buffer(self._state)
        if len(state) != len(own):
            raise WeightsError(
                f"a state of {len(state)} bytes; {self.name} has {len(own)}; give it its own"
            )
        own[:] = state

    def _take(self, code: Iterator[int], length: int) -> Any:
        """Have enough code for so much text, if there is. Returns its length, in C."""
        enough = max(_NOISE_ENOUGH, min(length, _PIECE) * _CODE_MOST)
        self._code += bytes(islice(code, max(0, enough - len(self._code))))
        return self._ffi.new("uint64_t *", len(self._code))


def state_bytes(model: str) -> int:
    """Everything that a model learns, remembers and codes with."""
    require_model(model)
    return int(_library(model)[1].charlm_state_size())


@cache
def _library(model: str) -> tuple[Any, Any]:
    ffi = cffi.FFI()
    header = firmware.avr_folder() / "apps" / "charlm_twin.h"
    ffi.cdef(declarations(header.read_text(encoding="utf-8")))
    return ffi, ffi.dlopen(str(firmware.build_twin("charlm", model)))
