# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs: exact cycles, conditions, limits."""

from __future__ import annotations

import itertools
import random
import time

import numpy as np
import pytest

from pyavr_sim import (
    Chip,
    CycleLimitError,
    FirmwareEndedError,
    FirmwareFault,
    PortError,
    StopReason,
    SymbolError,
    UnknownSymbolError,
    until,
)

CHIPS = ["attiny13a", "attiny85", "attiny1634", "atmega88p", "atmega168p", "atmega328p"]


@pytest.fixture
def values(build):
    with Chip("atmega328p", build("values.c", "atmega328p")) as chip:
        yield chip


@pytest.mark.parametrize("mcu", CHIPS)
def test_a_hand_counted_sequence_takes_its_cycles_on_every_chip(build, mcu):
    with Chip(mcu, build("counted.S", mcu, "-nostartfiles")) as chip:
        timer = chip.time("routine")
        begin = chip.run(100, until=until.symbol("begin"))
        finish = chip.run(100, until=until.symbol("finish"))

        assert begin.cycle == (3 if mcu == "attiny13a" else 4)
        assert finish.cycle - begin.cycle == 46
        assert finish.reason is StopReason.ADDRESS
        assert finish.pc == chip.symbols["finish"].address
        assert (timer.calls, timer.cycles_total) == (1, 6)


def test_one_cycle_steps_one_instruction(build):
    with Chip("attiny85", build("counted.S", "attiny85", "-nostartfiles")) as chip:
        steps = [chip.run(1) for _ in range(5)]

        assert [stop.pc for stop in steps] == [2, 4, 6, 8, 10]
        assert [stop.cycle for stop in steps] == [1, 2, 3, 4, 5]


ALIKE = [
    *itertools.product(["attiny85"], ["ticks.c", "values.c", "timed.c", "dog.c", "eeprom.c"]),
    *itertools.product(
        ["attiny1634", "atmega328p"],
        ["ticks.c", "values.c", "timed.c", "dog.c", "eeprom.c", "flood.c", "echo.c", "sense.c"],
    ),
]


@pytest.mark.parametrize(("mcu", "source"), ALIKE)
def test_runs_of_any_length_lead_to_the_same_state(build, mcu, source):
    """A burst of instructions must not differ from single steps."""
    firmware = build(source, mcu, "-DADMUX_VALUE=0x40")
    dice = random.Random(source + mcu)

    def state(chip):
        cycle, pc, sreg = chip.cycle, chip.pc, chip.sreg
        return cycle, pc, sreg, chip.stack_high_water, chip.sram_touched, chip.data.tobytes()

    with Chip(mcu, firmware) as whole, Chip(mcu, firmware) as pieces, Chip(mcu, firmware) as steps:
        for chip in (whole, pieces, steps):
            if chip.description.uarts:
                chip.uart(0).write(bytes(range(100)))
        for _ in range(20):
            target = whole.run(dice.randrange(1, 3000)).cycle
            while pieces.cycle < target:
                pieces.run(dice.randrange(1, 1 + target - pieces.cycle))
            while steps.cycle < target:
                steps.run(1)
            assert state(pieces) == state(whole)
            assert state(steps) == state(whole)


@pytest.mark.parametrize("mcu", ["attiny85", "attiny1634", "atmega328p"])
def test_random_programs_step_as_they_run(mcu):
    """Every opcode, in every neighbourhood: one run and single steps meet the same end."""

    def outcome(chip, cycles_each):
        try:
            while chip.cycle < 200:
                chip.run(cycles_each)
        except FirmwareFault as fault:
            return str(fault), chip.sram_touched, chip.stack_high_water, chip.data.tobytes()
        return chip.cycle, chip.pc, chip.sram_touched, chip.stack_high_water, chip.data.tobytes()

    for seed in range(300):
        program = np.random.default_rng(seed).integers(0, 256, 1024, np.uint8)
        with Chip(mcu, seed=seed) as whole, Chip(mcu, seed=seed) as steps:
            for chip in (whole, steps):
                chip.flash[:1024] = program
                # Pointers into SRAM, so that not every access is a fault.
                chip.registers[26:32] = [0x20, 1, 0x40, 1, 0x60, 1]
            assert outcome(whole, 200) == outcome(steps, 1)


def test_a_run_without_condition_ends_by_cycles_or_by_the_firmwares_end(values):
    assert values.run(1000).reason is StopReason.CYCLES
    assert 1000 <= values.cycle < 1004

    assert values.run(10_000_000).reason is StopReason.ENDED
    assert values.run(10).reason is StopReason.ENDED


def test_a_condition_that_does_not_come_is_a_cycle_limit_error(values):
    with pytest.raises(CycleLimitError, match=r"within 500 cycles.*pc 0x.*main") as caught:
        values.run(500, until=until.uart_bytes(1))
    assert caught.value.cycle >= 500
    assert caught.value.pc == values.pc


