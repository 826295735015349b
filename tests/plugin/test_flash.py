# SPDX-License-Identifier: GPL-3.0-or-later
"""``--avr-flash`` with the real avrdude and a real boot loader, on an emulated Arduino at a PTY."""

from __future__ import annotations

import fcntl
import os
import select
import termios
import threading
import tty
from collections.abc import Iterator
from pathlib import Path

import pytest

from pyavr_sim import Chip
from pyavr_sim.firmware import Firmware

# Debian package arduino-core-avr; ./dev installs it.
BOOT_LOADER = Path(
    "/usr/share/arduino/hardware/arduino/avr/bootloaders/atmega/ATmegaBOOT_168_atmega328.hex"
)
BOOT_ADDRESS = 0x7800
CYCLES = 16_000  # a millisecond


class Arduino:
    """A chip behind a port that resets it when it is opened.

    A PTY has no DTR. That avrdude opens it, the end of the hang-up tells; that pyserial opens it,
    perhaps in the moment after, the flush that pyserial begins with.
    """

    def __init__(self, chip: Chip) -> None:
        self._chip = chip
        self._ours, theirs = os.openpty()
        tty.setraw(theirs)
        fcntl.ioctl(self._ours, termios.TIOCPKT, (1).to_bytes(4, "little"))
        self.path = os.ttyname(theirs)
        os.close(theirs)
        self._is_wanted = True
        self._thread = threading.Thread(target=self._carry)

    def _carry(self) -> None:
        uart, is_open = self._chip.uart(0), False
        poll = select.poll()
        poll.register(self._ours, select.POLLIN)
        while self._is_wanted:
            events = dict(poll.poll(1)).get(self._ours, 0)
            was_open, is_open = is_open, not events & select.POLLHUP
            status, octets = 0, b""
            if events & select.POLLIN:
                status, *received = os.read(self._ours, 1000)
                octets = bytes(received)
            if (is_open and not was_open) or status & termios.TIOCPKT_FLUSHREAD:
                self._chip.reset()
            uart.write(octets)
            if is_open:
                self._chip.run(CYCLES)
                os.write(self._ours, uart.read())

    def __enter__(self) -> Arduino:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_wanted = False
        self._thread.join()
        os.close(self._ours)


@pytest.fixture
def chip() -> Iterator[Chip]:
    """An ATmega328P with nothing but a boot loader."""
    with Chip("atmega328p", BOOT_LOADER, reset_address=BOOT_ADDRESS) as powered:
        yield powered


def test_a_board_is_flashed_once_and_then_tested(project, meter, chip):
    tests = """
def test_talks(dut):
    dut.expect_exact("ready\\n")
    dut.write("?")
    assert int(dut.expect(r"reading (\\d+)\\n")[1]) == 42

def test_starts_afresh(dut):
    dut.expect_exact("ready\\n")
"""
    with Arduino(chip) as arduino:
        result = project(tests, f"--avr-port={arduino.path}", "--avr-flash")

    result.assert_outcomes(passed=2)
    for start, data in Firmware.load(meter).flash:
        assert chip.flash[start : start + len(data)].tobytes() == data


def test_a_board_with_another_chip_is_told_from_the_right_one(project, chip):
    test = "@pytest.mark.firmware('meter.elf', mcu='atmega168p')\ndef test_x(dut):\n    pass\n"

    with Arduino(chip) as arduino:
        result = project(test, f"--avr-port={arduino.path}", "--avr-flash")

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        ["`*avrdude -p atmega168p *failed: *signature*. Is it the chip that the test's *"]
    )
    assert (chip.flash[:BOOT_ADDRESS] == 0xFF).all()
