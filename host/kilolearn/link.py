# SPDX-License-Identifier: GPL-3.0-or-later
"""A learner on a chip, reached over any pyserial URL: a cable, or an emulated chip.

One request, one reply; a damaged or lost one is sent again. Most requests change nothing when they
are repeated. A TRAIN says which step it is, and the chip takes each exactly once: asked again, it
repeats the answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NoReturn

import numpy as np
import serial
from numpy.typing import NDArray

from kilolearn import firmware
from kilolearn.checkpoint import Kept, Progress
from kilolearn.contract import Contract
from kilolearn.errors import (
    BadReplyError,
    ChipRejectedError,
    ChipRestartedError,
    WeightsError,
)
from kilolearn.find_baud import find_baud
from kilolearn.framed_port import QUIET_SECONDS, FramedPort
from kilolearn.frames import FRAME_OVERHEAD, Frame, encode
from kilolearn.learner import Answer, Answers, Description, Labels, Learner, Samples
from kilolearn.patience import DAMAGE, FrameRefused, Patience
from kilolearn.port import AUTO_BAUD, BAUD, Port, open_port
from kilolearn.refusals import refusal_in_words

__all__ = ["Link", "Statistics", "link_over", "open_link"]

_SILENT_MAX = 4  # times in a row that a request is sent without any answer, to begin with,
_SILENT_ONCE_HEARD = 12  # and to a chip that did answer once
_STALE_FRAMES_MAX = 16
_PIECE = 64  # bytes of weights a request: the shorter a frame, the likelier it is whole
_BITS_A_BYTE = 10
_HELD_BACK = 8  # bytes of a request: without them, no fault makes a whole one of it


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
        quiet_seconds: As for `FramedPort`.

    Attributes:
        retransmissions: Requests that were sent once more.

    Raises:
        LinkError: Nobody answers, or not in this language.
        ContractMismatchError: The chip speaks another version of it.
    """

    def __init__(
        self, port: Port, contract: Contract | None = None, quiet_seconds: float = QUIET_SECONDS
    ) -> None:
        self._contract = contract or firmware.contract()
        constant = self._contract.constant
        self._reply_bit = constant("COMMAND_REPLY")
        self._error = constant("COMMAND_ERROR")
        self._train = constant("COMMAND_TRAIN")
        self._infer = constant("COMMAND_INFER")
        self._answer_layout = self._contract.struct("answer_reply")
        self._answer_size = self._answer_layout.itemsize
        self._margin = slice(self._answer_layout["prediction"].itemsize, self._answer_size)
        self._step_bit = constant("FRAME_STEP")
        self._bad_step = constant("ERROR_BAD_STEP")
        error_size = self._contract.struct("error_reply").itemsize
        self._frames = FramedPort(port, constant("FRAME_BODY_MAX"), error_size, quiet_seconds)
        self._sequence = 0
        self._steps: int | None = None  # the chip's step counter, as far as it is known here
        self.retransmissions = 0
        self._frames.silence()
        self._silent_max = _SILENT_MAX
        self._description = self.hello()
        self._silent_max = _SILENT_ONCE_HEARD

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
            ChipRestartedError: The chip counts other steps than this link has asked for.
            LinkError: It does not answer. The step may have been taken or not.
        """
        return self._take_steps(self._train, [bytes((label,)) + self._sent(sample)])[0]

    def train_many(self, samples: Samples, labels: Labels) -> Answers:
        """Learn samples in order, (samples, inputs) uint8 with (samples,) labels.

        Raises:
            LinkError: As for `train`.
        """
        pairs = zip(labels.tolist(), self._description.packed(samples), strict=True)
        bodies = [bytes((label,)) + sample.tobytes() for label, sample in pairs]
        return Answers.of(self._take_steps(self._train, bodies))

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
        return self._take_steps(self._contract.constant("COMMAND_TEACH"), [body])[0]

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
        for offset in range(0, size, _PIECE):
            count = min(_PIECE, size - offset)
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
        """A request that changes nothing when it is repeated."""
        patience = Patience(self._silent_max)
        while True:
            sequence = self._send(command, body)
            try:
                return self._reply(sequence, command, reply_size)
            except DAMAGE as error:
                self._give_in_to(error, patience)

    def _send(self, command: int, body: bytes) -> int:
        # From 1: errors of unreadable frames carry 0.
        self._sequence = self._sequence % (self._step_bit - 1) + 1
        self._frames.write(encode(Frame(self._sequence, command, body)))
        return self._sequence

    def _reply(self, sequence: int, command: int, size: int) -> bytes:
        """Wait for the reply to a request and give its body."""
        for _ in range(_STALE_FRAMES_MAX):
            frame = self._frames.read(size)
            if frame.sequence == sequence:
                return self._body(frame, command, size)
            if frame.sequence == 0 and frame.command == self._error:
                raise FrameRefused(refusal_in_words(self._contract, frame.body)[0])
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

    # ---- training ------------------------------------------------------------------------------

    def _take_steps(self, command: int, bodies: Sequence[bytes]) -> list[Answer]:
        """Take steps, each exactly once.

        While the answer to one comes in, the next request goes out but for its last bytes. They
        follow when the answer is whole: the chip keeps that one only until it takes the next step.
        """
        if self._steps is None:
            self._steps = self.statistics().steps
        sequences = [
            self._step_bit | (self._steps + at) % self._step_bit for at in range(len(bodies))
        ]
        requests = [
            encode(Frame(sequence, command, body))
            for sequence, body in zip(sequences, bodies, strict=True)
        ]
        answers: list[Answer] = []
        sent = 0
        for at, request in enumerate(requests):
            self._frames.write(request[sent:])
            ahead = requests[at + 1][:-_HELD_BACK] if at + 1 < len(requests) else b""
            answer, sent = self._take_step(sequences[at], command, request, ahead)
            answers.append(answer)
            self._steps += 1
        if self._step_bit in sequences and self.statistics().steps != self._steps:
            self._raise_restarted()  # at a step whose number is that of a fresh chip
        return answers

    def _take_step(
        self, sequence: int, command: int, request: bytes, ahead: bytes
    ) -> tuple[Answer, int]:
        """The answer to a request that was sent, and how much of `ahead` was sent meanwhile."""
        patience = Patience(self._silent_max)
        while True:
            try:
                if ahead and self._description.full_duplex:
                    self._frames.await_begin()
                    self._frames.write(ahead)
                    sent = len(ahead)
                else:
                    sent = 0
                return self._answer(self._reply(sequence, command, self._answer_size)), sent
            except DAMAGE as error:
                try:
                    self._give_in_to(error, patience)
                except ChipRejectedError as refusal:
                    if refusal.code == self._bad_step:
                        self._raise_restarted()
                    raise
                self._frames.write(request)

    def _give_in_to(self, error: Exception, patience: Patience) -> None:
        self._frames.silence()
        patience.spend(error)
        self.retransmissions += 1

    def _raise_restarted(self) -> NoReturn:
        known, self._steps = self._steps, None
        steps = self.statistics().steps
        raise ChipRestartedError(
            f"the chip has taken {steps} training steps, this host asked for {known}: it was "
            f"reset, or somebody else is training it; start again",
            steps,
        )


def link_over(port: serial.SerialBase, baud: int) -> Link:
    """The learner behind a port.

    Args:
        port: Open, at `baud`. Its timeout is made longer by the time of the longest frames.
        baud: The firmware's, or `AUTO_BAUD`: then the first of `BAUDS` at which it answers.

    Raises:
        LinkError: As for `Link`.
    """
    if baud == AUTO_BAUD:
        baud = find_baud(port)
    port.timeout = (port.timeout or 0) + _longest_exchange_seconds(baud)
    return Link(port)


def _longest_exchange_seconds(baud: int) -> float:
    longest = firmware.contract().constant("FRAME_BODY_MAX") + FRAME_OVERHEAD
    return 2 * longest * _BITS_A_BYTE / baud


@contextmanager
def open_link(url: str, baud: int = BAUD, timeout: float = 1.0) -> Iterator[Link]:
    """Open a port and the learner behind it.

    Args:
        url: Whatever pyserial takes: ``/dev/ttyUSB0``, ``socket://host:port``,
            ``rfc2217://host:port``, ``avrsim://attiny1634/build/attiny1634/digits.elf``.
        baud: As for `link_over`.
        timeout: Longest time that the chip may need for one request, in seconds (emulated ones for
            avrsim).

    Raises:
        PortError: The port does not open.
        LinkError: As for `Link`.
    """
    with open_port(url, baud or BAUD, timeout) as port:
        yield link_over(port, baud)
