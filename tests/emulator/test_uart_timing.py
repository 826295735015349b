# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a UART takes for a frame.

Numbers from the ATmega328P's datasheet (Atmel-8271): "Internal Clock Generation - The Baud
Rate Generator" (a bit is 16 (UBRR + 1) cycles, 8 (UBRR + 1) with U2X), "Frame Formats" (one
start bit, 5 to 9 data bits, a parity bit if enabled, one or two stop bits), "Transmitter
Flags and Interrupts" (UDRE: the transmit buffer is free; TXC: the shift register is empty and no
new data is in the buffer).
"""

from __future__ import annotations

import pytest

from pyavr_sim import Chip, until

MEGA, OLD, TINY = "atmega328p", "atmega8", "attiny1634"
WAKE_AND_RESPONSE = 8  # TXC wakes the sleeping chip: see test_interrupt_timing.py
VECTOR = {MEGA: 20 * 4, OLD: 13 * 2}  # USART_TX, byte address
U2X = 0x02
FORMATS = {  # UCSRC, UCSZ2 in UCSRB, bits of a frame
    "8N1": (0x06, 0, 10),
    "5N1": (0x00, 0, 7),
    "6N1": (0x02, 0, 8),
    "7E1": (0x24, 0, 10),
    "8O1": (0x36, 0, 11),
    "8N2": (0x0E, 0, 11),
    "9N1": (0x06, 4, 11),
    "9E2": (0x2E, 4, 13),
}
ONE = "first: sts DATA, r24"
TWO = "first: sts DATA, r24 $ sts DATA, r24"


def run_to_first(build, mcu, body, *flags, ubrr, u2x=False, frame="8N1", timing="datasheet"):
    control, wide, _ = FORMATS[frame]
    chip = Chip(mcu, build("frames.S", mcu, f"-DBODY={body}", *flags), timing=timing)
    chip.run(1000, until=until.symbol("start"))
    ursel = 0x80 if mcu == OLD else 0
    chip.registers[18:23] = [U2X * u2x, control | ursel, wide, ubrr & 0xFF, ubrr >> 8]
    chip.run(1000, until=until.symbol("first"))
    return chip


def cycles_to_completion(chip, cycles_max=20_000_000):
    begin = chip.cycle
    chip.run(cycles_max, until=until.address(VECTOR[chip.name]))
    return chip.cycle - begin - WAKE_AND_RESPONSE


@pytest.mark.parametrize("mcu", [MEGA, OLD])
@pytest.mark.parametrize("late", [(), ("-DLATE_FORMAT",)], ids=["", "format-after-UBRR"])
@pytest.mark.parametrize("frame", FORMATS)
@pytest.mark.parametrize(
    ("ubrr", "u2x"), [(1, True), (3, False), (16, True), (103, False), (0xABC, False)]
)
def test_a_frame_lasts_its_bits(build, mcu, late, frame, ubrr, u2x):
    """9600, 57600 baud and others at 16 MHz, rounded as the divisor rounds."""
    bits = FORMATS[frame][2]
    with run_to_first(build, mcu, ONE, *late, ubrr=ubrr, u2x=u2x, frame=frame) as chip:
        assert cycles_to_completion(chip) == (ubrr + 1) * (8 if u2x else 16) * bits


def test_the_divisor_is_zero_after_a_reset():
    """UBRR's initial value: a bit lasts 16 cycles. TXC is polled in a field of NOPs."""
    with Chip(MEGA) as chip:
        # ldi r16,8; sts UCSR0B,r16 (TXEN); sts UDR0,r16; then NOPs
        words = [0xE008, 0x9300, 0x00C1, 0x9300, 0x00C6] + [0] * 400
        chip.flash[: 2 * len(words)] = list(b"".join(w.to_bytes(2, "little") for w in words))
        chip.run(10, until=until.address(6))
        begin = chip.cycle
        while not chip.data[0xC0] & 0x40:  # UCSR0A, TXC0
            chip.run(1)
        assert chip.cycle - begin == 16 * 10


@pytest.mark.parametrize("mcu", [MEGA, OLD])
def test_a_second_byte_may_be_written_at_once(build, mcu):
    """The buffer and the shift register hold one each, and TXC waits for both."""
    with run_to_first(build, mcu, TWO, ubrr=3) as chip:
        assert cycles_to_completion(chip) == 2 * 640
        assert chip.uart(0).read() == b"\x80\x80"


def test_a_third_byte_is_ignored(build):
    """Datasheet: "Data written to UDRn when the UDREn Flag is not set, will be ignored by the USART
    Transmitter."
    """
    with run_to_first(build, MEGA, f"{TWO} $ sts DATA, r24", ubrr=3) as chip:
        assert cycles_to_completion(chip) == 2 * 640
        assert chip.uart(0).pending == 2


def test_nothing_is_sent_while_the_transmitter_is_off(build):
    body = "clr r20 $ sts B, r20 $ sts DATA, r24 $ ori r20, 0x48 $ sts B, r20 $ " + ONE
    with run_to_first(build, MEGA, body, ubrr=3) as chip:
        assert chip.uart(0).pending == 0
        assert cycles_to_completion(chip) == 640


def test_a_polled_stream_has_no_gaps(build):
    """Ten bytes, each as soon as UDRE allows: ten frames."""
    body = "ldi r25, 10 $ first: sts DATA, r25 $ 3: lds r23, A $ sbrs r23, 5 $ rjmp 3b"
    body += " $ dec r25 $ breq 4f $ sts DATA, r25 $ rjmp 3b $ 4:"
    with run_to_first(build, MEGA, body, ubrr=8) as chip:
        assert cycles_to_completion(chip) == 10 * 9 * 16 * 10
        assert chip.uart(0).read() == bytes(range(10, 0, -1))


@pytest.mark.parametrize("mcu", [MEGA, OLD])
def test_an_interrupt_driven_stream_has_no_gaps(build, mcu):
    """UDRE asks again as long as it is set, so the handler fills both places at once."""
    body = "ldi r25, 9 $ ori r20, 0x20 $ first: sts DATA, r25 $ sts B, r20"
    with run_to_first(build, mcu, body, ubrr=8) as chip:
        assert cycles_to_completion(chip) == 10 * 9 * 16 * 10
        assert chip.uart(0).read() == bytes([9, *range(8, -1, -1)])


@pytest.mark.parametrize("frame", ["8N1", "7E1", "9E2"])
@pytest.mark.parametrize(("number", "flags"), [(0, ()), (1, ("-DSECOND",))])
def test_both_uarts_of_an_attiny1634(build, number, flags, frame):
    """Datasheet (8303), section "USART": the same unit, twice."""
    with run_to_first(build, TINY, ONE, *flags, ubrr=16, u2x=True, frame=frame) as chip:
        begin = chip.cycle
        chip.run(10_000, until=until.symbol("complete"))
        jump = 3  # JMP at the vector
        assert chip.cycle - begin - WAKE_AND_RESPONSE - jump == 17 * 8 * FORMATS[frame][2]
        assert chip.uart(number).pending == 1


def test_simavr_timing_counts_a_parity_bit(build):
    with run_to_first(build, MEGA, ONE, ubrr=3, timing="simavr") as chip:
        begin = chip.cycle
        chip.run(10_000, until=until.address(VECTOR[MEGA]))
        assert 11 * 64 <= chip.cycle - begin <= 11 * 64 + 4
