# SPDX-License-Identifier: GPL-3.0-or-later
"""A device under test behind a serial port: an emulated chip, or in :mod:`.board` a real one."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

import serial
from serial import SerialBase

from pyavr_sim.chip import Chip
from pyavr_sim.errors import BoardError, ExpectError
from pyavr_sim.firmware import Firmware
from pyavr_sim.serial_url.protocol_avrsim import FirmwareFaultError

__all__ = ["Dut", "EmulatedDut"]

TIMEOUT = 5.0
"""Seconds that an expectation waits unless it says otherwise: the Uno's boot loader takes two."""
SHOWN = 200


class Dut(ABC):
    """Talks to a firmware and waits for what it sends. Text is UTF-8.

    Args:
        port: Open, to the firmware's UART.
        firmware: What runs there.

    Attributes:
        port: For what this class lacks.
    """

    time_unit: str

    def __init__(self, port: SerialBase, firmware: Firmware) -> None:
        self.port = port
        self.firmware = firmware
        self._received = bytearray()

    @property
    @abstractmethod
    def stack_high_water(self) -> int:
        """Most bytes of stack in use since the start."""

    @abstractmethod
    def reset(self) -> None:
        """Start the firmware over; what it sent so far is dropped."""

    @abstractmethod
    def _seconds(self) -> float:
        """Now, on the clock that timeouts are measured with."""

    @abstractmethod
    def _place(self) -> str:
        """Where to look when nothing comes, as a sentence."""

    @property
    def high_water(self) -> int | None:
        """Most bytes of SRAM in use since the start: static data and stack.

        None where Intel HEX does not tell its static data.
        """
        static_bytes = self.firmware.static_bytes
        return None if static_bytes is None else static_bytes + self.stack_high_water

    def write(self, data: bytes | str) -> None:
        """Send.

        Raises:
            FirmwareFault: The emulated firmware failed.
            BoardError: The port failed.
        """
        with self._line():
            self.port.write(_octets(data))

    def expect(self, pattern: bytes | str, timeout: float = TIMEOUT) -> re.Match[bytes]:
        """Wait until what was received matches a regular expression.

        The match is searched after every byte, so ``[0-9]+`` is content with one digit: end the
        pattern with what comes behind, such as a newline.

        Args:
            pattern: With ``re.DOTALL`` not set.
            timeout: Seconds; emulated ones on the emulator.

        Returns:
            The match; it and all before it count as read.

        Raises:
            ExpectError: It did not come in time.
            FirmwareFault: The emulated firmware failed.
            BoardError: The port failed.
        """
        __tracebackhide__ = True
        compiled = re.compile(_octets(pattern))
        match = self._wait(compiled, timeout)
        del self._received[: match.end()]
        return match

    def expect_exact(self, text: bytes | str, timeout: float = TIMEOUT) -> None:
        """Wait for these bytes; arguments and errors as for :meth:`expect`."""
        __tracebackhide__ = True
        self.expect(re.escape(_octets(text)), timeout)

    def _wait(self, pattern: re.Pattern[bytes], timeout: float) -> re.Match[bytes]:
        __tracebackhide__ = True
        deadline = self._seconds() + timeout
        while not (match := pattern.search(bytes(self._received))):
            left = deadline - self._seconds()
            with self._line():
                self.port.timeout = max(left, 0)
                octet = self.port.read(1) if left > 0 else b""
            if not octet:
                got = bytes(self._received)
                raise ExpectError(
                    f"{pattern.pattern!r} did not come within {timeout:g} {self.time_unit}; "
                    f"received {got[-SHOWN:]!r} since the last match. {self._place()}",
                    got,
                )
            self._received += octet
        return match

    @contextmanager
    def _line(self) -> Iterator[None]:
        try:
            yield
        except FirmwareFaultError as error:
            raise error.fault from None
        except OSError as error:
            raise BoardError(
                f"{self.port.port} failed: {error}. Check cable and power, and that no other "
                "program has it open."
            ) from error


class EmulatedDut(Dut):
    """An emulated chip behind ``avrsim://``.

    Args:
        firmware: What to run.
        mcu: On which chip.
        hz: Its clock; None for the firmware's or the chip's own.

    Attributes:
        chip: The chip, with everything that can be seen in it.

    Raises:
        BoardError: No such chip, or one without UART 0, or the firmware does not fit.
    """

    time_unit = "emulated seconds"

    def __init__(self, firmware: Firmware, mcu: str, hz: int | None) -> None:
        url = f"avrsim://{mcu}/{quote(str(firmware.path.resolve()))}"
        try:
            port = serial.serial_for_url(url + (f"?hz={hz}" if hz else ""))
        except OSError as error:
            raise BoardError(str(error)) from error
        super().__init__(port, firmware)
        self.chip: Chip = port.chip

    @property
    def stack_high_water(self) -> int:
        """Most bytes of stack in use since power-up, exact."""
        return self.chip.stack_high_water

    def reset(self) -> None:
        """Pull the reset pin; what the firmware sent so far is dropped."""
        with self._line():
            self.port.dtr = False
            self.port.reset_input_buffer()
            self.port.dtr = True
        self._received.clear()

    def _seconds(self) -> float:
        return self.chip.cycle / self.chip.hz

    def _place(self) -> str:
        place = self.chip.names.place(self.chip.pc)
        return f"The {self.chip.name} is at {place}, cycle {self.chip.cycle}."


def _octets(data: bytes | str) -> bytes:
    return data.encode() if isinstance(data, str) else bytes(data)
