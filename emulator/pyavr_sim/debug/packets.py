# SPDX-License-Identifier: GPL-3.0-or-later
"""Frames of gdb's remote protocol: ``$payload#checksum``, with ``}`` as the escape.

Source: "Debugging with GDB", appendix E.1, "Overview".
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

__all__ = ["PAYLOAD_MAX", "Mark", "Packet", "PacketReader", "encode"]

PAYLOAD_MAX = 0x4000
"""Bytes between ``$`` and ``#``, as they go over the line; gdb is told."""

_ESCAPE, _ESCAPED_BY = 0x7D, 0x20
_TO_ESCAPE = b"#$}*"


@dataclass(frozen=True)
class Packet:
    """A whole packet whose checksum was right; escapes are resolved."""

    payload: bytes


class Mark(Enum):
    """What else the client can say."""

    DAMAGED = "a packet whose checksum is wrong"
    TOO_LONG = "a packet of more than PAYLOAD_MAX bytes"
    REPEAT = "send your last packet once more"
    INTERRUPT = "stop the chip"


def encode(payload: bytes) -> bytes:
    """Frame a payload."""
    escaped = bytearray()
    for byte in payload:
        escaped += bytes((_ESCAPE, byte ^ _ESCAPED_BY)) if byte in _TO_ESCAPE else bytes((byte,))
    return b"$%b#%02x" % (bytes(escaped), sum(escaped) & 0xFF)


def _decode(raw: bytes) -> bytes:
    head, *tails = raw.split(bytes((_ESCAPE,)))
    return head + b"".join(bytes((tail[0] ^ _ESCAPED_BY,)) + tail[1:] for tail in tails if tail)


class PacketReader:
    """Takes what comes over the line, in pieces of any size."""

    def __init__(self) -> None:
        self._waiting = bytearray()
        self._is_too_long = False

    def feed(self, received: bytes) -> list[Packet | Mark]:
        """Return all that is complete now. What is neither packet nor mark is ignored."""
        self._waiting += received
        found: list[Packet | Mark] = []
        while self._waiting:
            if self._waiting[0] != ord("$"):
                mark = {0x03: Mark.INTERRUPT, ord("-"): Mark.REPEAT}.get(self._waiting.pop(0))
                found += [mark] if mark else []
                continue
            end = self._waiting.find(b"#")
            if end < 0 or len(self._waiting) < end + 3:
                if len(self._waiting) > PAYLOAD_MAX + len("$#00"):
                    self._is_too_long = True
                    del self._waiting[1:]
                break
            found.append(
                self._packet(bytes(self._waiting[1:end]), self._waiting[end + 1 : end + 3])
            )
            del self._waiting[: end + 3]
        return found

    def _packet(self, raw: bytes, checksum: bytearray) -> Packet | Mark:
        if self._is_too_long or len(raw) > PAYLOAD_MAX:
            self._is_too_long = False
            return Mark.TOO_LONG
        if checksum.lower() != b"%02x" % (sum(raw) & 0xFF):
            return Mark.DAMAGED
        return Packet(_decode(raw))
