# SPDX-License-Identifier: GPL-3.0-or-later
"""The serial ports of this machine, and what answers at each: asked in the ways that we know."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from serial.tools import list_ports

from kilolearn import firmware
from kilolearn.errors import ContractError, LinkError, LinkTimeoutError, PortError
from kilolearn.link import Link
from kilolearn.port import BAUD, guarded, open_port

__all__ = ["Device", "find_devices"]

# STK500 version 1, spoken by boot loaders and programmers. Source: AVR061, "STK500 Communication
# Protocol".
_SYNC, _IN_SYNC = b"\x30\x20", b"\x14\x10"
_STK500_BAUDS = (115_200, 57_600, 19_200)
_SYNC_ATTEMPTS, _SYNC_SECONDS = 5, 0.1

_HELLO_SECONDS = 0.3
_PATIENCE_SECONDS = 3.0  # a boot loader that was started by the opening waits for an upload


@dataclass(frozen=True)
class Device:
    """A port.

    Attributes:
        port: For --port.
        hardware: What the operating system says of it.
        answer: What answers there, in words; or why it was not asked.
    """

    port: str
    hardware: str
    answer: str


def find_devices(more: Sequence[str]) -> Iterator[Device]:
    """Ask all serial ports at once, each in its own thread. Opening one resets many a board.

    Args:
        more: Ports that the operating system does not list, as pseudo-terminals.
    """
    hardware = {found.device: found.description for found in list_ports.comports()}
    hardware |= {port: "as named" for port in more if port not in hardware}
    with ThreadPoolExecutor(max(1, len(hardware))) as pool:
        for port, answer in zip(hardware, pool.map(_answer, hardware), strict=True):
            yield Device(port, hardware[port], answer)


def _answer(port: str) -> str:
    """A programmer is asked first: it hears no frames meant for a learner."""
    try:
        stk500 = next((baud for baud in _STK500_BAUDS if _is_in_sync(port, baud)), None)
        learner = _learner(port, _PATIENCE_SECONDS if stk500 else 0)
    except PortError as error:
        return str(error)
    if stk500 is None:
        return learner or "nothing"
    if learner is None:
        return f"a programmer (STK500) or boot loader, {stk500:,} baud"
    return f"{learner}; a boot loader, {stk500:,} baud"


def _is_in_sync(port: str, baud: int) -> bool:
    with open_port(port, baud, _SYNC_SECONDS) as opened:
        heard = b""
        for _ in range(_SYNC_ATTEMPTS):
            guarded(opened.write, _SYNC)
            heard += guarded(opened.read, 64)
            if _IN_SYNC in heard:
                return True
    return False


def _learner(port: str, patience_seconds: float) -> str | None:
    """What a learner says of itself; None: silence.

    Args:
        port: To be opened.
        patience_seconds: Ask again for so long; once at least.
    """
    heard = None
    for baud in (BAUD, firmware.contract().constant("SOFT_UART_BAUD")):
        with open_port(port, baud, _HELLO_SECONDS) as opened:
            until = time.monotonic() + patience_seconds
            while True:
                try:
                    return f"{Link(opened).description.in_words()}, {baud:,} baud"
                except PortError:
                    raise
                except LinkTimeoutError:
                    pass
                except LinkError:
                    heard = "something that is no learner"
                except ContractError as error:
                    return str(error)
                if time.monotonic() >= until:
                    break
    return heard
