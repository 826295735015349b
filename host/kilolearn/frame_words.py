# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes over a learner's line, in words: frames by the contract, anything else as it is."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from kilolearn.contract import Contract
from kilolearn.errors import BadReplyError
from kilolearn.frames import FRAME_OVERHEAD, Frame, decode, encode
from kilolearn.refusals import refusal_in_words

__all__ = ["FrameReader", "FrameWords", "RequestError", "raw_in_words"]

_SHOWN_BYTES = 16

# The struct in a request, and in the reply to it; what lies behind it are plain bytes.
_REQUESTS = {
    "RESET": "reset_request",
    "SET_RATE": "rate_request",
    "READ_WEIGHTS": "read_request",
    "WRITE_WEIGHTS": "write_request",
    "CHECKPOINT": "checkpoint_request",
    "RESUME": "checkpoint_progress",
}
_REPLIES = {
    "HELLO": "learner_description",
    "TRAIN": "answer_reply",
    "TEACH": "answer_reply",
    "INFER": "answer_reply",
    "STATISTICS": "learner_statistics",
    "CHECKPOINT": "checkpoint_reply",
}
# What can be typed: the other requests carry a sample or weights.
_TYPED = ("HELLO", "RESET", "SET_RATE", "READ_WEIGHTS", "STATISTICS", "CHECKPOINT", "RESUME")


class RequestError(ValueError):
    """What was typed is no request; the message says what is."""


class FrameReader:
    """Parts a stream into frames and what is none."""

    def __init__(self, body_max: int) -> None:
        self._pending = bytearray()
        self._size_max = body_max + FRAME_OVERHEAD

    def feed(self, data: bytes) -> Iterator[Frame | bytes]:
        """The frames that these bytes end, and runs of bytes that are none."""
        self._pending += data
        while (end := self._pending.find(0)) >= 0:
            stuffed = bytes(self._pending[:end])
            del self._pending[: end + 1]
            if not stuffed:
                continue
            try:
                yield decode(stuffed)
            except BadReplyError:
                yield stuffed + b"\0"
        if len(self._pending) > self._size_max:
            yield from self.flush()

    def flush(self) -> Iterator[bytes]:
        """What has come and ends no frame: for when the line is silent."""
        if self._pending:
            yield bytes(self._pending)
            self._pending.clear()


class FrameWords:
    """Frames in words.

    Args:
        contract: That chip and host speak by.
    """

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._reply_bit = contract.constant("COMMAND_REPLY")
        self._error = contract.constant("COMMAND_ERROR")
        names = contract.names("COMMAND_")
        self._names = {number: names[number] for number in names if number < self._reply_bit}

    def name(self, frame: Frame) -> str:
        """Of its command, as in the contract: ``"TRAIN"``; of an error ``"ERROR"``."""
        if frame.command == self._error:
            return "ERROR"
        number = frame.command & ~self._reply_bit
        return self._names.get(number, f"command {number:#04x}")

    def of_request(self, frame: Frame) -> str:
        """A frame on its way to the chip."""
        name = self.name(frame)
        if name == "TRAIN" and frame.body:
            return self._line(frame, f"label {frame.body[0]}", frame.body[1:])
        return self._of_struct(frame, _REQUESTS.get(name))

    def of_reply(self, frame: Frame) -> str:
        """A frame that the chip has sent."""
        if self.name(frame) != "ERROR":
            return self._of_struct(frame, _REPLIES.get(self.name(frame)))
        try:
            return f"{frame.sequence:3d} {refusal_in_words(self._contract, frame.body)[0]}"
        except BadReplyError as error:
            return f"{frame.sequence:3d} {error}"

    def margin(self, frame: Frame) -> int | None:
        """Of a reply to TRAIN or TEACH: the true class's score less the best other."""
        layout = self._contract.struct("answer_reply")
        if self.name(frame) not in ("TRAIN", "TEACH") or len(frame.body) != layout.itemsize:
            return None
        return int(np.frombuffer(frame.body, layout)[0]["margin"])

    def request(self, typed: str, sequence: int) -> bytes:
        """A request as it goes over the line, from its name and the numbers of its struct.

        Args:
            typed: E.g. ``"statistics"`` or ``"read_weights 0 16"``.
            sequence: 1-127.

        Raises:
            RequestError: It is none, or its numbers are.
        """
        name, *words = typed.upper().split() or [""]
        if name not in _TYPED:
            raise RequestError(
                f"{typed!r} is no request that can be typed; expected one of {', '.join(_TYPED)}"
            )
        struct = _REQUESTS.get(name)
        members = (self._contract.struct(struct).names or ()) if struct else ()
        if len(words) != len(members):
            raise RequestError(
                f"{name} takes {' '.join(members) or 'no number'}; found {len(words)} numbers"
            )
        try:
            numbers = [int(word, 0) for word in words]
            body = self._contract.pack(struct, *numbers) if struct else b""
        except ValueError as error:
            raise RequestError(f"{name}: {error}") from error
        command = self._contract.constant(f"COMMAND_{name}")
        return encode(Frame(sequence, command, body))

    def _of_struct(self, frame: Frame, struct: str | None) -> str:
        if struct is None or len(frame.body) < self._contract.struct(struct).itemsize:
            return self._line(frame, "", frame.body)
        layout = self._contract.struct(struct)
        record = np.frombuffer(frame.body[: layout.itemsize], layout)[0]
        told = ", ".join(f"{name} {_plain(record[name])}" for name in layout.names or ())
        return self._line(frame, told, frame.body[layout.itemsize :])

    def _line(self, frame: Frame, told: str, rest: bytes) -> str:
        cut = " ..." if len(rest) > _SHOWN_BYTES else ""
        more = f"{len(rest)} bytes {rest[:_SHOWN_BYTES].hex(' ')}{cut}" if rest else ""
        said = ", ".join(part for part in (told, more) if part)
        return f"{frame.sequence:3d} {self.name(frame)}{': ' if said else ''}{said}"


def raw_in_words(data: bytes) -> str:
    """Bytes that are no frame: as text where they are text, else in hexadecimal."""
    text = data.decode("ascii", "replace")
    if all(letter.isprintable() or letter in "\r\n\t" for letter in text) and "�" not in text:
        return text.rstrip("\r\n")
    return data.hex(" ")


def _plain(value: np.generic) -> str:
    if isinstance(value, bytes):
        return value.decode("ascii", "replace")
    return str(value)
