# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a chip behind a pseudo-terminal, as a board behind its cable, until it is interrupted."""

from __future__ import annotations

import time
from collections.abc import Callable

from pyavr_sim.chip import Chip
from pyavr_sim.errors import FirmwareFault
from pyavr_sim.pty_port import PtyPort
from pyavr_sim.stop import StopReason
from pyavr_sim.uart import Uart

__all__ = ["START_UP_SECONDS", "serve"]

START_UP_SECONDS = 0.065
"""From the opening to the first instruction: the start-up time of the usual fuses (SUT = 10), in
which a program that has opened the port empties its buffers."""

SLICE_SECONDS = 0.001
LAG_SECONDS_MAX = 0.1
RECEIVED_BYTES_MAX = 64
IDLE_SECONDS = 0.05


def serve(
    chip: Chip,
    uart: Uart,
    port: PtyPort,
    *,
    is_real_time: bool = True,
    tell: Callable[[str], object] = lambda _: None,
) -> None:
    """Run a chip for whoever opens the port, for ever.

    Opening the port resets the chip, as DTR does on an Arduino; what is written before the chip has
    started reaches it when it has. After a fault the chip stands until the next opening.

    Args:
        chip: The chip, powered up.
        uart: The one that the port leads to; what others send is thrown away.
        port: The board's side.
        is_real_time: Run as fast as the chip's clock, always. False: as fast as it goes, and only
            while the port is open.
        tell: Takes a line for each opening and each fault.
    """
    pace = _Pace(chip)
    is_standing = False
    while True:
        if port.was_opened(_idle_seconds(port, is_standing, is_real_time)):
            chip.reset()
            is_standing = False
            tell("opened: the chip starts over")
            time.sleep(START_UP_SECONDS)
            pace.start_over()
        if is_standing or port.is_behind or not (is_real_time or port.is_open):
            continue
        if uart.waiting == 0:
            uart.write(port.receive(RECEIVED_BYTES_MAX))
        try:
            stop = chip.run(pace.slice_cycles)
        except FirmwareFault as fault:
            is_standing = True
            tell(str(fault))
        else:
            is_standing = stop.reason is StopReason.ENDED
        for number in chip.description.uarts:
            if number != uart.number:
                chip.uart(number).read()
        port.send(uart.read())
        if is_real_time and not is_standing:
            time.sleep(pace.seconds_ahead())


def _idle_seconds(port: PtyPort, is_standing: bool, is_real_time: bool) -> float:
    """How long to wait for an opening, where the chip has nothing else to do."""
    is_idle = is_standing or port.is_behind or not (is_real_time or port.is_open)
    return IDLE_SECONDS if is_idle else 0


class _Pace:
    """Keeps emulated time beside real time."""

    def __init__(self, chip: Chip) -> None:
        self._chip = chip
        self.slice_cycles = max(1, int(SLICE_SECONDS * chip.hz))
        self.start_over()

    def start_over(self) -> None:
        self._cycle, self._seconds = self._chip.cycle, time.monotonic()

    def seconds_ahead(self) -> float:
        """How far the chip is ahead; where it is far behind, what it has missed is forgotten."""
        emulated = (self._chip.cycle - self._cycle) / self._chip.hz
        ahead = emulated - (time.monotonic() - self._seconds)
        if ahead < -LAG_SECONDS_MAX:
            self.start_over()
        return max(0.0, ahead)
