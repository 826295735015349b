# SPDX-License-Identifier: GPL-3.0-or-later
"""A board behind a serial port, and avrdude that programs it.

How deep the stack grew, only the firmware can tell: where it includes ``include/stack_paint.h`` and
answers :data:`STACK_ENQUIRY`, it says so as :data:`STACK_ANSWER`.
"""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import time
from contextlib import suppress

import serial

from pyavr_sim.dut import Dut
from pyavr_sim.errors import BoardError, ExpectError, FlashError
from pyavr_sim.firmware import Firmware

__all__ = ["STACK_ANSWER", "STACK_ENQUIRY", "BoardDut", "flash_board"]

STACK_ENQUIRY = b"\x05"
"""ASCII ENQ asks for the stack's high-water mark."""
STACK_ANSWER = re.compile(rb"\x06([0-9A-F]{4})\n")
"""ASCII ACK, its bytes as four hexadecimal digits, and a newline."""

ENQUIRY_SECONDS = 2.0
RESET_SECONDS = 0.05
FLASH_SECONDS_MAX = 300

# What avrdude 7 says, and what is to be done about it; the first that is found counts.
_ADVICE = {
    "cannot find programmer": "Correct -c in the ini option avr_avrdude; `avrdude -c ?` lists them",
    "cannot (open|set|find)": "Is the board plugged in, and its port yours to open?",
    "not in sync|not responding": "Nothing answered as a programmer: has the board a boot loader, "
    "and are -c and -b in the ini option avr_avrdude right?",
    "signature": "Is it the chip that the test's firmware marker names?",
    "verif|mismatch": "Flash does not hold what was written: worn out, or the power too weak?",
}


class BoardDut(Dut):
    """A firmware on a board.

    Where DTR resets the board, as on an Arduino, the firmware starts over; else it just goes on.

    Args:
        url: A device such as ``/dev/ttyUSB0``, or any URL of pyserial.
        baud: Of the firmware.
        firmware: What was flashed.

    Raises:
        BoardError: The port cannot be opened.
    """

    time_unit = "seconds"

    def __init__(self, url: str, baud: int, firmware: Firmware) -> None:
        try:
            port = serial.serial_for_url(url, baudrate=baud)
        except (OSError, ValueError) as error:
            raise BoardError(
                f"{url} cannot be opened: {error}. Give --avr-port a serial device that is yours "
                "to open, or a URL of pyserial."
            ) from error
        super().__init__(port, firmware)
        with suppress(BoardError):  # a port without DTR
            self.reset()

    @property
    def stack_high_water(self) -> int:
        """Most bytes of stack written since the start, asked of the firmware.

        Raises:
            BoardError: It does not answer as ``include/stack_paint.h`` does.
        """
        self.write(STACK_ENQUIRY)
        try:
            answer = self._wait(STACK_ANSWER, ENQUIRY_SECONDS)
        except ExpectError as error:
            raise BoardError(
                "the firmware did not tell its stack's high-water mark. Include stack_paint.h, and "
                f"let it answer byte 0x05 with stack_paint_report(). {error}"
            ) from None
        del self._received[answer.start() : answer.end()]
        return int(answer[1], 16)

    def reset(self) -> None:
        """Pulse DTR, which resets an Arduino; what the firmware sent so far is dropped.

        Raises:
            BoardError: The port has no DTR line.
        """
        with self._line():
            self.port.dtr = False
            time.sleep(RESET_SECONDS)
            self.port.reset_input_buffer()
            self.port.dtr = True
        self._received.clear()

    def _seconds(self) -> float:
        return time.monotonic()

    def _place(self) -> str:
        return f"Look at the baud rate of {self.port.port}, and whether the board runs this image."


def flash_board(firmware: Firmware, mcu: str, port: str, arguments: str) -> None:
    """Program a board with avrdude.

    Args:
        firmware: The image; its flash is written and verified.
        mcu: The chip on the board.
        port: What ``{port}`` in the arguments stands for.
        arguments: Of avrdude: programmer, port and speed, such as ``"-c arduino -P {port} -D"``.

    Raises:
        FlashError: Avrdude is missing or failed; the message says what to do.
    """
    avrdude = shutil.which("avrdude")
    if avrdude is None:
        raise FlashError("avrdude is not installed, and flashes boards. Install it.")
    kind = {"elf": "e", "hex": "i"}[firmware.format]
    command = [avrdude, "-p", mcu, *shlex.split(arguments.replace("{port}", shlex.quote(port)))]
    command += ["-U", f"flash:w:{firmware.path}:{kind}"]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=FLASH_SECONDS_MAX, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise FlashError(
            f"avrdude took longer than {FLASH_SECONDS_MAX} s: {shlex.join(command)}. Reset the "
            "board, or plug it in again."
        ) from error
    if done.returncode:
        raise FlashError(_explanation(command, done.stderr))


def _explanation(command: list[str], said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    known = (
        (line, advice)
        for words, advice in _ADVICE.items()
        for line in lines
        if re.search(words, line)
    )
    complaint, advice = next(known, (" ".join(lines[:1]) or "silently", ""))
    return f"`{shlex.join(command)}` failed: {complaint}. {advice}".rstrip()
