# SPDX-License-Identifier: GPL-3.0-or-later
"""A chip that unpacks what the line brings: the talk of avr/contract/packed.h."""

from __future__ import annotations

from binascii import crc_hqx

from kilolearn import firmware
from kilolearn.errors import BadReplyError
from kilolearn.port import Port
from kilolearn.talk import Talk

__all__ = ["PackedLine"]

_COUNT_SIZE, _CHECK_SIZE = 2, 2


class PackedLine:
    """A chip with avr/apps/unpack.c, or with packed_digits and its tape on the line.

    Args:
        port: An open port, e.g. of `kilolearn.port.open_port`.
    """

    def __init__(self, port: Port) -> None:
        self._talk = Talk(port, "unpack or packed_digits")
        self._constant = firmware.contract().constant

    def unpack(self, packed: bytes, size: int) -> bytes:
        """Let the chip unpack `size` bytes, 1 to 65,535.

        Raises:
            LinkError: The chip does not answer, or noise has changed a byte.
        """
        self._talk.begin()
        self._talk.write(size.to_bytes(_COUNT_SIZE, "little"))
        return self._feed(packed)

    def teach(self, tape: bytes, epochs: int) -> bytes:
        """Bring a learner its tape, once for each epoch. Returns its weights.

        Raises:
            LinkError: As for `unpack`.
        """
        self._talk.begin()
        return self._feed(tape * epochs)

    def _feed(self, tape: bytes) -> bytes:
        piece = self._constant("PACKED_PIECE")
        put, at = bytearray(), 0
        while True:
            event = self._talk.read(1)[0]
            if event == self._constant("PACKED_PUT"):
                put += self._talk.read(1)
            elif event == self._constant("PACKED_GET"):
                self._talk.write(tape[at : at + piece].ljust(piece, b"\0"))
                at += piece
            else:
                self._end(event)
                return bytes(put)

    def _end(self, event: int) -> None:
        check = crc_hqx(self._talk.heard, self._constant("FRAME_CRC_INIT"))
        sent = int.from_bytes(self._talk.read(_CHECK_SIZE), "little")
        if event != self._constant("PACKED_DONE") or sent != check:
            raise BadReplyError(
                f"after {len(self._talk.heard):,} bytes on the line the chip ended with "
                f"{event:#04x} and a check of {sent:#06x}; expected 0x00 and {check:#06x}: use a "
                f"quiet line and the right baud rate, reset the chip and begin anew"
            )
