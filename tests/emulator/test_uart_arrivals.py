# SPDX-License-Identifier: GPL-3.0-or-later
"""Bytes that come whether the firmware reads them or not.

ATmega328P datasheet (Atmel-8271), "Receive Complete Flag and Interrupt": RXC is set while there are
unread data in the receive buffer. "Receiver Error Flags": two bytes wait in the buffer, a third in
the shift register; the next is lost.
"""

from __future__ import annotations

import pytest

from pyavr_sim import Chip, until

CHIPS = pytest.mark.parametrize("mcu", ["atmega328p", "attiny1634"])


def listening(build, mcu):
    """An echo that adds one, its receiver on."""
    chip = Chip(mcu, build("echo.c", mcu))
    assert chip.uart(0).exchange(b"H", 1) == b"I"
    return chip


@CHIPS
def test_a_receiver_keeps_three_bytes_and_gives_them_at_once(build, mcu):
    with listening(build, mcu) as chip:
        uart = chip.uart(0)
        assert [uart.arrive(byte) for byte in b"HALX"] == [True, True, True, False]
        assert uart.unread == 3
        begin = chip.cycle
        chip.run(100_000, until=until.uart_bytes(2))
        assert chip.cycle - begin < 200
        chip.run(100_000, until=until.uart_bytes(3))
        assert uart.read() == b"IBM"
        assert uart.unread == 0
        assert uart.arrive(ord("X"))
        chip.run(100_000, until=until.uart_bytes(1))
        assert uart.read() == b"Y"


@CHIPS
def test_a_receiver_that_is_off_hears_nothing(build, mcu):
    with Chip(mcu, build("echo.c", mcu)) as chip:
        assert not chip.uart(0).arrive(ord("H"))
        chip.run(100_000)
        assert chip.uart(0).read() == b""
