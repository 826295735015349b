# SPDX-License-Identifier: GPL-3.0-or-later
"""The line of an emulated chip with the times of a real one, to the cycle.

A byte takes ten bits in both directions, whoever waits for it. The receiver of a chip keeps three
bytes that the firmware has not read; one more is lost, as on silicon. (An emulated UART by itself
keeps what comes until it is read, and shows what is sent at once.)
"""

from __future__ import annotations

from collections import deque
from typing import Any

from kilolearn.emulator import emulated_chip, load_emulator

__all__ = ["TimedPort"]

_BITS = 10  # start, eight, stop


class TimedPort:
    """A port to an emulated chip with a USART.

    Args:
        port: The chip's, ``avrsim://``.
        baud: What its firmware was built for, and meets exactly.

    Attributes:
        timeout: Emulated seconds.
        byte_cycles: Of the chip, a byte on the line.
        lost: Bytes that came while the receiver was full.
    """

    def __init__(self, port: Any, baud: int) -> None:
        self.timeout: float | None = 1.0
        self.lost = 0
        self._chip = emulated_chip(port)
        self._uart = self._chip.uart(0)
        self._emulator = load_emulator()
        self.byte_cycles = _BITS * self._chip.hz // baud
        self._to_chip: deque[tuple[int, int]] = deque()  # when its stop bit ends, and the byte
        self._to_chip_free = self._to_host_free = 0
        self._arriving: deque[tuple[int, int]] = deque()  # when its stop bit ends, and the byte

    def write(self, data: bytes, /) -> int:
        """Send, from now on or behind what is being sent."""
        begin = max(self._to_chip_free, self._chip.cycle)
        for byte in data:
            begin += self.byte_cycles
            self._to_chip.append((begin, byte))
        self._to_chip_free = begin
        return len(data)

    def read(self, size: int = 1, /) -> bytes:
        """Receive, at the latest when the timeout is over."""
        deadline = self._chip.cycle + int((self.timeout or 0) * self._chip.hz)
        while len(self._arriving) < size or self._arriving[size - 1][0] > self._chip.cycle:
            if self._chip.cycle >= deadline:
                break
            self._run_to_event(deadline, size)
        have = [byte for when, byte in self._arriving if when <= self._chip.cycle][:size]
        for _ in have:
            self._arriving.popleft()
        return bytes(have)

    def _run_to_event(self, deadline: int, size: int) -> None:
        """To the next byte at the chip or from it, or the arrival of the last one here."""
        chip = self._chip
        if self._to_chip and self._to_chip[0][0] <= chip.cycle:
            self.lost += not self._uart.arrive(self._to_chip.popleft()[1])
            return
        ends = [deadline]
        if self._to_chip:
            ends.append(self._to_chip[0][0])
        if len(self._arriving) >= size:
            ends.append(self._arriving[size - 1][0])
        try:
            chip.run(max(1, min(ends) - chip.cycle), self._emulator.until.uart_bytes(1))
        except self._emulator.CycleLimitError:
            return
        for byte in self._uart.read():
            self._to_host_free = max(self._to_host_free, chip.cycle) + self.byte_cycles
            self._arriving.append((self._to_host_free, byte))
