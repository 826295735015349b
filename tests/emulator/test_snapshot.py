# SPDX-License-Identifier: GPL-3.0-or-later
"""Snapshots: a chip that went back does again what it did, and what a fresh one does."""

from __future__ import annotations

import contextlib
import random

import numpy as np
import pytest

from pyavr_sim import (
    Chip,
    OutOfRangeAccessError,
    UnknownChipError,
    until,
)
from pyavr_sim._sim import ffi, lib
from pyavr_sim.chips import describe_chip
from pyavr_sim.engine import chip_names

CHIPS = ["attiny1634", "atmega328p"]


def raw(chip: Chip) -> list[bytes]:
    """All areas of a chip's engine as they lie in memory."""
    parts: list[bytes] = []
    with chip.engine.use() as handle:
        while size := lib.sim_raw(handle, len(parts), ffi.NULL, 0):
            buffer = ffi.new("uint8_t[]", size)
            lib.sim_raw(handle, len(parts), buffer, size)
            parts.append(bytes(ffi.buffer(buffer)))
    return parts


def every_chip() -> list[str]:
    names = []
    for name in chip_names():
        with contextlib.suppress(UnknownChipError):
            describe_chip(name)
            names.append(name)
    return names


@pytest.mark.parametrize("mcu", every_chip())
def test_every_chip_of_the_library_goes_back(mcu):
    """Modules that our own firmwares do not use, USB among them, are copied too."""
    with Chip(mcu) as chip:
        # inc r16; out 0x05, r16; st -X, r16; rjmp .-8
        chip.flash[:8] = np.frombuffer(b"\x03\x95\x05\xb9\x0e\x93\xfc\xcf", "u1")
        chip.registers[26:28] = chip.description.sram_end & 0xFF, chip.description.sram_end >> 8
        chip.run(50)
        snapshot, before, digest = chip.snapshot(), raw(chip), chip.state_hash()
        chip.run(200)
        after = chip.state_hash()
        assert after != digest
        chip.restore(snapshot)
        assert raw(chip) == before
        chip.run(200)
        assert chip.state_hash() == after


def run_to(chip: Chip, cycle: int) -> None:
    """Run to the first instruction boundary at or after ``cycle``."""
    chip.run(max(0, cycle - chip.cycle))


def sent(chip: Chip, count: int) -> list[tuple[int, int, bytes]]:
    """The next bytes that the firmware sends, each with cycle and pc of its coming."""
    found = []
    for _ in range(count):
        chip.uart(0).read()
        stop = chip.run(200_000, until=until.uart_bytes(1))
        found.append((stop.cycle, stop.pc, chip.uart(0).read()))
    return found


@pytest.mark.parametrize("mcu", CHIPS)
@pytest.mark.parametrize("seed", range(4))
def test_what_follows_a_restore_is_what_followed_the_snapshot(restless, mcu, seed):
    """In pieces cut at random, in any order of snapshots, as on a chip that never went back."""
    world, cuts = restless(mcu, seed), random.Random(seed)
    end = world.cycles
    chip = world.power_up()
    marks = sorted(cuts.sample(range(1, end), 6))
    begin, taken = -1, []
    for mark in marks:
        world.play(chip, begin, mark, cuts)
        taken.append((mark, chip.snapshot(), chip.state_hash()))
        begin = mark
    world.play(chip, begin, end, cuts)
    fresh = world.fresh(end)
    expected = fresh.state_hash(), fresh.uart(0).read(), fresh.cycle
    assert (chip.state_hash(), chip.uart(0).read(), chip.cycle) == expected

    for mark, snapshot, digest in cuts.sample(taken * 2, 12):
        chip.restore(snapshot)
        assert chip.state_hash() == digest
        assert (chip.cycle, chip.pc) == (snapshot.cycle, snapshot.pc)
        world.play(chip, mark, end, cuts)
        assert (chip.state_hash(), chip.uart(0).read(), chip.cycle) == expected


@pytest.mark.parametrize("mcu", CHIPS)
def test_a_restore_leaves_no_bit_of_the_engine_as_it_was(restless, mcu):
    """Pointers, statistics, peripherals: all that was there at the snapshot is there again."""
    world = restless(mcu, 7)
    chip = world.fresh(123_456)
    snapshot, before = chip.snapshot(), raw(chip)
    # signals, plain values, libsimavr's block, data, touched, last access, taken, entered, took,
    # EEPROM, page buffer and its map
    assert len(before) == 20
    world.play(chip, 123_456, world.cycles)
    changed = [n for n, (a, b) in enumerate(zip(before, raw(chip), strict=True)) if a != b]
    assert {0, 1, 2, 3, 5} <= set(changed), "the chip did nothing to speak of"

    chip.restore(snapshot)
    for part, (expected, found) in enumerate(zip(before, raw(chip), strict=True)):
        differing = np.flatnonzero(np.frombuffer(expected, "u1") != np.frombuffer(found, "u1"))
        assert not differing.size, f"part {part} differs at {differing[:10]}"


