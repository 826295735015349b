# SPDX-License-Identifier: GPL-3.0-or-later
"""The character model on a chip, behind a serial port: avr/contract/charlm.h."""

from __future__ import annotations

import zlib

from kilolearn import firmware
from kilolearn.charlm.coded import CodedText
from kilolearn.errors import BadReplyError, LinkTimeoutError
from kilolearn.port import Port, guarded

__all__ = ["ChipModel"]


class ChipModel:
    """A chip with avr/apps/charlm.c.

    Args:
        port: An open port, e.g. of `kilolearn.port.open_port`.
        model: The one that the chip has, a name of `MODELS`.
    """

    def __init__(self, port: Port, model: str = "large") -> None:
        self._port = port
        self._model = model
        self._constant = firmware.contract().constant

    def compress(self, text: bytes) -> bytes:
        """A text as the file that `kilolearn.charlm.compressor.compress` makes of it.

        Raises:
            LinkError: The chip does not answer, or not as the contract says.
        """
        code = bytearray()
        self._ask(bytes([self._constant("CHARLM_ENCODE")]), code, b"")
        for byte in text:
            self._ask(bytes([self._constant("CHARLM_CODE"), byte]), code, b"")
        self._ask(bytes([self._constant("CHARLM_FINISH")]), code, b"")
        return CodedText(self._model, len(text), zlib.crc32(text), bytes(code)).pack()

    def decompress(self, file: bytes) -> bytes:
        """The text of a file.

        Raises:
            CodedTextError: The file is cut off, changed, or of another model.
            LinkError: The chip does not answer, or not as the contract says.
        """
        coded = CodedText.unpack(file)
        text = bytearray()
        given, _ = self._ask(bytes([self._constant("CHARLM_DECODE")]), bytearray(), coded.code)
        while len(text) < coded.length and given <= len(coded.code):
            request = bytes([self._constant("CHARLM_CODE"), 0])
            more, byte = self._ask(request, bytearray(), coded.code[given:])
            given += more
            if given <= len(coded.code):
                text.append(byte)
        coded.check(bytes(text), len(coded.code) - given)
        return bytes(text)

    def _ask(self, request: bytes, put: bytearray, get: bytes) -> tuple[int, int]:
        """Send a request and serve the chip until it is done.

        Returns:
            How many coded bytes the chip asked for (beyond the last it gets zeros), and the byte
            that it ended with.
        """
        asked = 0
        guarded(self._port.write, request)
        while True:
            event = self._byte()
            if event == self._constant("CHARLM_GET"):
                guarded(self._port.write, get[asked : asked + 1] or b"\0")
                asked += 1
            elif event == self._constant("CHARLM_PUT"):
                put.append(self._byte())
            elif event == self._constant("CHARLM_DONE"):
                return asked, self._byte()
            else:
                raise BadReplyError(
                    f"the chip said {event:#04x}; expected done, put or get of contract/charlm.h; "
                    f"is this the firmware charlm at this baud rate? Reset it"
                )

    def _byte(self) -> int:
        found = guarded(self._port.read, 1)
        if not found:
            raise LinkTimeoutError(
                "the chip did not answer in time; expected one with the firmware charlm; check "
                "cable and baud rate, and reset it"
            )
        return found[0]
