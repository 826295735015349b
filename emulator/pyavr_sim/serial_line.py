# SPDX-License-Identifier: GPL-3.0-or-later
"""A serial port wired to two pins, for firmware that times its bits itself.

Its face is that of a UART. Real bits go over the pins, so a firmware whose timing is off, or that
does not listen, gets garbage or nothing. It is polite to firmware that cannot hear while it sends:
a byte waits until the chip drives its TX pin and has sent nothing for the length of a frame.
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING

from pyavr_sim._sim import lib
from pyavr_sim.errors import PortError
from pyavr_sim.pins import Pin
from pyavr_sim.uart import Uart

if TYPE_CHECKING:
    from pyavr_sim.chip import Chip

__all__ = ["SerialLine", "wire_line"]


class SerialLine(Uart):
    """The far end of the wires; ``chip.serial_line("B3", "B4", 57600)`` makes it."""

    def __repr__(self) -> str:
        return f"<serial line {self.number} of {self._chip.name}>"

    @property
    def framing_errors(self) -> int:
        """Bytes that the chip sent without a stop bit; they are in what is read, too."""
        with self._chip.engine.use() as handle:
            return int(lib.sim_line_framing_errors(handle, self.number))


def wire_line(chip: Chip, rx: str, tx: str, baud: int) -> SerialLine:
    """Wire a port; :meth:`pyavr_sim.Chip.serial_line` tells the contract."""
    to_chip, from_chip = Pin(chip, rx), Pin(chip, tx)
    rate, rate_max = operator.index(baud), chip.hz // lib.SIM_LINE_BIT_CYCLES_MIN
    if not 1 <= rate <= rate_max:
        raise PortError(
            f"a line of {rate} baud is impossible at {chip.hz} Hz; expected 1 to {rate_max}. "
            "Choose the rate that the firmware was built for."
        )
    number = chip.engine.apply(lib.sim_line_attach, *to_chip.place, *from_chip.place, rate)
    if number == lib.SIM_LINE_PIN_TAKEN:
        raise PortError(
            f"found a line from {tx} to {rx}; expected two pins that no line has. Choose others."
        )
    if number < 0:
        raise PortError(f"every UART of this {chip.name} is there already; a line needs a number.")
    return SerialLine(chip, number)
