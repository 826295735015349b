# SPDX-License-Identifier: GPL-3.0-or-later
"""A talk byte by byte, which both sides note to compare a check at its end."""

from __future__ import annotations

from kilolearn.errors import LinkTimeoutError
from kilolearn.port import Port, guarded

__all__ = ["Talk"]


class Talk:
    """What goes over a port, both ways.

    Args:
        port: Open.
        firmware: That should answer there, in words.

    Attributes:
        heard: All that went over the line since it began.
    """

    def __init__(self, port: Port, firmware: str) -> None:
        self.heard = b""
        self._port, self._firmware = port, firmware

    def begin(self) -> None:
        """Note from here on."""
        self.heard = b""

    def write(self, sent: bytes) -> None:
        """Send."""
        guarded(self._port.write, sent)
        self.heard += sent

    def read(self, size: int) -> bytes:
        """Receive so many bytes.

        Raises:
            LinkTimeoutError: They do not come.
        """
        found = guarded(self._port.read, size)
        if len(found) < size:
            raise LinkTimeoutError(
                f"the chip did not answer in time; expected one with the firmware "
                f"{self._firmware}; check cable and baud rate, and reset it"
            )
        self.heard += found
        return found
