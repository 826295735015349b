# SPDX-License-Identifier: GPL-3.0-or-later
"""What a chip must say to each frame: avr/contract/frame.h read a second time, in Python.

It knows nothing of the firmware's parser. Whether a frame is valid is decided here; a valid one
goes to a learner's twin by a plain call, so that chip and model have the same weights as long as
the chip, too, does nothing but what valid frames ask for.
"""

from __future__ import annotations

from binascii import crc_hqx
from struct import Struct
from typing import NamedTuple

import numpy as np
from cobs import cobs

from kilolearn import firmware
from kilolearn.errors import ChipRejectedError
from kilolearn.frames import FRAME_OVERHEAD, Frame, encode
from kilolearn.learner import Answer, Samples
from kilolearn.twin import Twin

__all__ = ["Expected", "ServeModel"]

_RATE_SHIFT_MAX = 15
_CRC_INIT = 0xFFFF
_ERROR_REPLY = Struct("<BH")
_ANSWER_REPLY = Struct("<Bh")


class Expected(NamedTuple):
    """What comes of some frames.

    Attributes:
        replies: On the line, delimiters included; none to an empty frame.
        frames: How many there were, empty ones left out.
        done: Of these, those that were valid and done; for the others, the chip is as it was.
    """

    replies: bytes
    frames: int
    done: int


class _RefusedError(Exception):
    """A frame is invalid: error and detail."""

    def __init__(self, error: str, detail: int) -> None:
        super().__init__(error, detail)
        self.error, self.detail = error, detail


