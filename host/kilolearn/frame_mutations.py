# SPDX-License-Identifier: GPL-3.0-or-later
"""Frames that a chip should never get, drawn from those that it does get.

An input is some bytes for the line that end with a delimiter: mostly one frame, wrong in its
content under a right checksum, or right in its content and damaged on its way.
"""

from __future__ import annotations

import random
from binascii import crc_hqx
from collections.abc import Sequence
from typing import TypeVar

from cobs import cobs

from kilolearn import firmware
from kilolearn.frames import Frame, encode
from kilolearn.serve_model import ServeModel

__all__ = ["Mutations", "ordinary_inputs"]

_Any = TypeVar("_Any")

_EDGES = (0, 1, 2, 15, 16, 127, 128, 249, 250, 254, 255)
_INPUT_BYTES_MAX = 600
_CRC_INIT = 0xFFFF

_SHARES = {
    "HELLO": 2,
    "RESET": 1,
    "SET_RATE": 5,
    "TRAIN": 3,
    "INFER": 3,
    "READ_WEIGHTS": 8,
    "WRITE_WEIGHTS": 8,
    "STATISTICS": 2,
    "TEACH": 3,
    "CHECKPOINT": 1,
    "RESUME": 1,
}
"""How often a command is drawn. What takes the chip long, when it is valid, is drawn less often."""


def ordinary_inputs(model: ServeModel, draw: random.Random) -> list[bytes]:
    """Every request that the image takes, valid, as a host sends them; TRAIN with every label.

    Each TRAIN comes twice, as from a host that has not got the first answer.
    """
    about = model.about
    constant = firmware.contract().constant

    step = constant("FRAME_STEP")

    def request(name: str, body: bytes) -> bytes:
        return encode(Frame(draw.randrange(1, step), constant(f"COMMAND_{name}"), body))

    def sample() -> bytes:
        return bytes(draw.randrange(about.input_max + 1) for _ in range(about.sample_size))

    size = about.weights_size
    inputs = [
        request("HELLO", b""),
        request("RESET", b"\x05\x00"),
        request("SET_RATE", b"\x03"),
        request("READ_WEIGHTS", bytes((0, 0, min(249, size)))),
        request("READ_WEIGHTS", (size - 1).to_bytes(2, "little") + b"\x01"),
        request("WRITE_WEIGHTS", (size - 1).to_bytes(2, "little") + b"\x07"),
        request("STATISTICS", b""),
    ]
    for label in range(about.classes):
        train = constant("COMMAND_TRAIN")
        steps = (1 + model.is_taught) * label
        inputs += 2 * [encode(Frame(step + steps, train, bytes((label,)) + sample()))]
        inputs.append(request("INFER", sample()))
        if model.is_taught:
            inputs.append(request("TEACH", draw.randbytes(about.classes) + sample()))
    return inputs


