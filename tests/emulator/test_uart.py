# SPDX-License-Identifier: GPL-3.0-or-later
"""UARTs: no byte is lost in either direction."""

from __future__ import annotations

import pytest

from pyavr_sim import Chip, CycleLimitError, PortError, StopReason, until

MEGA, TINY = "atmega328p", "attiny1634"


@pytest.mark.parametrize(
    ("mcu", "number", "flags"), [(MEGA, 0, ()), (TINY, 0, ()), (TINY, 1, ("-DSECOND",))]
)
def test_a_request_is_answered(build, mcu, number, flags):
    with Chip(mcu, build("echo.c", mcu, *flags)) as chip:
        assert chip.uart(number).exchange(b"HAL", 3) == b"IBM"
        assert chip.uart(number).exchange(bytes([255]), 1) == bytes([0])
        assert chip.uart(number).pending == 0


def test_bytes_written_before_the_receiver_is_on_wait(build):
    with Chip(TINY, build("echo.c", TINY)) as chip:
        chip.uart(0).write(b"early")
        chip.run(1000)
        assert chip.uart(0).waiting == 5
        chip.run(100_000, until=until.uart_bytes(5))
        assert chip.uart(0).waiting == 0
        assert chip.uart(0).read() == b"fbsmz"


def test_thousands_of_bytes_pass_in_order(build):
    sent = bytes(n * 7 % 256 for n in range(20_000))
    with Chip(TINY, build("echo.c", TINY)) as chip:
        chip.uart(0).write(sent)
        chip.run(20_000_000, until=until.uart_bytes(len(sent)))
        assert chip.uart(0).read() == bytes((b + 1) % 256 for b in sent)


@pytest.mark.parametrize(
    ("flags", "timing"),
    [((), "datasheet"), ((), "simavr"), (("-DBLIND",), "simavr")],
    ids=["polite", "polite-simavr", "blind-simavr"],
)
def test_a_flood_at_the_fastest_baud_rate_is_kept_whole(build, flags, timing):
    """A write without a look at UDRE counts in libsimavr, and is ignored by silicon."""
    with Chip(MEGA, build("flood.c", MEGA, *flags), timing=timing) as chip:
        chip.run(40_000_000, until=until.ended())
        assert chip.uart(0).pending == 40_000
        assert chip.uart(0).read(10) == bytes(range(10))
        assert chip.uart(0).read() == bytes(n % 256 for n in range(10, 40_000))
        assert chip.uart(0).read() == b""


def test_the_run_stops_right_at_the_byte_waited_for(build):
    with Chip(MEGA, build("flood.c", MEGA)) as chip:
        stop = chip.run(1_000_000, until=until.uart_bytes(100))
        assert stop.reason is StopReason.UART_BYTES
        assert chip.uart(0).pending == 100
        assert chip.var("sent") == 99  # the byte is out, the next statement has not run
        assert chip.run(1_000_000, until=until.uart_bytes(100)) == stop
        chip.run(1_000_000, until=until.uart_bytes(101))
        assert chip.uart(0).pending == 101


def test_reading_takes_no_more_than_asked(build):
    with Chip(MEGA, build("flood.c", MEGA)) as chip:
        chip.run(1_000_000, until=until.uart_bytes(5))
        assert chip.uart(0).read(0) == b""
        assert chip.uart(0).read(2) == b"\0\1"
        assert chip.uart(0).read(100) == b"\2\3\4"


def test_a_missing_reply_says_how_much_came(build):
    with Chip(TINY, build("echo.c", TINY)) as chip:
        with pytest.raises(CycleLimitError, match="3 of 4 reply bytes"):
            chip.uart(0).exchange(b"abc", 4, cycles_max=100_000)
        assert chip.uart(0).read() == b"bcd"


# ldi r16,8; sts UCSR0B,r16 (TXEN); 1: sts UDR0,r17; inc r17; rjmp 1b
COUNTING = [0xE008, 0x9300, 0x00C1, 0x9310, 0x00C6, 0x9513, 0xCFFC]


def counting_chip():
    chip = Chip(MEGA, timing="simavr")  # every write counts, although UDRE is not asked
    chip.flash[:14] = list(b"".join(w.to_bytes(2, "little") for w in COUNTING))
    chip.registers[17] = 0
    return chip


def test_the_instruction_that_sends_the_byte_is_the_last_to_run():
    with counting_chip() as chip:
        for count in (1, 2, 7):
            chip.run(1000, until=until.uart_bytes(count))
            assert chip.uart(0).pending == count
            assert chip.registers[17] == count - 1  # INC comes next


def test_a_full_output_stops_the_run_and_loses_nothing():
    """16 MiB unread: the run stops with a clear reason, and goes on after a read."""
    with counting_chip() as chip:
        with pytest.raises(PortError, match="16 MiB"):
            chip.run(200_000_000)
        with pytest.raises(PortError, match="16 MiB"):
            chip.run(10)
        assert chip.uart(0).read(1000) == bytes(n % 256 for n in range(1000))
        chip.run(500 * 5)
        tail = chip.uart(0).read()
        assert tail == bytes((1000 + n) % 256 for n in range(len(tail)))
        assert len(tail) == 2**24 - 1000 + 500


def test_a_uart_that_the_chip_lacks_is_a_typed_error():
    with Chip("attiny85") as chip, pytest.raises(PortError, match="has no UART 0; it has none"):
        chip.uart(0)
    with Chip(TINY) as chip:
        with pytest.raises(PortError, match="it has 0, 1"):
            chip.uart(2)
        with pytest.raises(TypeError):
            chip.uart(0).write("text")
        with pytest.raises(ValueError, match="reply_size"):
            chip.uart(0).exchange(b"", -1)


def test_too_much_input_is_refused_whole():
    with Chip(TINY) as chip:
        with pytest.raises(PortError, match="16 MiB"):
            chip.uart(0).write(bytes(2**24 + 1))
        assert chip.uart(0).waiting == 0
