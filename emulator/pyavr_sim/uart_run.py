# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a chip with the text of a UART going in and out, until a text comes or time is over.

The chip runs in slices, and its text is taken once a slice. What ends the run is exact all the
same: the slice with the text in it is run again up to that byte, so that neither cycles nor stack
depend on where slices end.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from pyavr_sim import until
from pyavr_sim.chip import Chip
from pyavr_sim.errors import FirmwareFault
from pyavr_sim.stop import StopReason
from pyavr_sim.uart import Uart

__all__ = ["Ending", "UartRun", "UartText", "run_with_uart"]

SLICE_CYCLES = 300_000
WAITING_BYTES_MAX = 64 * 1024


class Ending(StrEnum):
    """What ended a run."""

    EXPECTED_TEXT = "expected_text"
    FAIL_TEXT = "fail_text"
    ENDED = "ended"
    """It sleeps with interrupts off."""
    CYCLES = "cycles"
    """``cycles_max`` have passed."""
    FAULT = "fault"
    INTERRUPTED = "interrupted"
    """Ctrl-C."""


@dataclass(frozen=True)
class UartText:
    """The texts that end a run; empty ones never come."""

    expected: bytes = b""
    fail: bytes = b""


@dataclass(frozen=True)
class UartRun:
    """The end of a run.

    Attributes:
        ending: What ended it.
        fault: What the firmware did, when that ended it.
    """

    ending: Ending
    fault: FirmwareFault | None = None


def run_with_uart(
    chip: Chip,
    uart: Uart | None,
    cycles_max: int,
    text: UartText,
    *,
    feed: Callable[[], bytes],
    show: Callable[[bytes], object],
) -> UartRun:
    """Run the firmware with a UART connected.

    Args:
        chip: Which one; what its other UARTs send is thrown away.
        uart: None where there is none: then nothing goes in or out.
        cycles_max: Emulated cycles from now.
        text: What ends the run.
        feed: Gives what is there for the chip now, perhaps nothing; asked between slices.
        show: Takes what the firmware has sent, up to the text that ended the run.
    """
    end = chip.cycle + cycles_max
    watch = _Watch(text)
    try:
        while True:
            if uart is not None and uart.waiting < WAITING_BYTES_MAX:
                uart.write(feed())
            start = chip.snapshot() if watch.texts else None
            run = _run_slice(chip, min(SLICE_CYCLES, end - chip.cycle))
            sent = _take(chip, uart)
            found = watch.find(sent)
            if found is not None and start is not None and uart is not None:
                ending, byte_count = found
                chip.restore(start)
                chip.run(end - chip.cycle, until=until.uart_bytes(byte_count, uart=uart.number))
                run, sent = UartRun(ending), uart.read(byte_count)
            if sent:
                show(sent)
            if run is not None:
                return run
            if chip.cycle >= end:
                return UartRun(Ending.CYCLES)
    except KeyboardInterrupt:
        return UartRun(Ending.INTERRUPTED)


def _run_slice(chip: Chip, cycles: int) -> UartRun | None:
    """Run on; None when nothing but the slice has ended."""
    try:
        stop = chip.run(max(cycles, 0))
    except FirmwareFault as fault:
        return UartRun(Ending.FAULT, fault)
    return UartRun(Ending.ENDED) if stop.reason is StopReason.ENDED else None


def _take(chip: Chip, uart: Uart | None) -> bytes:
    sent = {number: chip.uart(number).read() for number in chip.description.uarts}
    return sent[uart.number] if uart is not None else b""


class _Watch:
    """Looks for texts in a stream of bytes, of which a text may come in two pieces."""

    def __init__(self, text: UartText) -> None:
        pairs = ((Ending.EXPECTED_TEXT, text.expected), (Ending.FAIL_TEXT, text.fail))
        self.texts = [(ending, wanted) for ending, wanted in pairs if wanted]
        self._kept_bytes = max((len(wanted) for _, wanted in self.texts), default=1) - 1
        self._kept = b""

    def find(self, sent: bytes) -> tuple[Ending, int] | None:
        """The text that comes first in the next bytes, and how many of these it takes."""
        window = self._kept + sent
        ends = [
            (at + len(wanted) - len(self._kept), ending)
            for ending, wanted in self.texts
            if (at := window.find(wanted)) >= 0
        ]
        self._kept = window[-self._kept_bytes :] if self._kept_bytes else b""
        byte_count, ending = min(ends, default=(0, None))
        return (ending, byte_count) if ending else None