class Mutations:
    """An endless supply of inputs.

    Args:
        model: Of the image that they are for.
        kept: Inputs to begin with; whoever finds better ones adds them.
        draw: Decides everything.
    """

    def __init__(self, model: ServeModel, kept: list[bytes], draw: random.Random) -> None:
        self._model = model
        self._about = model.about
        self._kept = kept
        self._draw = draw
        constant = firmware.contract().constant
        self._step = constant("FRAME_STEP")
        self._code = {name: constant(f"COMMAND_{name}") for name in _SHARES}
        self._names = [name for name, share in _SHARES.items() for _ in range(share)]
        self._valid = bytes(value % (model.about.input_max + 1) for value in range(256))

    def input(self) -> bytes:
        """The next one."""
        draw = self._draw
        chance = draw.random()
        if chance < 0.5:
            line = self._sealed(self._changed(self._content(), 0.4))
        elif chance < 0.8:
            line = self._sealed(self._changed(self._unsealed(self._one_of(self._kept)), 0.9))
        else:
            line = self._one_of(self._kept)[:-1]
        if chance >= 0.8 or draw.random() < 0.4:
            line = self._changed(line, 1.0)
        if draw.random() < 0.03:
            line += b"\0" + self._one_of(self._kept)[:-1]
        return line[:_INPUT_BYTES_MAX] + b"\0" * (2 if draw.random() < 0.05 else 1)

    def _content(self) -> bytes:
        """Sequence, command and a body of about the right form."""
        draw, about = self._draw, self._about
        name = self._one_of(self._names)
        match name:
            case "HELLO" | "STATISTICS":
                body = b""
            case "SET_RATE":
                body = bytes((self._one_of((self._below(16), *_EDGES)),))
            case "READ_WEIGHTS":
                body = self._offset() + bytes((self._byte(),))
            case "WRITE_WEIGHTS":
                body = self._offset() + draw.randbytes(self._below(about.sample_size))
            case "INFER":
                body = self._sample()
            case "TRAIN":
                labels = (self._below(about.classes), about.classes - 1, about.classes, 255)
                body = bytes((self._one_of(labels),)) + self._sample()
            case "TEACH":
                body = draw.randbytes(about.classes) + self._sample()
            case _:
                body = draw.randbytes(self._one_of((2, 2, 13, self._below(20))))
        return bytes((self._sequence(), self._code[name])) + body

    def _sequence(self) -> int:
        """Any, or that of the step to be taken next, or of the one taken before."""
        step = self._step + (self._model.steps - self._below(2)) % self._step
        return self._one_of((self._below(256), step))

    def _below(self, end: int) -> int:
        """0 to end - 1, in a third of randrange's time."""
        return int(self._draw.random() * end)

    def _one_of(self, choices: Sequence[_Any]) -> _Any:
        return choices[self._below(len(choices))]

    def _offset(self) -> bytes:
        size = self._about.weights_size
        near = size + self._below(6) - 3
        at = self._one_of((0, self._below(size), near, near, 0xFFFF, 0xFF00))
        return (at & 0xFFFF).to_bytes(2, "little")

    def _sample(self) -> bytes:
        """Valid, or with one value too many, or noise."""
        draw, about = self._draw, self._about
        values = bytearray(draw.randbytes(about.sample_size).translate(self._valid))
        if draw.random() < 0.5:
            values[self._below(len(values))] = min(255, about.input_max + 1)
        return bytes(values)

    def _byte(self) -> int:
        return self._one_of(_EDGES) if self._draw.random() < 0.5 else self._below(256)

    def _sealed(self, content: bytes) -> bytes:
        """COBS of it with its checksum; one in four is that of something else."""
        crc = crc_hqx(content, _CRC_INIT)
        if self._draw.random() < 0.25:
            crc ^= 1 << self._below(16)
        return bytes(cobs.encode(content + crc.to_bytes(2, "little")))

    def _unsealed(self, line: bytes) -> bytes:
        """Content of one of the frames, as it stands there if it is none."""
        stuffed = self._one_of(line.rstrip(b"\0").split(b"\0"))
        try:
            return bytes(cobs.decode(stuffed))[:-2]
        except cobs.DecodeError:
            return stuffed

    def _changed(self, content: bytes, chance: float) -> bytes:
        """One change, then perhaps another."""
        changed = bytearray(content)
        while self._draw.random() < chance:
            self._change(changed)
            chance /= 2
        return bytes(changed)

    def _change(self, changed: bytearray) -> None:
        draw = self._draw
        at = self._below(len(changed) + 1)
        match self._below(12):
            case 0 | 1 | 2 | 3 if at < len(changed):
                changed[at] ^= 1 << self._below(8)
            case 4 | 5 | 6 if at < len(changed):
                changed[at] = self._byte()
            case 7 | 8:
                del changed[at : at + self._one_of((1, 1, 2, len(changed)))]
            case 9 | 10:
                changed[at:at] = draw.randbytes(self._one_of((1, 1, 2, self._below(40))))
            case _ if draw.random() < 0.5:
                other = self._one_of(self._kept)
                changed[at:] = other[self._below(len(other)) : -1]
            case _:
                # Around the end of the chip's buffer.
                size = self._model.capacity + self._below(10) - 4
                changed[at:at] = draw.randbytes(max(0, size - len(changed)))
