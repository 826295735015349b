# SPDX-License-Identifier: GPL-3.0-or-later
"""An emulated chip behind a pseudo-terminal, as a board behind its cable."""

from __future__ import annotations

import time
from collections.abc import Callable

from pyavr_sim.chip import Chip
from pyavr_sim.errors import FirmwareFault
from pyavr_sim.pty_port import PtyPort
from pyavr_sim.stop import StopReason
from pyavr_sim.uart import Uart

__all__ = ["START_UP_SECONDS", "BoardAtPort"]

START_UP_SECONDS = 0.065
"""From the opening to the first instruction: the start-up time of the usual fuses (SUT = 10), in
which a program that has opened the port empties its buffers."""

SLICE_SECONDS = 0.001
LAG_SECONDS_MAX = 0.1
RECEIVED_BYTES_MAX = 64
IDLE_SECONDS = 0.05


class BoardAtPort:
    """A chip that runs in steps, for whoever opens its port.

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

    def __init__(
        self,
        chip: Chip,
        uart: Uart,
        port: PtyPort,
        *,
        is_real_time: bool = True,
        tell: Callable[[str], object] = lambda _: None,
    ) -> None:
        self._chip, self._uart, self._port, self._tell = chip, uart, port, tell
        self._is_real_time = is_real_time
        self._is_standing = False
        self._slice_cycles = max(1, int(SLICE_SECONDS * chip.hz))
        self._keep_time_from_now()

    def step(self) -> None:
        """See who has come, and run for a millisecond."""
        if self._port.was_opened(IDLE_SECONDS if self._is_idle() else 0):
            self._tell("opened: the chip starts over")
            self.start_over()
        if self._is_idle():
            return
        if self._uart.waiting == 0:
            self._uart.write(self._port.receive(RECEIVED_BYTES_MAX))
        self._run()
        for number in self._chip.description.uarts:
            if number != self._uart.number:
                self._chip.uart(number).read()
        self._port.send(self._uart.read())
        if self._is_real_time and not self._is_standing:
            time.sleep(self._seconds_ahead())

    def start_over(self) -> None:
        """Reset the chip."""
        self._chip.reset()
        self._is_standing = False
        time.sleep(START_UP_SECONDS)
        self._keep_time_from_now()

    def _is_idle(self) -> bool:
        is_wanted = self._is_real_time or self._port.is_open
        return self._is_standing or self._port.is_behind or not is_wanted

    def _run(self) -> None:
        try:
            stop = self._chip.run(self._slice_cycles)
        except FirmwareFault as fault:
            self._is_standing = True
            self._tell(str(fault))
        else:
            self._is_standing = stop.reason is StopReason.ENDED

    def _keep_time_from_now(self) -> None:
        self._cycle, self._seconds = self._chip.cycle, time.monotonic()

    def _seconds_ahead(self) -> float:
        """How far the chip is ahead; where it is far behind, what it has missed is forgotten."""
        emulated = (self._chip.cycle - self._cycle) / self._chip.hz
        ahead = emulated - (time.monotonic() - self._seconds)
        if ahead < -LAG_SECONDS_MAX:
            self._keep_time_from_now()
        return max(0.0, ahead)
