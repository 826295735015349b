# SPDX-License-Identifier: GPL-3.0-or-later
"""At which rate does a learner answer?"""

from __future__ import annotations

import serial

from kilolearn import firmware
from kilolearn.errors import BadReplyError, LinkTimeoutError
from kilolearn.framed_port import FramedPort
from kilolearn.frames import Frame, encode
from kilolearn.port import BAUDS

__all__ = ["find_baud"]

_HELLO_SECONDS = 0.2
_HELLOS = 3


def find_baud(port: serial.SerialBase) -> int:
    """The first of `BAUDS` at which a learner answers; the port keeps it.

    Args:
        port: Open. Its timeout bounds the wait for each answer.

    Raises:
        LinkTimeoutError: None does.
    """
    contract = firmware.contract()
    hello = contract.constant("COMMAND_HELLO")
    size = contract.struct("learner_description").itemsize
    frames = FramedPort(port, contract.constant("FRAME_BODY_MAX"), size)
    patience = port.timeout or 0
    port.timeout = min(patience, _HELLO_SECONDS)
    for attempt in range(1, _HELLOS + 1):
        for baud in BAUDS:
            port.baudrate = baud
            frames.silence()
            frames.write(encode(Frame(attempt, hello, b"")))
            try:
                reply = frames.read(size)
            except (LinkTimeoutError, BadReplyError):
                continue
            if reply.command == hello | contract.constant("COMMAND_REPLY"):
                port.timeout = patience
                return baud
    raise LinkTimeoutError(
        f"no learner answers at {', '.join(f'{baud:,}' for baud in BAUDS)} baud; is the chip "
        f"flashed with one, and the cable right? Give another rate with --baud"
    )
