# SPDX-License-Identifier: GPL-3.0-or-later
"""Running back: a chip at an earlier cycle is as a fresh one that ran to it."""

from __future__ import annotations

import random

import numpy as np
import pytest

from pyavr_sim import (
    Chip,
    ErasedFlashError,
    ForgottenCycleError,
    FutureCycleError,
    HistoryError,
    NoHistoryError,
    StopReason,
    until,
)


@pytest.mark.parametrize("mcu", ["attiny1634", "atmega328p"])
@pytest.mark.parametrize("interval", [1_000, 30_000, 1_000_000])
def test_any_cycle_is_as_on_a_fresh_chip(restless, mcu, interval):
    """Back and on again, with a world that sends, reads, pulls and drives."""
    world, cuts = restless(mcu, interval), random.Random(interval)
    chip = world.power_up()
    chip.keep_history(interval_cycles=interval, bytes_max=1 << 30)
    world.play(chip, -1, world.cycles, cuts)
    assert chip.state_hash() == world.fresh(world.cycles).state_hash()

    for _ in range(12):
        back = cuts.randrange(chip.cycle)
        stop = chip.run_back_to(back)
        if stop.cycle - back > LONGEST_INSTRUCTION:
            continue  # SPM held the CPU still, and what the world sent meanwhile came behind it
        fresh = world.fresh(back)
        assert (stop.cycle, stop.pc) == (fresh.cycle, fresh.pc) == (chip.cycle, chip.pc)
        assert chip.state_hash() == fresh.state_hash()
        on = cuts.randrange(back, world.cycles)
        world.play(chip, back, on, cuts)
        fresh = world.fresh(on)
        assert chip.state_hash() == fresh.state_hash()
        assert chip.uart(0).pending == fresh.uart(0).pending


LONGEST_INSTRUCTION = 12  # cycles, with the response of an interrupt out of sleep behind it


def test_it_stops_at_the_first_boundary_at_or_after(build):
    firmware = build("ticks.c", "attiny85")
    with Chip("attiny85", firmware) as chip:
        chip.keep_history(interval_cycles=1_000)
        chip.run(5_000)
        for cycle in range(4_999, 4_700, -3):
            with Chip("attiny85", firmware) as fresh:
                end = fresh.run(cycle)
                stop = chip.run_back_to(cycle)
                assert stop.reason is StopReason.CYCLES
                assert (stop.cycle, stop.pc) == (end.cycle, end.pc)
                assert cycle <= stop.cycle < cycle + LONGEST_INSTRUCTION
                assert chip.state_hash() == fresh.state_hash()


def poke_all(chip: Chip, n: int) -> None:
    """Change the chip in every way there is that is no UART, pin or voltage."""
    match n % 7:
        case 0:
            chip.sram[40 + n] = n
        case 1:
            chip.var("sum")[...] = n
        case 2:
            chip.eeprom[n] = n
        case 3:
            chip.registers[20] = n
        case 4:
            chip.flash[-n] = n
        case 5:
            chip.sreg = chip.sreg ^ 0x40
        case 6:
            chip.reset()


def test_pokes_and_resets_are_part_of_it(build):
    firmware = build("ticks.c", "atmega328p")

    def ran(end: int) -> Chip:
        chip = Chip("atmega328p", firmware)
        for n in range(1, 30):
            if n * 700 <= end:
                chip.run(max(0, n * 700 - chip.cycle))
                poke_all(chip, n)
        chip.run(max(0, end - chip.cycle))
        return chip

    chip = Chip("atmega328p", firmware)
    chip.keep_history(interval_cycles=2_000)
    for n in range(1, 30):
        chip.run(max(0, n * 700 - chip.cycle))
        poke_all(chip, n)
    chip.run(1_000)
    for cycle in range(21_000, 300, -431):
        chip.run_back_to(cycle)
        fresh = ran(cycle)
        assert chip.state_hash() == fresh.state_hash(), cycle
        np.testing.assert_array_equal(chip.flash, fresh.flash)


def test_what_came_at_the_cycle_is_there_and_what_came_later_is_not(build):
    with Chip("atmega328p", build("echo.c", "atmega328p")) as chip:
        chip.keep_history()
        chip.run(20_000)
        at = chip.cycle
        chip.uart(0).write(b"ab")
        chip.sram[500] = 77
        chip.run(20_000)
        chip.uart(0).write(b"c")
        chip.run(20_000)
        assert chip.uart(0).read() == b"bcd"
        chip.run_back_to(at + 10)
        chip.run_back_to(at)
        assert chip.sram[500] == 77
        chip.run(50_000)
        assert chip.uart(0).read() == b"bc"
        chip.run_back_to(at - 1)
        assert chip.sram[500] != 77
        chip.run(50_000)
        assert chip.uart(0).read() == b""