def test_an_end_before_the_condition_is_an_error_of_its_own(values):
    with pytest.raises(FirmwareEndedError, match="ended at pc"):
        values.run(10_000_000, until=until.uart_bytes(1))
    with pytest.raises(FirmwareEndedError):
        values.run(10, until=lambda chip: False)


def test_waiting_for_the_end_finds_it_or_the_limit(values):
    with pytest.raises(CycleLimitError):
        values.run(500, until=until.ended())
    assert values.run(10_000_000, until=until.ended()).reason is StopReason.ENDED


@pytest.mark.parametrize(
    ("target", "comparison", "number", "expected"),
    [
        ("small", "==", 200, 200),
        ("small", ">=", 254, 254),
        ("negative", "<", -20, -21),
        ("negative", "==", -63, -63),
        ("medium", ">=", 30_001, 30_060),
        ("medium", "!=", 0, 60),
        ("large", "<", -5_000_000, -5_100_000),
        ("table[2]", "==", 42, 42),
    ],
)
def test_values_are_compared_in_their_own_width_and_sign(
    values, target, comparison, number, expected
):
    values.run(2000, until=until.symbol("main"))
    # SRAM is random before .bss is cleared, so start from where main runs.
    values.data[0x100:0x120] = 0
    stop = values.run(1_000_000, until=until.value(target, comparison, number))

    assert stop.reason is StopReason.VALUE
    if values.var(target).itemsize == 1:
        assert values.var(target) == expected


def test_a_value_can_be_watched_by_address(values):
    values.run(10_000, until=until.symbol("main"))
    address = values.symbols["medium"].address
    stop = values.run(1_000_000, until=until.value(address, "==", 6000, size_bytes=2))

    assert values.var("medium") == 6000
    assert values.run(10, until=until.value(address, "==", 6000, size_bytes=2)) == stop


def test_a_python_condition_is_asked_between_slices(values):
    asked = []

    def condition(chip):
        asked.append(chip.cycle)
        return chip.cycle >= 5000

    stop = values.run(100_000, until=condition)

    assert stop.reason is StopReason.CONDITION
    assert 5000 <= stop.cycle < 6000
    assert all(b - a < 1010 for a, b in itertools.pairwise(asked))
    with pytest.raises(CycleLimitError):
        values.run(3000, until=lambda chip: False)


def test_a_symbol_is_reached_again_and_again(build):
    with Chip("attiny85", build("timed.c", "attiny85")) as chip:
        cycles = [chip.run(10_000, until=until.symbol("seven")).cycle for _ in range(6)]

        assert len(set(cycles)) == 6
        assert len({b - a for a, b in itertools.pairwise(cycles[:5])}) == 1


def test_wrong_arguments_are_refused(values):
    with pytest.raises(ValueError, match="cycles_max"):
        values.run(-1)
    with pytest.raises(TypeError):
        values.run(1.5)
    with pytest.raises(TypeError, match="condition"):
        values.run(10, until="main")
    with pytest.raises(UnknownSymbolError):
        values.run(10, until=until.symbol("nowhere"))
    with pytest.raises(UnknownSymbolError, match="expected code"):
        values.run(10, until=until.symbol("small"))
    with pytest.raises(SymbolError, match="expected one integer"):
        values.run(10, until=until.value("table", "==", 1))
    with pytest.raises(ValueError, match="data space"):
        values.run(10, until=until.value(0x900, "==", 1))
    with pytest.raises(ValueError, match="beyond the flash"):
        values.run(10, until=until.address(0x8000))
    with pytest.raises(ValueError, match="even"):
        until.address(3)
    with pytest.raises(ValueError, match="at least 1"):
        until.uart_bytes(0)
    with pytest.raises(PortError):
        values.run(10, until=until.uart_bytes(1, uart=3))
    with pytest.raises(ValueError, match="=="):
        until.value("small", "=>", 1)


def test_sleep_costs_emulated_time_only(build):
    with Chip("attiny1634", build("nap.c", "attiny1634"), hz=1_000_000) as chip:
        began = time.process_time(), time.monotonic()
        stop = chip.run(200_000_000)  # 200 emulated seconds

        assert stop.cycle == pytest.approx(200_000_000, abs=10)
        assert time.monotonic() - began[1] < 60
        assert chip.var("wakes") == 0


def test_a_firmware_runs_in_the_same_cycles_whatever_the_seed(build):
    firmware = build("ticks.c", "attiny1634")
    ends = set()
    for seed in (0, 1, 2**64 - 1):
        with Chip("attiny1634", firmware, seed=seed) as chip:
            ends.add((chip.run(10_000_000).cycle, int(chip.var("sum"))))
    assert len(ends) == 1
