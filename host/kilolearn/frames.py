# SPDX-License-Identifier: GPL-3.0-or-later
"""Frames as they travel, to bytes and back; pure functions, no port.

::

    on the line   COBS(payload) 0x00
    payload       sequence u8, command u8, body, crc u16 little endian
    crc           CRC-16/CCITT-FALSE over sequence, command and body

A payload stays below 254 bytes, so COBS adds exactly one byte and the length of a frame follows
from the length of its body. Sources: avr/contract/frame.h; Cheshire and Baker, "Consistent Overhead
Byte Stuffing", 1999.
"""

from __future__ import annotations

from binascii import crc_hqx
from typing import NamedTuple

from cobs import cobs

from kilolearn.errors import BadReplyError

__all__ = ["FRAME_OVERHEAD", "Frame", "decode", "encode"]

FRAME_OVERHEAD = 6
"""Bytes on the line beside the body: COBS code, sequence, command, crc (2), delimiter."""

_HEADER_SIZE = 2
_CRC_SIZE = 2
_CRC_INIT = 0xFFFF


class Frame(NamedTuple):
    """A payload without its checksum."""

    sequence: int
    command: int
    body: bytes


def encode(frame: Frame) -> bytes:
    """A frame as bytes for the line, delimiter included."""
    payload = bytes((frame.sequence, frame.command)) + frame.body
    payload += crc_hqx(payload, _CRC_INIT).to_bytes(_CRC_SIZE, "little")
    return bytes(cobs.encode(payload)) + b"\0"


def decode(stuffed: bytes) -> Frame:
    """A frame from the bytes between two delimiters.

    Raises:
        BadReplyError: Not COBS, too short, or the checksum differs.
    """
    try:
        payload = bytes(cobs.decode(stuffed))
    except cobs.DecodeError as error:
        raise BadReplyError(
            f"{len(stuffed)} bytes came that are no COBS frame ({error})"
        ) from error
    if len(payload) < _HEADER_SIZE + _CRC_SIZE:
        raise BadReplyError(f"a frame of {len(payload)} bytes came; expected at least 4")
    content = payload[:-_CRC_SIZE]
    sent, computed = int.from_bytes(payload[-_CRC_SIZE:], "little"), crc_hqx(content, _CRC_INIT)
    if sent != computed:
        raise BadReplyError(
            f"a frame came with CRC {sent:#06x}, computed {computed:#06x}: bytes were damaged on "
            f"the line; check cable and baud rate"
        )
    return Frame(content[0], content[1], content[_HEADER_SIZE:])
