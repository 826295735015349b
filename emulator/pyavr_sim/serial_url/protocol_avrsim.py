# SPDX-License-Identifier: GPL-3.0-or-later
"""An emulated chip behind pyserial's interface: ``serial.serial_for_url("avrsim://...")``.

The same host code then drives an emulated chip and a board on ``/dev/ttyUSB0``. What differs:

- **Time is emulated, and stands still while nobody waits.** The chip runs inside ``read``,
  ``flush`` and ``in_waiting`` only. A timeout of 1 s means ``hz`` cycles of the chip, whatever the
  host needs for them.
- **Nothing waits for ever.** ``timeout=None`` gives up after :data:`BLOCKING_SECONDS_MAX` emulated
  seconds with a ``SerialException`` that says where the firmware is.
- ``in_waiting`` lets the chip run for at most :data:`POLL_SECONDS` until another byte comes, so a
  polling loop makes progress. So does ``read`` with ``timeout=0``.
- The firmware alone sets the line's speed and format; ``baudrate`` and the like are kept and have
  no effect, and no byte is garbled.
- **DTR resets the chip** when it goes from off to on while the port is open, as on an Arduino.
  Opening powers the chip up afresh, so it needs no reset. RTS and the handshakes have no effect;
  CTS, DSR and CD read on, RI off.

A fault of the firmware (a stack that grows into variables, say) is a :class:`FirmwareFaultError`,
at once and at each further use, until DTR resets the chip.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import astuple
from typing import Any

from serial.serialutil import (
    PortNotOpenError,
    SerialBase,
    SerialException,
    SerialTimeoutException,
    to_bytes,
)

from pyavr_sim import until
from pyavr_sim.chip import Chip
from pyavr_sim.errors import CycleLimitError, FirmwareEndedError, FirmwareFault, PyavrSimError
from pyavr_sim.serial_url.address import parse_url
from pyavr_sim.uart import Uart

__all__ = ["BLOCKING_SECONDS_MAX", "POLL_SECONDS", "FirmwareFaultError", "Serial"]

BLOCKING_SECONDS_MAX = 60
"""Emulated seconds after which a read, write or flush without timeout gives up."""

POLL_SECONDS = 0.001
"""Emulated seconds that one look at ``in_waiting`` gives the chip."""

SLICE_SECONDS = 0.1
"""Emulated seconds after which a long wait lets Ctrl-C and writes of other threads in."""


class FirmwareFaultError(SerialException):
    """The firmware did what no chip can do sensibly.

    Attributes:
        fault: The :class:`~pyavr_sim.errors.FirmwareFault`, with pc, address and cycle.
    """

    def __init__(self, fault: FirmwareFault) -> None:
        super().__init__(str(fault))
        self.fault = fault


class Serial(SerialBase):
    """A port to one UART of one emulated chip, which lives from ``open`` to ``close``."""

    is_open: bool

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._chip: Chip | None = None
        self._uart: Uart | None = None
        self._running = threading.RLock()
        self._unsent: list[bytes] = []  # written by another thread while the chip was running
        self._dtr_line = True
        self._is_cancelled = False
        super().__init__(*args, **kwargs)

    @property
    def chip(self) -> Chip:
        """The emulated chip.

        Raises:
            PortNotOpenError: The port is closed, so there is none.
        """
        if self._chip is None:
            raise PortNotOpenError()
        return self._chip

    def open(self) -> None:
        """Power a chip up and load the firmware.

        Raises:
            SerialException: The URL, the chip or the firmware is wrong; the cause is the
                :class:`~pyavr_sim.errors.PyavrSimError` that says so.
        """
        if self._port is None:
            raise SerialException("Port must be configured before it can be used.")
        if self.is_open:
            raise SerialException("Port is already open.")
        chip = None
        try:
            address = parse_url(self._port)
            chip = Chip(
                address.mcu,
                address.path,
                hz=address.hz,
                seed=address.seed,
                timing=address.timing,
            )
            line = address.line
            self._uart = chip.serial_line(*astuple(line)) if line else chip.uart(address.uart)
        except (PyavrSimError, ValueError, MemoryError) as error:
            if chip is not None:
                chip.close()
            raise SerialException(f"could not open {self._port}: {error}") from error
        self._chip = chip
        self._unsent.clear()
        self._dtr_line = self._dtr_state
        self.is_open = True

    def close(self) -> None:
        """Switch the chip off. Its state is gone; opening again starts afresh."""
        if self.is_open:
            self.is_open = False
            chip, self._chip, self._uart = self._chip, None, None
            if chip is not None:
                self.cancel_read()
                with self._running:
                    chip.close()

    def read(self, size: int = 1) -> bytes:
        """Run the chip until it has sent ``size`` bytes, or for ``timeout`` emulated seconds.

        Returns:
            The bytes; fewer than ``size`` after the timeout, or when the firmware has ended.

        Raises:
            SerialException: No timeout is set, and the bytes will not come.
            FirmwareFaultError: The firmware failed.
        """
        with self._session() as (chip, uart):
            if size <= 0:
                return b""
            self._is_cancelled = False
            seconds = POLL_SECONDS if self._timeout == 0 else self._timeout
            try:
                if self._inter_byte_timeout is None:
                    self._run(chip, uart, size, seconds)
                else:
                    self._run(chip, uart, 1, seconds)
                    while (have := uart.pending) < size:
                        self._run(chip, uart, have + 1, self._inter_byte_timeout)
                        if uart.pending == have:  # cancelled
                            break
            except (CycleLimitError, FirmwareEndedError) as error:
                if seconds is None and not self._is_between_bytes(uart):
                    raise SerialException(
                        f"{uart.pending} of {size} bytes came, and no timeout is set. {error}"
                    ) from error
            return uart.read(size)

    def write(self, data: bytes | bytearray | memoryview) -> int:
        """Queue bytes for the chip; they go in while it runs, at the speed of its UART.

        May be called while another thread reads.

        Raises:
            SerialException: More than 16 MiB would wait for the chip.
        """
        octets: bytes = to_bytes(data)
        if not self.is_open:
            raise PortNotOpenError()
        self._unsent.append(octets)
        if self._running.acquire(blocking=False):
            try:
                with self._session():
                    pass
            finally:
                self._running.release()
        return len(octets)

    def flush(self) -> None:
        """Run the chip until it has taken every written byte.

        Raises:
            SerialTimeoutException: It has not, in ``write_timeout`` emulated seconds.
        """
        with self._session() as (chip, uart):
            seconds = self._write_timeout
            if seconds is None:
                seconds = BLOCKING_SECONDS_MAX
            try:
                chip.run(self._cycles(chip, seconds), until=lambda _: self._sent_all(uart))
            except (CycleLimitError, FirmwareEndedError) as error:
                raise SerialTimeoutException(
                    f"{uart.waiting} written bytes were not taken by the chip. {error}"
                ) from error

    def cancel_read(self) -> None:
        """Make a ``read`` in another thread return what it has, at its next slice."""
        self._is_cancelled = True

    @property
    def in_waiting(self) -> int:
        """Bytes to be read; the chip first gets :data:`POLL_SECONDS` to send another one."""
        with self._session() as (chip, uart):
            with suppress(CycleLimitError, FirmwareEndedError):
                self._run(chip, uart, uart.pending + 1, POLL_SECONDS)
            return uart.pending

    @property
    def out_waiting(self) -> int:
        """Written bytes that the chip has not taken yet."""
        with self._session() as (_, uart):
            return uart.waiting

    def reset_input_buffer(self) -> None:
        """Throw away what the chip has sent so far."""
        with self._session() as (_, uart):
            uart.read()

    def reset_output_buffer(self) -> None:
        """Do nothing but check the port: written bytes are on the line already."""
        with self._session():
            pass

    @property
    def cts(self) -> bool:
        """Clear to send: always on."""
        return self._always(True)

    @property
    def dsr(self) -> bool:
        """Data set ready: always on."""
        return self._always(True)

    @property
    def ri(self) -> bool:
        """Ring indicator: always off."""
        return self._always(False)

    @property
    def cd(self) -> bool:
        """Carrier detect: always on."""
        return self._always(True)

    def _always(self, level: bool) -> bool:
        if not self.is_open:
            raise PortNotOpenError()
        return level

    def _reconfigure_port(self) -> None:
        """Accept any line settings: the firmware alone sets the format."""

    def _update_dtr_state(self) -> None:
        was, self._dtr_line = self._dtr_line, self._dtr_state
        if self._dtr_line and not was:
            with self._session() as (chip, _):
                chip.reset()

    def _update_rts_state(self) -> None:
        """RTS leads nowhere."""

    def _update_break_state(self) -> None:
        if self._break_state:
            raise SerialException("an emulated line cannot send a break; leave it out.")

    @contextmanager
    def _session(self) -> Iterator[tuple[Chip, Uart]]:
        """Take the chip for this thread and hand it all that was written."""
        with self._running:
            chip, uart = self._chip, self._uart
            if chip is None or uart is None:
                raise PortNotOpenError()
            try:
                self._send(uart)
                yield chip, uart
            except FirmwareFault as fault:
                raise FirmwareFaultError(fault) from fault
            except (CycleLimitError, FirmwareEndedError):
                raise
            except PyavrSimError as error:
                raise SerialException(str(error)) from error

    def _send(self, uart: Uart) -> None:
        while self._unsent:
            uart.write(self._unsent.pop(0))

    def _sent_all(self, uart: Uart) -> bool:
        self._send(uart)
        return uart.waiting == 0

    def _is_between_bytes(self, uart: Uart) -> bool:
        return self._inter_byte_timeout is not None and uart.pending > 0

    def _run(self, chip: Chip, uart: Uart, count: int, seconds: float | None) -> None:
        """Run until ``count`` bytes are there.

        Raises:
            CycleLimitError: They did not come in time.
            FirmwareEndedError: They never will.
        """
        if uart.pending >= count:
            return
        wanted = until.uart_bytes(count, uart=uart.number)
        left = self._cycles(chip, BLOCKING_SECONDS_MAX if seconds is None else seconds)
        slice_cycles = self._cycles(chip, SLICE_SECONDS)
        while True:
            now = min(left, slice_cycles)
            try:
                chip.run(now, until=wanted)
            except CycleLimitError:
                left -= now
                if self._is_cancelled:
                    self._is_cancelled = False
                    return
                if left <= 0:
                    raise
            else:
                return
            self._send(uart)

    @staticmethod
    def _cycles(chip: Chip, seconds: float) -> int:
        # Ten years of emulated time are as good as infinity, and fit into 64 bits.
        return max(1, int(min(seconds, 3e8) * chip.hz))
