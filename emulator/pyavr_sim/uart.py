# SPDX-License-Identifier: GPL-3.0-or-later
"""A UART as the other end of its cable sees it.

Bytes wait in rings outside the chip: written ones until the receiver is on and has room, sent
ones until they are read. None is lost, at any baud rate.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyavr_sim import until
from pyavr_sim._sim import ffi, lib
from pyavr_sim.errors import CycleLimitError, PortError

if TYPE_CHECKING:
    from pyavr_sim.chip import Chip

__all__ = ["Uart"]

EXCHANGE_CYCLES = 10_000_000


class Uart:
    """One UART of a chip; ``chip.uart(0)`` gives it.

    Attributes:
        number: Which one.
    """

    def __init__(self, chip: Chip, number: int) -> None:
        with chip.engine.use() as handle:
            there = lib.sim_uarts(handle)
        have = [n for n in range(there.bit_length()) if there >> n & 1]
        if number not in have:
            raise PortError(
                f"an {chip.name} has no UART {number!r}; it has {_listed(have)}. Where firmware "
                "times its bits itself, chip.serial_line() wires one to two pins."
            )
        self._chip = chip
        self.number = number

    def __repr__(self) -> str:
        return f"<uart {self.number} of {self._chip.name}>"

    @property
    def pending(self) -> int:
        """Bytes that the firmware has sent and nobody has read."""
        with self._chip.engine.use() as handle:
            return int(lib.sim_uart_pending(handle, self.number))

    @property
    def waiting(self) -> int:
        """Bytes that were written and that the chip has not taken yet."""
        with self._chip.engine.use() as handle:
            return int(lib.sim_uart_waiting(handle, self.number))

    @property
    def unread(self) -> int:
        """Bytes that are in the chip's receiver and that the firmware has not taken from it."""
        with self._chip.engine.use() as handle:
            return int(lib.sim_uart_unread(handle, self.number))

    def arrive(self, byte: int) -> bool:
        """Let a byte's stop bit end now, for who keeps the times of a real line.

        Instead of `write`, which waits for the firmware, and while the chip does not run.

        Returns:
            Whether it was received: not by a receiver that is off, or that holds three bytes which
            the firmware has not read (ATmega328P datasheet, "Receiver Error Flags").
        """
        with self._chip.engine.use() as handle:
            return bool(lib.sim_uart_arrive(handle, self.number, byte))

    def write(self, data: bytes | bytearray | memoryview) -> int:
        """Send bytes to the chip; they go in while it runs.

        Returns:
            How many bytes were taken: all of them.

        Raises:
            PortError: More than 16 MiB would wait; none of ``data`` was taken then.
        """
        octets = memoryview(data).tobytes()
        with self._chip.engine.use() as handle:
            if lib.sim_uart_waiting(handle, self.number) + len(octets) > lib.SIM_RING_LIMIT:
                raise PortError(
                    f"{len(octets)} bytes more than fit: 16 MiB may wait for a chip. "
                    "Let it run in between, or write less."
                )
            taken = self._chip.engine.apply(lib.sim_uart_write, self.number, octets, len(octets))
            return int(taken)

    def read(self, size: int = -1) -> bytes:
        """Take what the firmware has sent.

        Args:
            size: At most so many bytes; negative for all.

        Returns:
            The bytes, perhaps none; the chip does not run meanwhile.
        """
        with self._chip.engine.use() as handle:
            have = int(lib.sim_uart_pending(handle, self.number))
            count = have if size < 0 else min(size, have)
            buffer = ffi.new("uint8_t[]", max(count, 1))
            taken = self._chip.engine.apply(lib.sim_uart_read, self.number, buffer, count)
            return bytes(ffi.buffer(buffer, taken))

    def exchange(
        self, data: bytes | bytearray, reply_size: int, *, cycles_max: int = EXCHANGE_CYCLES
    ) -> bytes:
        """Write a request, run until the reply is there, and return it.

        Args:
            data: The request.
            reply_size: Bytes of the reply.
            cycles_max: Emulated cycles that it may take.

        Raises:
            CycleLimitError: The reply did not come in time.
            FirmwareFault: The firmware failed meanwhile.
        """
        if reply_size < 0:
            raise ValueError(f"reply_size must not be negative; found {reply_size}")
        self.write(data)
        if reply_size == 0:
            return b""
        try:
            self._chip.run(cycles_max, until=until.uart_bytes(reply_size, uart=self.number))
        except CycleLimitError as error:
            raise CycleLimitError(
                f"{self.pending} of {reply_size} reply bytes came. {error}",
                cycle=error.cycle,
                pc=error.pc,
            ) from None
        return self.read(reply_size)


def _listed(numbers: list[int]) -> str:
    return ", ".join(map(str, numbers)) or "none"
