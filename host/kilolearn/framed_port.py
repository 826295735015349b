# SPDX-License-Identifier: GPL-3.0-or-later
"""Frames over a port: one after the other, whatever else comes in between."""

from __future__ import annotations

from kilolearn.errors import BadReplyError, LinkTimeoutError
from kilolearn.frames import FRAME_OVERHEAD, Frame, decode
from kilolearn.port import Port, guarded

__all__ = ["QUIET_SECONDS", "FramedPort"]

QUIET_SECONDS = 0.02
"""More than a USB converter holds bytes back."""

_QUIET_READS_MAX = 16
_QUIET_BYTES = 256


class FramedPort:
    """A port, and what came over it and is no whole frame yet.

    Args:
        port: Open. Its timeout bounds the wait for one reply.
        body_max: Bytes of the longest body.
        error_size: Bytes of the body of an error reply, which may come instead of any other.
        quiet_seconds: A pause that long means that nothing more comes.
    """

    def __init__(
        self, port: Port, body_max: int, error_size: int, quiet_seconds: float = QUIET_SECONDS
    ) -> None:
        self._port = port
        self._frame_max = body_max + FRAME_OVERHEAD
        self._shortest = error_size + FRAME_OVERHEAD
        self._quiet_seconds = quiet_seconds
        self._received = bytearray()

    def write(self, data: bytes) -> None:
        """Send bytes."""
        guarded(self._port.write, data)

    def silence(self) -> None:
        """End whatever half frame the chip holds, and drop what it says to that."""
        self.write(b"\0")
        self._received.clear()
        timeout = self._port.timeout
        self._wait_at_most(self._quiet_seconds)
        for _ in range(_QUIET_READS_MAX):
            if not self._read(_QUIET_BYTES):
                break
        self._wait_at_most(timeout)

    def await_begin(self) -> None:
        """Wait until a frame begins to come.

        Raises:
            LinkTimeoutError: None does.
        """
        while not self._received.lstrip(b"\0"):
            self._fetch(1, 1)

    def read(self, body_size: int) -> Frame:
        """The next frame.

        Args:
            body_size: Of the one that is expected. An error reply may be shorter: ask for no more
                than that at first, so that the wait ends with the last byte and not with the
                timeout.

        Raises:
            LinkTimeoutError: It does not come, or not to its end.
            BadReplyError: It is damaged.
        """
        received = self._received
        size = body_size + FRAME_OVERHEAD
        while True:
            end = received.find(0)
            if end >= 0:
                frame = bytes(received[:end])
                del received[: end + 1]
                if frame:
                    return decode(frame)
                continue
            if len(received) > self._frame_max:
                received.clear()
                raise BadReplyError("a stream without frames came; check the baud rate")
            have = len(received)
            shortest = min(size, self._shortest)
            self._fetch(max(1, (shortest if have < shortest else size) - have), size)

    def _wait_at_most(self, seconds: float | None) -> None:
        guarded(lambda timeout: setattr(self._port, "timeout", timeout), seconds)

    def _fetch(self, count: int, size: int) -> None:
        chunk = self._read(count)
        if not chunk:
            have = len(self._received)
            self._received.clear()
            raise LinkTimeoutError(
                f"no reply in {self._port.timeout} s ({have} bytes of {size} came); is the chip "
                f"flashed with a learner, and the baud rate right?"
            )
        self._received += chunk

    def _read(self, size: int) -> bytes:
        return guarded(self._port.read, size)
