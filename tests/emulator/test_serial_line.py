# SPDX-License-Identifier: GPL-3.0-or-later
"""A serial port on two pins: its bits, their timing, and its place in snapshots and history."""

from __future__ import annotations

import itertools
import random

import pytest

from pyavr_sim import Chip, PortError, until
from pyavr_sim.recording import record

MCU, HZ = "attiny85", 8_000_000
BAUD = 9_600
WAIT_CYCLES = 823  # bits.c spends 9 or 12 more a bit, 10.5 in the mean: 9598 baud
LONGEST_INSTRUCTION = 3
RESTS_CYCLES = 20_000  # bits.c has sent its pause


def frame(byte: int, *, stop: int = 1) -> int:
    """16 bits: start, data, stop, and rest."""
    return 0xFC00 | stop << 9 | byte << 1


@pytest.fixture
def chip(build):
    with Chip(MCU, build("bits.c", MCU, f"-DWAIT_CYCLES={WAIT_CYCLES}")) as it:
        yield it


@pytest.fixture
def sender(build):
    """``sender(frames)``: a chip that sends them."""

    def power_up(*frames: int) -> Chip:
        flags = (f"-DWAIT_CYCLES={WAIT_CYCLES}", f"-DFRAMES={','.join(map(str, frames))}")
        return Chip(MCU, build("bits.c", MCU, *flags))

    return power_up


