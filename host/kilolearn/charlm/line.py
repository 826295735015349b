# SPDX-License-Identifier: GPL-3.0-or-later
"""A character model on a chip, behind a serial port: the talk of avr/contract/charlm.h."""

from __future__ import annotations

from binascii import crc_hqx
from collections.abc import Iterator
from itertools import islice
from typing import NoReturn

from kilolearn import firmware
from kilolearn.charlm.coded import MODELS
from kilolearn.charlm.model import CharacterModel
from kilolearn.checkpoint import Kept
from kilolearn.errors import BadReplyError, ChipRejectedError
from kilolearn.port import Port
from kilolearn.talk import Talk

__all__ = ["PATIENCE", "ChipModel"]

PATIENCE = 5.0
"""Seconds: the transformer on an ATtiny1634 is silent for 1.2, a request of 16 characters."""

_ANSWER = 255  # bytes of text that the chip is asked for at once
_CHECK_SIZE = 2


class ChipModel(CharacterModel):
    """A chip with avr/apps/charlm.c.

    Every request ends with a check of all that went over the line, so a byte that noise has
    changed, doubled or swallowed ends in a LinkError, never in a wrong file or state.

    Args:
        port: An open port, e.g. of `kilolearn.port.open_port`.
        name: The model that the chip should have, of `MODELS`.

    Raises:
        CodedTextError: There is no such model.
    """

    def __init__(self, port: Port, name: str = "large") -> None:
        super().__init__(name)
        self._talk = Talk(port, "charlm")
        self._constant = firmware.contract().constant
        self._piece = self._constant("CHARLM_PIECE")
        self._number = self._constant(MODELS[name].constant)
        self._missed = 0  # bytes of code that there were not

    def start(self) -> None:
        """As the base says."""
        self._ask("CHARLM_START")

    def start_encoding(self) -> None:
        """As the base says."""
        self._ask("CHARLM_ENCODE")

    def encode(self, text: bytes) -> bytes:
        """As the base says."""
        code = bytearray()
        for begin in range(0, len(text), self._piece):
            piece = text[begin : begin + self._piece]
            code += self._ask("CHARLM_CODE", bytes([len(piece)]) + piece)
        return bytes(code)

    def finish_encoding(self) -> bytes:
        """As the base says."""
        return self._ask("CHARLM_FINISH")

    def decode(self, code: Iterator[int], length: int) -> Iterator[bytes]:
        """As the base says; nothing that is shown early has been checked."""
        self._missed = 0
        self._ask("CHARLM_DECODE", code=code)
        while length and self._missed < self._piece:
            wanted = min(length, _ANSWER)
            for byte in self._events("CHARLM_CODE", bytes([wanted]), code):
                yield bytes([byte])
            length -= wanted

    def unread(self) -> int:
        """As the base says."""
        return self._ask("CHARLM_FINISH")[0] - self._missed

    def draw(self, top_k: int, sharpness: int) -> None:
        """As the base says."""
        self._ask("CHARLM_DRAW", bytes([top_k, sharpness]))

    def save(self) -> bytes:
        """As the base says."""
        return self._ask("CHARLM_SAVE")

    def restore(self, state: bytes) -> None:
        """As the base says."""
        self.start_encoding()  # a chip with another model would wait for more bytes, or drop some
        self._ask("CHARLM_RESTORE", state)

    def checkpoint(self, every: int | None = None) -> Kept:
        """Let the chip keep its state through a power cut.

        Args:
            every: From now on it does so by itself after each so many bytes, 0: never, at most
                65,535; None: as before.

        Returns:
            Where, and as `steps` the bytes coded since the model was fresh or restored.

        Raises:
            ChipRejectedError: Its firmware keeps no checkpoints.
        """
        try:
            kept = Kept.unpack(self._ask("CHARLM_CHECKPOINT"))
        except ChipRejectedError as error:
            raise ChipRejectedError(
                f"this image of {self.name} keeps no checkpoints; build one whose config states "
                f"CHECKPOINT_WEIGHTS, e.g. charlm --config small_checkpoint",
                error.code,
                error.detail,
            ) from error
        if every is None:
            return kept
        # Not before: a chip without checkpoints would take the number for requests.
        self._ask("CHARLM_EVERY", every.to_bytes(2, "little"))
        return self.checkpoint()

    def _ask(self, request: str, more: bytes = b"", code: Iterator[int] | None = None) -> bytes:
        """Send a request. Returns what the chip has put, when its check is right."""
        return bytes(self._events(request, more, code))

    def _events(self, request: str, more: bytes, code: Iterator[int] | None) -> Iterator[int]:
        """The bytes that the chip puts, as they come; code is what it gets."""
        self._talk.begin()
        self._talk.write(bytes([self._constant(request)]) + more)
        while True:
            event = self._talk.read(1)[0]
            if event == self._constant("CHARLM_PUT"):
                yield self._talk.read(1)[0]
            elif event == self._constant("CHARLM_GET") and code is not None:
                piece = bytes(islice(code, self._piece))
                self._missed += self._piece - len(piece)
                self._talk.write(piece.ljust(self._piece, b"\0"))
            else:
                self._end(request, event)
                return

    def _end(self, request: str, said: int) -> None:
        """Check a request's end."""
        if said not in {self._constant(f"CHARLM_{end}") for end in ("DONE", "LOST", "REFUSED")}:
            self._noise(f"the chip said {said:#04x}, which is no event of contract/charlm.h")
        heard = self._talk.heard
        check = int.from_bytes(self._talk.read(_CHECK_SIZE), "little")
        if crc_hqx(heard, self._number) != check:
            for name, model in MODELS.items():
                if crc_hqx(heard, self._constant(model.constant)) == check:
                    raise BadReplyError(
                        f"the chip has the model {name}; {self.name} was asked for; say --model "
                        f"{name}, or flash the other"
                    )
            self._noise(f"the check of {len(heard)} bytes is wrong")
        if said == self._constant("CHARLM_LOST"):
            self._noise("the chip's UART has lost or spoilt a byte")
        if said == self._constant("CHARLM_REFUSED"):
            raise ChipRejectedError(
                f"the chip does not know the request {request}; expected a firmware charlm of this "
                f"version, whose model can do that; flash it anew",
                said,
                0,
            )

    def _noise(self, found: str) -> NoReturn:
        raise BadReplyError(
            f"{found}; expected a firmware charlm at this baud rate and a quiet line; reset the "
            f"chip and begin anew"
        )
