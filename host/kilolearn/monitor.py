# SPDX-License-Identifier: GPL-3.0-or-later
"""Watches a learner's line: frames in words, text as text, and how learning goes as a curve."""

from __future__ import annotations

import time
from collections.abc import Callable

from kilolearn import firmware
from kilolearn.frame_words import FrameReader, FrameWords, RequestError, raw_in_words
from kilolearn.frames import Frame
from kilolearn.learning_curve import LearningCurve
from kilolearn.port import Port, guarded
from kilolearn.tap import Tap

__all__ = ["SLICE_SECONDS", "Monitor"]

SLICE_SECONDS = 0.002
"""Longest wait for a byte of the chip, while others may have something to send."""

_QUIET_SECONDS = 0.3  # so long a pause ends what is no frame
_READ_BYTES = 256
_SEQUENCE_MAX = 127
_MANY = frozenset({"TRAIN", "TEACH", "INFER"})

Show = Callable[[str], None]


class Monitor:
    """Passes bytes between a chip and whoever speaks to it, and says what they mean.

    Args:
        port: The chip's, open, with a timeout of `SLICE_SECONDS`.
        show: Takes a line for each frame or run of bytes.
        plot: Takes the curve each time that it has a new point.
        tap: Where another program speaks to the chip; None: nobody but `type`.
        is_full: Show each TRAIN, TEACH and INFER, too, of which there are thousands.
    """

    def __init__(
        self, port: Port, show: Show, plot: Show, tap: Tap | None = None, is_full: bool = False
    ) -> None:
        contract = firmware.contract()
        self._port, self._tap, self._show, self._plot = port, tap, show, plot
        self._is_full = is_full
        self._words = FrameWords(contract)
        self._requests, self._replies = (
            FrameReader(contract.constant("FRAME_BODY_MAX")) for _ in range(2)
        )
        self._curve = LearningCurve()
        self._sequence = 0
        self._heard_at = time.monotonic()

    def step(self) -> None:
        """Pass on what has come within two milliseconds.

        Raises:
            PortError: The port went away.
        """
        sent = self._tap.receive() if self._tap is not None else b""
        if sent:
            guarded(self._port.write, sent)
            for part in self._requests.feed(sent):
                self._tell(part, ">", self._words.of_request)
        heard = guarded(self._receive, _READ_BYTES)
        if heard:
            if self._tap is not None:
                self._tap.send(heard)
            for part in self._replies.feed(heard):
                self._count(part)
                self._tell(part, "<", self._words.of_reply)
        if sent or heard:
            self._heard_at = time.monotonic()
        elif time.monotonic() - self._heard_at > _QUIET_SECONDS:
            self._flush()

    def type(self, line: str) -> None:
        """Send what was typed: after a colon a request by its name, anything else as it is.

        Raises:
            PortError: The port went away.
        """
        if not line.startswith(":"):
            guarded(self._port.write, f"{line}\n".encode())
            return
        self._sequence = self._sequence % _SEQUENCE_MAX + 1
        try:
            guarded(self._port.write, b"\0" + self._words.request(line[1:], self._sequence))
        except RequestError as error:
            self._show(str(error))

    def _receive(self, size_max: int) -> bytes:
        """The first byte as soon as it comes, and what is there with it."""
        first = self._port.read(1)
        waiting = getattr(self._port, "in_waiting", 0) if first else 0
        return first + self._port.read(min(size_max, waiting)) if waiting else first

    def _flush(self) -> None:
        for mark, reader in ((">", self._requests), ("<", self._replies)):
            for rest in reader.flush():
                self._show(f"{mark} {raw_in_words(rest)}")

    def _count(self, part: Frame | bytes) -> None:
        margin = self._words.margin(part) if isinstance(part, Frame) else None
        if margin is not None and self._curve.add(margin):
            self._plot(self._curve.in_words())

    def _tell(self, part: Frame | bytes, mark: str, words: Callable[[Frame], str]) -> None:
        if not isinstance(part, Frame):
            self._show(f"{mark} {raw_in_words(part)}")
        elif self._is_full or self._words.name(part) not in _MANY:
            self._show(f"{mark} {words(part)}")