def expected_edges(data: bytes, start: int, baud: int) -> list[tuple[int, int]]:
    """Cycle and level of every edge of bytes without a gap, each frame's bits from its start."""
    edges, level = [], 1
    for byte in data:
        for bit in range(10):
            new = frame(byte) >> bit & 1
            if new != level:
                edges.append((start + (bit * HZ + baud // 2) // baud, new))
                level = new
        start += (10 * HZ + baud // 2) // baud
    return edges


@pytest.mark.parametrize("baud", [300, 9_600, 115_200, 1_000_000])
def test_every_edge_to_the_chip_comes_at_its_cycle(chip, baud):
    line = chip.serial_line("B3", "B4", baud)
    chip.run(RESTS_CYCLES + 12 * HZ // baud)
    data = bytes([0x00, 0xFF, 0x55, 0xC1])
    line.write(data)
    written = chip.cycle
    recording = record(chip, 42 * HZ // baud + 100, pins=["B3"])
    (signal,) = recording.pin_changes
    seen = list(zip(signal.cycles.tolist(), signal.values.tolist(), strict=True))
    seen = [(cycle, level) for cycle, level in seen if cycle > written]
    expected = expected_edges(data, written + 1, baud)
    assert [level for _, level in seen] == [level for _, level in expected]
    late = [s - e for (s, _), (e, _) in zip(seen, expected, strict=True)]
    assert 0 <= min(late) <= max(late) <= LONGEST_INSTRUCTION
    assert line.waiting == 0


def test_bytes_from_the_chip_are_read_at_the_middle_of_their_bits(sender):
    data = [0x00, 0xFF, 0x55, 0xAA, 0x80, 0x01]
    with sender(*map(frame, data)) as chip:
        line = chip.serial_line("B3", "B4", BAUD)
        chip.run(200_000, until=until.uart_bytes(len(data)))
        assert line.read() == bytes(data)
        assert line.framing_errors == 0


def test_a_byte_is_there_at_the_middle_of_its_stop_bit(sender):
    with sender(frame(0x00)) as chip:
        chip.serial_line("B3", "B4", BAUD)
        chip.run(100_000, until=lambda c: not c.pin("B4").level)
        fall = chip.cycle
        stop = chip.run(100_000, until=until.uart_bytes(1))
        assert abs(stop.cycle - fall - 9.5 * HZ / BAUD) < until.SLICE_CYCLES


@pytest.mark.parametrize("percent", [-6, -5, 5, 6])
def test_a_rate_is_met_to_half_a_bit_at_the_end_of_a_frame(sender, percent):
    """A slow port takes the stop bit for the last data bit where 8.5 of its bits are 9 of the
    chip's: at -5.6 %. A fast one misses the stop bit where 9.5 are 9: at +5.6 %."""
    with sender(*map(frame, b"\x00\x7f\x80")) as chip:
        line = chip.serial_line("B3", "B4", round(BAUD * (1 + percent / 100)))
        chip.run(100_000)
        is_right = line.read() == b"\x00\x7f\x80" and not line.framing_errors
        assert is_right == (abs(percent) < 5.6)


def test_a_byte_without_a_stop_bit_is_counted_and_kept(sender):
    with sender(frame(0x41), frame(0x42, stop=0), frame(0x43)) as chip:
        line = chip.serial_line("B3", "B4", BAUD)
        chip.run(100_000)
        assert line.read() == b"ABC"
        assert line.framing_errors == 1


def test_a_low_of_less_than_half_a_bit_is_no_byte(sender):
    """One bit of the firmware is, to a port whose bits take more than twice as long."""
    with sender(0xFFFE, 0xFFFE) as chip:
        line = chip.serial_line("B3", "B4", BAUD * 10 // 22)
        chip.run(100_000)
        assert line.pending == 0
        assert line.framing_errors == 0


def test_bytes_wait_until_the_chip_drives_its_pin_and_has_been_quiet_for_a_frame(chip):
    line = chip.serial_line("B3", "B4", BAUD)
    line.write(b"\0")
    begun = chip.run(100_000, until=lambda c: not c.pin("B3").level)
    assert 10 * HZ / BAUD < begun.cycle < 12 * HZ / BAUD + until.SLICE_CYCLES
    assert line.waiting == 0


def test_a_chip_that_never_drives_its_pin_gets_nothing(build):
    with Chip(MCU, build("ticks.c", MCU)) as chip:
        line = chip.serial_line("B3", "B5", BAUD)
        line.write(b"hello")
        chip.run(1_000_000)
        assert line.waiting == 5


def test_the_firmware_sees_the_bits(chip):
    line = chip.serial_line("B3", "B4", BAUD)
    chip.run(2 * RESTS_CYCLES)
    line.write(b"\x55\x55")  # five falls each, the start bit's among them
    chip.run(30_000)
    assert chip.var("falls") == 10


def test_pieces_of_any_size_are_the_same_run(sender):
    cuts = random.Random(3)

    def torment(chip: Chip, pieces: int | None) -> str:
        line = chip.serial_line("B3", "B4", BAUD)
        for begin in range(0, 60_000, 15_000):
            line.write(b"\x35\x00")
            while chip.cycle < begin + 15_000:
                left = begin + 15_000 - chip.cycle
                chip.run(left if pieces is None else min(left, cuts.randrange(1, pieces)))
        return chip.state_hash()

    digests = set()
    for pieces in (None, 4, 1_000):
        with sender(frame(0x41), frame(0x80)) as chip:
            digests.add(torment(chip, pieces))
    assert len(digests) == 1


def test_a_snapshot_in_the_middle_of_bytes_both_ways_goes_back(sender):
    with sender(*map(frame, b"hello")) as chip:
        line = chip.serial_line("B3", "B4", BAUD)
        line.write(b"\x5a\x01")
        chip.run(40_000)
        snapshots = []
        for _ in range(6):
            chip.run(2_345)
            snapshots.append((chip.snapshot(), chip.state_hash()))
        chip.run(60_000)
        end, digest, heard = chip.cycle, chip.state_hash(), line.read()
        assert heard == b"hello"
        for snapshot, then in reversed(snapshots):
            chip.restore(snapshot)
            assert chip.state_hash() == then
            chip.run(end - chip.cycle)
            assert chip.state_hash() == digest
            assert line.read() == heard


def test_a_restore_to_before_takes_the_line_off_and_back_puts_it_on(sender):
    with sender(*map(frame, b"ab")) as chip:
        chip.run(100)
        before = chip.snapshot()
        chip.serial_line("B3", "B4", BAUD)
        with_line = chip.snapshot()
        chip.run(100_000)
        digest = chip.state_hash()
        chip.restore(before)
        with pytest.raises(PortError, match="has no UART 0"):
            chip.uart(0)
        chip.run(100_000)
        chip.restore(with_line)
        chip.run(100_000)
        assert chip.state_hash() == digest
        assert chip.uart(0).read() == b"ab"


def test_any_cycle_of_a_history_is_as_on_a_fresh_chip(sender):
    def play(chip: Chip, end: int) -> str:
        chip.run(min(500, end))
        if end > 500:
            chip.serial_line("B3", "B4", BAUD).write(b"\x69")
            chip.run(end - chip.cycle)
        return chip.state_hash()

    with sender(*map(frame, b"xyz")) as chip:
        chip.keep_history(interval_cycles=7_000)
        play(chip, 90_000)
        for cycle in (80_001, 43_210, 20_000, 600, 300):
            stop = chip.run_back_to(cycle)
            with sender(*map(frame, b"xyz")) as fresh:
                assert play(fresh, cycle) == chip.state_hash()
                assert fresh.cycle == stop.cycle


def test_a_reset_of_the_chip_does_not_end_what_the_other_side_sends(chip):
    line = chip.serial_line("B3", "B4", BAUD)
    chip.run(2 * RESTS_CYCLES)
    line.write(b"\x0f")  # the ninth bit falls, the tenth rises
    chip.run(3 * HZ // BAUD)
    assert chip.pin("B3").level
    chip.reset()
    assert chip.pin("B3").level
    chip.run(3 * HZ // BAUD)
    assert not chip.pin("B3").level
    chip.run(4 * HZ // BAUD)
    assert chip.pin("B3").level


def test_a_reset_in_the_middle_of_a_byte_of_the_chip_ends_it_high(sender):
    with sender(frame(0x00)) as chip:
        line = chip.serial_line("B3", "B4", BAUD)
        chip.run(100_000, until=lambda c: not c.pin("B4").level)
        chip.run(4 * HZ // BAUD)
        chip.reset()
        chip.run(7 * HZ // BAUD)
        (byte,) = line.read()
        assert byte in (0xF8, 0xF0)  # low to the reset, then nobody drives it
        assert line.framing_errors == 0


def test_two_lines_and_a_uart_do_not_mix(build):
    with Chip("atmega328p", build("echo.c", "atmega328p")) as chip:
        lines = [chip.serial_line("D6", "D7", 9_600), chip.serial_line("C0", "C1", 9_600)]
        assert [line.number for line in lines] == [1, 2]
        assert chip.uart(0).exchange(b"HAL", 3) == b"IBM"
        assert lines[0].pending == lines[1].pending == 0


@pytest.mark.parametrize(
    ("rx", "tx", "baud", "words", "kind"),
    [
        ("B3", "B3", 9_600, "expected two pins", PortError),
        ("B3", "A0", 9_600, "no port A; it has B", PortError),
        ("B8", "B4", 9_600, "such as 'B0'; found 'B8'", ValueError),
        ("B3", "B4", 0, "expected 1 to 2000000", PortError),
        ("B3", "B4", 2_000_001, "expected 1 to 2000000", PortError),
    ],
)
def test_a_line_that_cannot_be_is_refused(rx, tx, baud, words, kind):
    with Chip(MCU, hz=HZ) as chip:
        digest = chip.state_hash()
        with pytest.raises(kind, match=words):
            chip.serial_line(rx, tx, baud)
        assert chip.state_hash() == digest


def test_pins_and_numbers_are_given_once():
    with Chip(MCU) as chip:
        chip.serial_line("B3", "B4", 9_600)
        for rx, tx in itertools.permutations(("B0", "B3", "B4"), 2):
            with pytest.raises(PortError, match="expected two pins that no line has"):
                chip.serial_line(rx, tx, 9_600)
    with Chip("atmega328p") as chip:
        for pin in range(0, 6, 2):
            chip.serial_line(f"C{pin}", f"C{pin + 1}", 9_600)
        with pytest.raises(PortError, match="every UART"):
            chip.serial_line("D0", "D1", 9_600)