@pytest.mark.parametrize("interval", [1, 7, 1000])
def test_conditions_hold_where_they_hold_without_a_history(build, interval):
    firmware = build("ticks.c", "attiny85")
    conditions = [
        until.symbol("step"),
        until.address(0),
        until.value("ticks", ">=", 2),
        until.value("sum", "!=", 1),
        lambda chip: chip.var("ticks") >= 3,
        until.ended(),
    ]
    with Chip("attiny85", firmware) as plain, Chip("attiny85", firmware) as kept:
        kept.keep_history(interval, bytes_max=1 << 20)
        for condition in [conditions[0]] * 50 + conditions[2:]:
            stop = plain.run(1_000_000, until=condition)
            if stop.reason is StopReason.ENDED and interval < 1000:
                break  # far away
            assert kept.run(1_000_000, until=condition) == stop
            assert kept.state_hash() == plain.state_hash()


def test_a_run_can_be_undone_from_its_fault(build):
    with Chip("attiny85") as chip:
        chip.flash[:2] = 0  # nop; then erased flash
        chip.keep_history()
        with pytest.raises(ErasedFlashError):
            chip.run(10)
        chip.run_back_to(0)
        assert chip.pc == 0
        with pytest.raises(ErasedFlashError):
            chip.run(10)


def test_its_memory_is_bounded(build):
    with Chip("attiny1634", build("echo.c", "attiny1634")) as chip:
        history = chip.keep_history(interval_cycles=500, bytes_max=1 << 20)
        for _ in range(500):
            chip.uart(0).write(b"twelve bytes")
            chip.run(1000)
            chip.uart(0).read()
        assert history.size_bytes <= 1 << 20
        assert 20 <= history.snapshots <= 60
        assert 450_000 < history.begin < chip.cycle
        begin = history.begin
        with pytest.raises(ForgottenCycleError, match=f"begins at cycle {begin}"):
            chip.run_back_to(begin - 1)
        assert chip.run_back_to(begin).cycle == begin


def test_a_flood_between_two_cycles_is_bounded_too(build):
    with Chip("attiny1634", build("echo.c", "attiny1634")) as chip:
        history = chip.keep_history(bytes_max=2 << 20)
        chip.run(30_000)
        for _ in range(30_000):
            chip.uart(0).read()
        chip.uart(0).write(bytes(300_000))
        for _ in range(3):
            chip.uart(0).write(bytes(300_000))
            chip.run(1)
        assert history.size_bytes < 6 << 20


def test_errors_say_what_to_do(build):
    with Chip("attiny85", build("ticks.c", "attiny85")) as chip:
        chip.run(1000)
        with pytest.raises(NoHistoryError, match="keep_history"):
            chip.run_back_to(10)
        chip.keep_history()
        chip.run(1000)
        before = chip.state_hash()
        with pytest.raises(FutureCycleError, match="not come yet"):
            chip.run_back_to(chip.cycle + 1)
        with pytest.raises(ForgottenCycleError, match="before the history"):
            chip.run_back_to(10)
        with pytest.raises(TypeError):
            chip.run_back_to(1500.0)
        assert chip.state_hash() == before
        chip.run_back_to(chip.cycle)
        assert chip.state_hash() == before
        for wrong in ({"interval_cycles": 0}, {"bytes_max": -1}):
            with pytest.raises(ValueError, match="positive"):
                chip.keep_history(**wrong)
    for error in (NoHistoryError, FutureCycleError, ForgottenCycleError):
        assert issubclass(error, HistoryError)


def test_a_restore_or_a_load_begins_it_anew(build):
    firmware = build("ticks.c", "attiny85")
    with Chip("attiny85", firmware) as chip:
        early = chip.snapshot()
        history = chip.keep_history()
        chip.run(5000)
        chip.restore(early)
        assert (history.begin, history.snapshots) == (0, 1)
        chip.run(4000)
        chip.load(firmware)
        assert history.begin == chip.cycle
        digest = chip.state_hash()
        chip.run(4000)
        chip.run_back_to(history.begin)
        assert chip.state_hash() == digest


def test_function_timers_count_what_is_left(build):
    with Chip("attiny85", build("timed.c", "attiny85")) as chip:
        seven = chip.time("seven")
        chip.keep_history(interval_cycles=50)
        chip.run(100_000, until=until.symbol("spin"))
        calls, at = seven.calls, chip.cycle
        chip.run(100_000, until=until.ended())
        assert seven.calls > calls
        chip.run_back_to(at)
        assert seven.calls == calls


def test_a_thinned_history_keeps_its_reach(restless):
    """Many snapshots too many for its memory; the world's deeds stay in the journals."""
    world = restless("atmega328p", 7)
    chip = world.power_up()
    history = chip.keep_history(interval_cycles=1_000, bytes_max=1 << 20, is_thinned=True)
    world.play(chip, -1, world.cycles)

    assert history.begin == 0
    assert history.interval_cycles >= 8_000
    assert history.size_bytes <= history.bytes_max
    for back in range(world.cycles - 5, 0, -39_999):
        if chip.run_back_to(back).cycle - back <= LONGEST_INSTRUCTION:
            assert chip.state_hash() == world.fresh(back).state_hash(), back


def test_a_thinned_history_forgets_when_all_is_needed(build):
    with Chip("attiny85", build("ticks.c", "attiny85")) as chip:
        history = chip.keep_history(interval_cycles=1_000, bytes_max=1 << 18, is_thinned=True)
        for n in range(60):
            chip.run(500)
            chip.sram[100] = n
        assert history.begin > 0
        assert history.size_bytes <= history.bytes_max