@pytest.mark.parametrize("mcu", CHIPS)
def test_bytes_come_at_the_same_cycles_wherever_in_a_frame_it_was_taken(restless, mcu):
    world = restless(mcu, 3)
    for offset in range(0, 2 * 13 * 8 * 11, 61):  # two frames of 11 bits, 13 * 8 cycles each
        chip = world.fresh(20_000 + offset)
        chip.uart(0).write(b"in flight")
        snapshot = chip.snapshot()
        first = sent(chip, 12)
        chip.restore(snapshot)
        assert sent(chip, 12) == first


@pytest.mark.parametrize(
    ("source", "mcu", "flags", "span", "left"),
    [
        ("ticks.c", "attiny85", (), (200, 900), 30_000),
        ("ticks.c", "attiny13a", (), (200, 900), 30_000),
        ("eeprom.c", "attiny85", (), (20, 30_000), 40_000),
        ("eeprom.c", "attiny1634", (), (20, 30_000), 40_000),
        ("eeprom.c", "atmega328p", (), (20, 30_000), 60_000),
        ("sense.c", "attiny1634", ("-DADMUX_VALUE=0",), (50, 700), 5_000),
        ("sense.c", "atmega328p", ("-DADMUX_VALUE=64",), (50, 700), 5_000),
        ("dog.c", "attiny1634", (), (30, 260_000), 300_000),
        ("dog.c", "atmega328p", (), (30, 520_000), 600_000),
        ("selfprog.c", "atmega328p", (), (20, 2_500), 100_000),
        ("doze.c", "attiny85", (), (500, 1_100), 1_000),
        ("doze.c", "atmega328p", (), (500, 1_100), 1_000),
        ("echo.c", "attiny1634", (), (10_000, 31_000), 20_000),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_it_may_be_taken_at_any_cycle(build, source, mcu, flags, span, left):
    """A conversion, an EEPROM write, a page write on its way, the watchdog armed, asleep."""
    firmware = build(source, mcu, *flags)

    def power_up() -> Chip:
        chip = Chip(mcu, firmware, seed=5)
        if chip.description.uarts:
            chip.uart(0).write(bytes(range(100)))
        if chip.description.has_adc:
            chip.adc[0].millivolts = 1234
        return chip

    cuts = random.Random(source + mcu)
    whole = power_up()
    whole.run(span[1] + left)
    for at in [*range(span[0], span[1], 1 + (span[1] - span[0]) // 40), span[1]]:
        chip = power_up()
        chip.run(at)
        snapshot = chip.snapshot()
        for cut in (cuts.randrange(1, left), cuts.randrange(1, 40), left):
            run_to(chip, at + cut)
            digest = chip.state_hash()
            chip.restore(snapshot)
            run_to(chip, at + cut)
            assert chip.state_hash() == digest
            run_to(chip, span[1] + left)
            assert chip.state_hash() == whole.state_hash()
            chip.restore(snapshot)


def test_a_timer_counts_a_pin_only_if_it_did_so_then():
    """libsimavr connects pin and timer when the firmware writes the clock's choice."""
    count = 6  # in r17, TCNT0; rjmp .-4

    def counted(chip: Chip) -> int:
        for level in (False, True):
            chip.pin("D4").drive(level)
            chip.pc = count
            chip.run(10)
        return int(chip.registers[17])

    with Chip("atmega328p") as chip:
        # rjmp .; ldi r16, 7; out TCCR0B, r16
        chip.flash[:6] = np.frombuffer(b"\xff\xcf\x07\xe0\x05\xbd", "u1")
        chip.flash[count : count + 4] = np.frombuffer(b"\x16\xb5\xfe\xcf", "u1")
        chip.run(10)
        chip.pin("D4").drive(True)
        apart, before = chip.snapshot(), raw(chip)
        chip.pc = 2
        chip.run(10)
        connected, after = chip.snapshot(), raw(chip)
        assert (counted(chip), counted(chip)) == (1, 2)
        chip.restore(apart)
        assert raw(chip) == before
        assert (counted(chip), counted(chip)) == (0, 0)
        chip.restore(connected)
        assert raw(chip) == after
        assert (counted(chip), counted(chip)) == (1, 2)


def test_flash_that_the_firmware_wrote_goes_back_too(build):
    firmware = build("selfprog.c", "atmega328p")
    with Chip("atmega328p", firmware) as chip:
        start, before = chip.snapshot(), chip.flash.copy()
        chip.run(1_000_000, until=until.ended())
        assert chip.var("answer") == 42
        done, after = chip.snapshot(), chip.flash.copy()
        chip.restore(start)
        np.testing.assert_array_equal(chip.flash, before)
        assert (before != after).any()
        chip.run(1_000_000, until=until.ended())
        assert chip.var("answer") == 42
        chip.restore(start)
        chip.restore(done)
        np.testing.assert_array_equal(chip.flash, after)


def test_code_poked_into_flash_is_executed_before_and_after(build):
    with Chip("attiny85") as chip:
        chip.flash[:4] = np.frombuffer(b"\x0a\xe2\xff\xcf", "u1")  # ldi r16, 42; rjmp .
        ldi_42 = chip.snapshot()
        chip.flash[0] = 0x0B  # ldi r16, 43
        ldi_43 = chip.snapshot()
        chip.flash[0] = 0x0C
        for snapshot, expected in [(ldi_42, 42), (ldi_43, 43), (ldi_42, 42)]:
            chip.restore(snapshot)
            chip.run(10)
            assert chip.registers[16] == expected


def test_bytes_that_wait_across_the_end_of_their_ring_keep_their_order(build):
    """A ring begins with 4096 bytes."""
    with Chip("atmega328p", build("flood.c", "atmega328p")) as chip:
        for _ in range(3):
            chip.run(1_000_000, until=until.uart_bytes(3000))
            snapshot, waiting = chip.snapshot(), chip.uart(0).pending
            first = chip.uart(0).read()
            chip.run(1_000_000, until=until.uart_bytes(1000))
            chip.restore(snapshot)
            assert chip.uart(0).pending == waiting
            assert chip.uart(0).read() == first
            assert first == bytes((first[0] + n) & 0xFF for n in range(waiting))


def test_a_load_is_undone_with_its_names(build):
    with Chip("attiny85", build("ticks.c", "attiny85")) as chip:
        chip.run(1000)
        snapshot, static = chip.snapshot(), chip.static_bytes
        chip.load(build("values.c", "attiny85"))
        chip.restore(snapshot)
        assert chip.static_bytes == static
        chip.run(1_000_000, until=until.ended())
        assert chip.var("ticks") > 100


def test_voltages_and_levels_go_back(build):
    with Chip("atmega328p", build("sense.c", "atmega328p", "-DADMUX_VALUE=64")) as chip:
        chip.adc[0].millivolts, chip.adc.avcc = 1000, 4000
        chip.pin("B0").drive(True)
        chip.run(2000)
        code = int(chip.var("code"))
        snapshot = chip.snapshot()
        chip.adc[0].millivolts, chip.adc.avcc = 4000, 5000
        chip.pin("B0").drive(False)
        chip.run(2000)
        assert not chip.pin("B0").level
        chip.restore(snapshot)
        assert chip.adc[0].millivolts == 1000
        assert chip.adc.avcc == 4000
        assert chip.pin("B0").level
        chip.run(2000)
        assert chip.var("code") == code
        chip.reset()
        chip.run(2000)
        assert chip.var("code") == code


def test_a_fault_can_be_gone_back_from(build):
    with Chip("attiny85") as chip:
        chip.flash[:6] = np.frombuffer(b"\x00\x00\x10\x92\x00\x30", "u1")  # nop; sts 0x3000, r1
        snapshot = chip.snapshot()
        for _ in range(3):
            with pytest.raises(OutOfRangeAccessError) as caught:
                chip.run(100)
            assert (caught.value.pc, caught.value.cycle) == (2, 1)
            faulty = chip.snapshot()
            chip.restore(snapshot)
            assert chip.run(1).pc == 2
            chip.restore(faulty)
            with pytest.raises(OutOfRangeAccessError):
                chip.run(1)
            chip.restore(snapshot)


def test_function_timers_go_on_with_their_figures_of_then(build):
    with Chip("attiny85", build("timed.c", "attiny85")) as chip:
        seven = chip.time("seven")
        chip.run(1000, until=until.symbol("spin"))
        snapshot, calls = chip.snapshot(), seven.calls
        chip.run(100_000, until=until.ended())
        spin = chip.time("spin")
        total = seven.cycles_total
        chip.restore(snapshot)
        assert (seven.calls, spin.calls) == (calls, 0)
        chip.run(100_000, until=until.ended())
        assert (seven.cycles_total, spin.calls) == (total, 2)


def test_statistics_go_back(build):
    with Chip("attiny1634", build("stack.S", "attiny1634", "-nostartfiles")) as chip:
        chip.run(100, until=until.symbol("outer"))
        snapshot = chip.snapshot()
        before = chip.stack_high_water, chip.sram_touched
        chip.run(1000, until=until.ended())
        after = chip.stack_high_water, chip.sram_touched
        assert after > before
        chip.restore(snapshot)
        assert (chip.stack_high_water, chip.sram_touched) == before
        chip.run(1000, until=until.ended())
        assert (chip.stack_high_water, chip.sram_touched) == after
