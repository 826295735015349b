# SPDX-License-Identifier: GPL-3.0-or-later
"""A learner on a chip, reached over any pyserial URL: a cable, or an emulated chip.

One request, one reply. Most requests change nothing when they are repeated, so a damaged or lost
one is sent again. A TRAIN is not: it is repeated only when the chip itself says that the step was
not taken, by refusing the frame or by its step counter; otherwise the error goes to the caller.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kilolearn import firmware
from kilolearn.checkpoint import Kept, Progress
from kilolearn.contract import Contract
from kilolearn.errors import (
    BadReplyError,
    ChipRejectedError,
    LinkError,
    LinkTimeoutError,
    WeightsError,
)
from kilolearn.frames import FRAME_OVERHEAD, Frame, decode, encode
from kilolearn.learner import Answer, Description, Learner, Samples
from kilolearn.port import BAUD, Port, guarded, open_port
from kilolearn.refusals import refusal_in_words

__all__ = ["Link", "Statistics", "open_link"]

_ATTEMPTS = 4
_STALE_FRAMES_MAX = 16
_QUIET_SECONDS = 0.02  # longest pause inside a reply; after that the line is silent


@dataclass(frozen=True)
class Statistics:
    """What the chip has counted.

    Attributes:
        steps: Training steps since the last reset.
        errors: Of these, with a wrong answer before the update.
        stack_high_water: Bytes of stack ever used, by the painted stack.
        static_bytes: .data + .bss + .noinit.
    """

    steps: int
    errors: int
    stack_high_water: int
    static_bytes: int


class Link(Learner):
    """A learner behind a port.

    Args:
        port: Open; stays the caller's to close. Its timeout bounds the wait for one reply, so it
            must exceed one training step.
        contract: Headers to speak by; those of this checkout when not given.

    Raises:
        LinkError: Nobody answers, or not in this language.
        ContractMismatchError: The chip speaks another version of it.
    """

    def __init__(self, port: Port, contract: Contract | None = None) -> None:
        self._port = port
        self._contract = contract or firmware.contract()
        constant = self._contract.constant
        self._reply_bit = constant("COMMAND_REPLY")
        self._error = constant("COMMAND_ERROR")
        self._train = constant("COMMAND_TRAIN")
        self._infer = constant("COMMAND_INFER")
        self._answer_layout = self._contract.struct("answer_reply")
        self._answer_size = self._answer_layout.itemsize
        self._margin = slice(self._answer_layout["prediction"].itemsize, self._answer_size)
        self._error_size = self._contract.struct("error_reply").itemsize
        self._body_max = constant("FRAME_BODY_MAX")
        self._received = bytearray()
        self._sequence = 0
        self._steps: int | None = None  # the chip's step counter, as far as it is known here
        self._silence_line()
        self._description = self.hello()

    @property
    def description(self) -> Description:
        """As the chip gave it when the link was made."""
        return self._description

    def hello(self) -> Description:
        """Ask the chip what it is."""
        size = self._contract.struct("learner_description").itemsize
        return Description.unpack(self._ask("COMMAND_HELLO", b"", size), self._contract)

    def reset(self, seed: int) -> None:
        """Start anew: weights and rounding noise from a seed, 0-65535; full step size."""
        self._steps = None
        self._ask("COMMAND_RESET", self._contract.pack("reset_request", seed), 0)
        self._steps = 0

    def set_rate(self, shift: int) -> None:
        """Set the step size to base >> shift, 0-15."""
        self._ask("COMMAND_SET_RATE", self._contract.pack("rate_request", shift), 0)

    def infer(self, sample: Samples) -> Answer:
        """Classify one sample, (inputs,) uint8."""
        return self._answer(self._repeatable(self._infer, self._sent(sample), self._answer_size))

    def train(self, sample: Samples, label: int) -> Answer:
        """Learn one sample, (inputs,) uint8; the answer is the one before the update.

        Raises:
            LinkError: The answer is lost and the step was, or may have been, taken. Weights are
                intact; reset and train again, or go on knowing that one answer is missing.
        """
        return self._train_step(self._train, bytes((label,)) + self._sent(sample))

    def require_teach(self) -> None:
        """Ask whether this learner takes a teacher's answers, by a TEACH without a body.

        Raises:
            ChipRejectedError: It takes labels only.
        """
        try:
            self._ask("COMMAND_TEACH", b"", 0)
        except ChipRejectedError as error:
            if error.code == self._contract.constant("ERROR_UNKNOWN_COMMAND"):
                raise ChipRejectedError(
                    f"the learner {self._description.name} takes labels only: its firmware has no "
                    f"TEACH; choose one that has, e.g. mlp --config digits",
                    error.code,
                    error.detail,
                ) from error

    def teach(self, sample: Samples, target: NDArray[np.uint8]) -> Answer:
        """Learn one sample, (inputs,) uint8, from a teacher's soft answer, (classes,) uint8.

        Raises:
            ChipRejectedError: This learner takes labels only.
            LinkError: As for `train`.
        """
        self._description.check_target(target)
        body = target.tobytes() + self._sent(sample)
        return self._train_step(self._contract.constant("COMMAND_TEACH"), body)

    def _train_step(self, command: int, body: bytes) -> Answer:
        if self._steps is None:
            self._steps = self.statistics().steps
        for _ in range(_ATTEMPTS):
            sequence = self._send(command, body)
            try:
                reply = self._reply(sequence, command, self._answer_size)
            except (LinkTimeoutError, BadReplyError, _FrameRefused) as error:
                late = self._after_failure(sequence)
                if late is None:
                    self._require_not_taken(error)
                    continue
                reply = self._body(late, command, self._answer_size)
            self._steps += 1
            return self._answer(reply)
        raise LinkError(f"a training step was refused {_ATTEMPTS} times: the line is too noisy")

    def statistics(self) -> Statistics:
        """What the chip has counted."""
        layout = self._contract.struct("learner_statistics")
        record = np.frombuffer(self._ask("COMMAND_STATISTICS", b"", layout.itemsize), layout)[0]
        names: tuple[str, ...] = layout.names or ()
        return Statistics(**{name: int(record[name]) for name in names})

    def checkpoint(self, every: int | None = None) -> Kept:
        """Let the chip keep its state through a power cut.

        Args:
            every: From now on it does so after each so many steps, 1-65534, 0 for never; None: as
                before.

        Raises:
            ChipRejectedError: The image keeps no checkpoints.
        """
        size = self._contract.struct("checkpoint_reply").itemsize
        as_before = self._contract.constant("CHECKPOINT_AS_BEFORE")
        body = self._contract.pack("checkpoint_request", as_before if every is None else every)
        try:
            return Kept.unpack(self._ask("COMMAND_CHECKPOINT", body, size))
        except ChipRejectedError as error:
            if error.code != self._contract.constant("ERROR_UNKNOWN_COMMAND"):
                raise
            raise ChipRejectedError(
                f"this image of {self._description.name} keeps no checkpoints; build one whose "
                f"config states CHECKPOINT_WEIGHTS, e.g. digits --config checkpoint",
                error.code,
                error.detail,
            ) from error

    def resume(self, progress: Progress) -> None:
        """Give the chip the progress of a checkpoint, whose weights it has."""
        self._steps = None
        self._ask("COMMAND_RESUME", progress.pack(), 0)

    def read_weights(self) -> bytes:
        """The whole model, in the layout of the firmware's `net` struct."""
        parts = []
        size = self._description.weights_size
        for offset in range(0, size, self._body_max):
            count = min(self._body_max, size - offset)
            body = self._contract.pack("read_request", offset, count)
            parts.append(self._ask("COMMAND_READ_WEIGHTS", body, count))
        return b"".join(parts)

    def write_weights(self, weights: bytes) -> None:
        """Replace the whole model and read it back.

        Raises:
            WeightsError: Of another size than the model, or the chip holds something else after.
        """
        size = self._description.weights_size
        if len(weights) != size:
            raise WeightsError(
                f"{len(weights)} bytes of weights; the learner {self._description.name} has {size}"
            )
        step = self._description.sample_size - 1
        for offset in range(0, size, step):
            head = self._contract.pack("write_request", offset)
            self._ask("COMMAND_WRITE_WEIGHTS", head + weights[offset : offset + step], 0)
        if self.read_weights() != weights:
            raise WeightsError("the chip holds other weights than those written to it; write again")

    def _sent(self, sample: Samples) -> bytes:
        return self._description.packed(sample[np.newaxis]).tobytes()

    # ---- one request ---------------------------------------------------------------------------

    def _ask(self, name: str, body: bytes, reply_size: int) -> bytes:
        return self._repeatable(self._contract.constant(name), body, reply_size)

    def _repeatable(self, command: int, body: bytes, reply_size: int) -> bytes:
        """A request that may be sent again when its reply is damaged or missing."""
        failure: Exception | None = None
        for _ in range(_ATTEMPTS):
            sequence = self._send(command, body)
            try:
                return self._reply(sequence, command, reply_size)
            except (LinkTimeoutError, BadReplyError, _FrameRefused) as error:
                failure = error
                self._silence_line()
        if isinstance(failure, LinkError):
            raise failure
        raise LinkError(f"{_ATTEMPTS} attempts failed: {failure}; the line is too noisy")

    def _send(self, command: int, body: bytes) -> int:
        self._sequence = self._sequence % 255 + 1  # 1..255: errors of unreadable frames carry 0
        self._write(encode(Frame(self._sequence, command, body)))
        return self._sequence

    def _reply(self, sequence: int, command: int, size: int) -> bytes:
        """Wait for the reply to a request and give its body."""
        for _ in range(_STALE_FRAMES_MAX):
            frame = decode(self._read_frame(size + FRAME_OVERHEAD))
            if frame.sequence == sequence:
                return self._body(frame, command, size)
            if frame.sequence == 0 and frame.command == self._error:
                raise _FrameRefused(refusal_in_words(self._contract, frame.body)[0])
        raise BadReplyError(
            f"{_STALE_FRAMES_MAX} replies came, none to request {sequence}; is another program "
            f"using this port?"
        )

    def _body(self, frame: Frame, command: int, size: int) -> bytes:
        if frame.command == self._error:
            raise ChipRejectedError(*refusal_in_words(self._contract, frame.body))
        if frame.command != command | self._reply_bit or len(frame.body) != size:
            raise BadReplyError(
                f"request {command:#04x} was answered by {frame.command:#04x} with "
                f"{len(frame.body)} bytes; expected {command | self._reply_bit:#04x} with {size}: "
                f"build firmware and host from the same checkout"
            )
        return frame.body

    def _answer(self, body: bytes) -> Answer:
        return Answer(body[0], int.from_bytes(body[self._margin], "little", signed=True))

    # ---- after a failure -----------------------------------------------------------------------

    def _after_failure(self, sequence: int) -> Frame | None:
        """Put a HELLO behind the request in doubt, and look for its reply before that one's.

        The chip answers in order, so once the HELLO is answered nothing older is on its way.
        """
        late: Frame | None = None
        hello = self._contract.constant("COMMAND_HELLO")
        size = self._contract.struct("learner_description").itemsize + FRAME_OVERHEAD
        for _ in range(_ATTEMPTS):
            self._write(b"\0")
            barrier = self._send(hello, b"")
            for _ in range(_STALE_FRAMES_MAX):
                try:
                    frame = decode(self._read_frame(size))
                except BadReplyError:
                    continue
                except LinkTimeoutError:
                    break
                if frame.sequence == sequence:
                    late = frame
                if frame.sequence == barrier:
                    return late
        raise LinkTimeoutError(
            "the chip stopped answering in the middle of training; check the cable"
        )

    def _require_not_taken(self, error: Exception) -> None:
        """Let a training step be repeated only when the chip's own counter allows it."""
        steps = self.statistics().steps
        if steps == self._steps:
            return
        known, self._steps = self._steps, steps
        if known is not None and steps == known + 1:
            raise BadReplyError(
                f"training step {steps} was taken, but its answer was lost ({error})"
            ) from error
        raise LinkError(
            f"the chip has counted {steps} training steps, this host {known}: the chip was reset, "
            f"or somebody else is training it; start again"
        ) from error

    def _silence_line(self) -> None:
        """End whatever half frame the chip holds, and drop what it says to that."""
        self._write(b"\0")
        self._received.clear()
        timeout, self._port.timeout = self._port.timeout, _QUIET_SECONDS
        try:
            for _ in range(_STALE_FRAMES_MAX):
                if not self._read(256):
                    break
        finally:
            self._port.timeout = timeout

    # ---- bytes ---------------------------------------------------------------------------------

    def _read_frame(self, size: int) -> bytes:
        """The bytes of the next frame, without its delimiter; `size` is the one expected.

        An error reply may be shorter: ask for no more than that at first, so that the wait ends
        with the last byte and not with the timeout.
        """
        received = self._received
        first = min(size, self._error_size + FRAME_OVERHEAD)
        while True:
            end = received.find(0)
            if end >= 0:
                frame = bytes(received[:end])
                del received[: end + 1]
                if frame:
                    return frame
                continue
            if len(received) > self._body_max + FRAME_OVERHEAD:
                received.clear()
                raise BadReplyError("a stream without frames came; check the baud rate")
            have = len(received)
            chunk = self._read(max(1, (first if have < first else size) - have))
            if not chunk:
                received.clear()
                raise LinkTimeoutError(
                    f"no reply in {self._port.timeout} s ({have} bytes of {size} came); is the "
                    f"chip flashed with a learner, and the baud rate right?"
                )
            received += chunk

    def _read(self, size: int) -> bytes:
        return guarded(self._port.read, size)

    def _write(self, data: bytes) -> None:
        guarded(self._port.write, data)


class _FrameRefused(Exception):  # noqa: N818 - never leaves this module
    """The chip could not read a frame, so it did nothing."""


@contextmanager
def open_link(url: str, baud: int = BAUD, timeout: float = 1.0) -> Iterator[Link]:
    """Open a port and the learner behind it.

    Args:
        url: Whatever pyserial takes: ``/dev/ttyUSB0``, ``socket://host:port``,
            ``avrsim://attiny1634/build/attiny1634/digits.elf``.
        baud: Must be the firmware's.
        timeout: Longest wait for one reply, in seconds (emulated ones for avrsim).

    Raises:
        PortError: The port does not open.
        LinkError: As for `Link`.
    """
    with open_port(url, baud, timeout) as port:
        yield Link(port)