class ServeModel:
    """The serve loop of one learner image.

    Args:
        learner: Does what valid frames ask for.

    Attributes:
        capacity: Bytes of payload that the image has room for.
        is_taught: It takes TEACH.
        stack_high_water, static_bytes: What STATISTICS is to say of them.
        steps: Taken since the last RESET.
    """

    def __init__(self, learner: Twin) -> None:
        self.learner = learner
        self.about = learner.description
        self._contract = firmware.contract()
        self._constant = self._contract.constant
        self._error, self._reply_bit = (
            self._constant(f"COMMAND_{name}") for name in ("ERROR", "REPLY")
        )
        self._names = self._contract.names("COMMAND_")
        self._errors_by_name = {name: code for code, name in self._contract.names("ERROR_").items()}
        self.is_taught = _takes_teach(learner)
        size = self.about.sample_size
        self.capacity = FRAME_OVERHEAD - 2 + size + (self.about.classes if self.is_taught else 1)
        self.stack_high_water = self.static_bytes = 0
        self._sequence = 0
        self._length = {
            "HELLO": 0,
            "RESET": 2,
            "SET_RATE": 1,
            "TRAIN": 1 + size,
            "INFER": size,
            "READ_WEIGHTS": 3,
            "STATISTICS": 0,
        }
        if self.is_taught:
            self._length["TEACH"] = self.about.classes + size
        self.restart()
        self._is_held = True  # as after power-up

    def restart(self) -> None:
        """A fresh model, as after a RESET with seed 1."""
        self._reset((1).to_bytes(2, "little"))

    def answers(self, heard: bytes) -> Expected:
        """What the chip does with bytes that end with a delimiter, and says."""
        replies = [
            self._reply(stuffed)
            for stuffed in heard.split(b"\0")[:-1]
            if stuffed not in (b"", b"\x01")
        ]
        done = sum(reply.command != self._error for reply in replies)
        return Expected(b"".join(map(encode, replies)), len(replies), done)

    def _reply(self, stuffed: bytes) -> Frame:
        """To the bytes between two delimiters."""
        sequence = 0
        try:
            content = self._unpacked(stuffed)
            sequence = self._sequence = content[0]
            body = self._done(content[1], content[2:])
        except _RefusedError as refused:
            body = _ERROR_REPLY.pack(self._errors_by_name[refused.error], refused.detail)
            return Frame(sequence, self._error, body)
        return Frame(sequence, content[1] | self._reply_bit, body)

    def _unpacked(self, stuffed: bytes) -> bytes:
        """Sequence, command and body; each byte but the first one stuffed is one of the payload."""
        size = len(stuffed) - 1
        if size > self.capacity:
            raise _RefusedError("OVERRUN", self.capacity)
        try:
            payload = bytes(cobs.decode(stuffed))
        except cobs.DecodeError:
            raise _RefusedError("BAD_LENGTH", size) from None
        if size < FRAME_OVERHEAD - 2:
            raise _RefusedError("BAD_LENGTH", size)
        crc = crc_hqx(payload[:-2], _CRC_INIT)
        if crc != int.from_bytes(payload[-2:], "little"):
            raise _RefusedError("BAD_CRC", crc)
        return payload[:-2]

    def _done(self, command: int, body: bytes) -> bytes:
        """Do a request, and give the reply's body."""
        name = self._names.get(command, "")
        size = len(body)
        if name == "WRITE_WEIGHTS":
            is_length_right = size >= 3
        elif name in self._length:
            is_length_right = size == self._length[name]
        else:
            raise _RefusedError("UNKNOWN_COMMAND", command)
        if not is_length_right:
            raise _RefusedError("BAD_LENGTH", size + FRAME_OVERHEAD - 2)
        done: bytes = getattr(self, f"_{name.lower()}")(body)
        return done

    def _hello(self, _: bytes) -> bytes:
        return self.about.pack(self._contract)

    def _reset(self, body: bytes) -> bytes:
        self.learner.reset(int.from_bytes(body, "little"))
        self.steps = self._errors = 0
        self._last_step, self._last_answer, self._is_held = 0, b"", False
        return b""

    def _set_rate(self, body: bytes) -> bytes:
        if body[0] > _RATE_SHIFT_MAX:
            raise _RefusedError("BAD_RANGE", body[0])
        self.learner.set_rate(body[0])
        return b""

    def _statistics(self, _: bytes) -> bytes:
        self._is_held = False
        counted = self.steps, self._errors, self.stack_high_water, self.static_bytes
        return self._contract.pack("learner_statistics", *counted)

    def _train(self, body: bytes) -> bytes:
        if repeated := self._repeated():
            return repeated
        label, sample = body[0], self._sample(body[1:])
        if label >= self.about.classes:
            raise _RefusedError("BAD_LABEL", label)
        return self._counted(self.learner.train(sample, label), label)

    def _teach(self, body: bytes) -> bytes:
        if repeated := self._repeated():
            return repeated
        sample = self._sample(body[self.about.classes :])
        target = np.frombuffer(body[: self.about.classes], np.uint8)
        return self._counted(self.learner.teach(sample, target), int(target.argmax()))

    def _infer(self, body: bytes) -> bytes:
        return _ANSWER_REPLY.pack(*self.learner.infer(self._sample(body)))

    def _read_weights(self, body: bytes) -> bytes:
        offset, count = int.from_bytes(body[:2], "little"), body[2]
        if count > self._constant("FRAME_BODY_MAX"):
            raise _RefusedError("BAD_RANGE", offset)
        return self._weights_from(offset, count)

    def _write_weights(self, body: bytes) -> bytes:
        offset, written = int.from_bytes(body[:2], "little"), body[2:]
        self._weights_from(offset, len(written))
        weights = bytearray(self.learner.read_weights())
        weights[offset : offset + len(written)] = written
        self.learner.write_weights(bytes(weights))
        return b""

    def _weights_from(self, offset: int, count: int) -> bytes:
        if count == 0 or offset + count > self.about.weights_size:
            raise _RefusedError("BAD_RANGE", offset)
        return self.learner.read_weights()[offset : offset + count]

    def _sample(self, values: bytes) -> Samples:
        for index, value in enumerate(values):
            if value > self.about.input_max:
                raise _RefusedError("BAD_INPUT", index)
        return np.frombuffer(values, np.uint8)

    def _repeated(self) -> bytes:
        """The answer of a numbered step that was taken just before; empty for one to be taken."""
        if not self._sequence & self._constant("FRAME_STEP"):
            return b""
        if self._sequence == self._last_step:
            return self._last_answer
        if self._is_held or (self._sequence ^ self.steps) % self._constant("FRAME_STEP"):
            raise _RefusedError("BAD_STEP", self.steps & 0xFFFF)
        return b""

    def _counted(self, answer: Answer, label: int) -> bytes:
        self.steps += 1
        self._errors += answer.prediction != label
        self._last_step, self._last_answer = self._sequence, _ANSWER_REPLY.pack(*answer)
        return self._last_answer


def _takes_teach(learner: Twin) -> bool:
    about = learner.description
    try:
        learner.teach(np.zeros(about.inputs, np.uint8), np.zeros(about.classes, np.uint8))
    except ChipRejectedError:
        return False
    return True
