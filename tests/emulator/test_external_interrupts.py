# SPDX-License-Identifier: GPL-3.0-or-later
"""INT0 at a low level asks as long as that lasts, and no longer.

Source: ATmega328P datasheet (Atmel-8271), "External Interrupts", "EIFR"; the others say the same.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from shim_program import SANITIZED, build_shim_program

from pyavr_sim import Chip

PINS = {
    "attiny13a": "B1",
    "attiny85": "B2",
    "attiny88": "D2",
    "attiny841": "B2",
    "attiny1634": "C2",
    "atmega328p": "D2",
}
RUN = 2_000


def power_up(build, mcu: str, *flags: str, **settings: int) -> Chip:
    """Run level.c to its loop with INT0's pin high; settings are its variables."""
    chip = Chip(mcu, build("level.c", mcu, *flags), seed=3)
    chip.pin(PINS[mcu]).drive(True)
    chip.run(RUN)
    assert chip.var("ready") == 1
    for name, value in settings.items():
        chip.var(name)[()] = value
    chip.run(RUN)
    assert chip.var("taken") == 0
    return chip


def taken_in_a_run(chip: Chip) -> int:
    before = int(chip.var("taken"))
    chip.run(RUN)
    return int(chip.var("taken")) - before


@pytest.fixture(params=PINS)
def mcu(request):
    return request.param


def test_it_asks_as_long_as_the_pin_is_low(build, mcu):
    with power_up(build, mcu, enabled=1) as chip:
        for _ in range(3):
            chip.pin(PINS[mcu]).drive(False)
            assert taken_in_a_run(chip) > 10
            assert taken_in_a_run(chip) > 10
            chip.pin(PINS[mcu]).drive(True)
            assert taken_in_a_run(chip) <= 1  # one may have begun
            assert taken_in_a_run(chip) == 0
        assert not chip.var("flags") & 0x40 or mcu.startswith("atmega")
        assert not chip.var("flags") & 0x01 or not mcu.startswith("atmega")


def test_the_main_program_goes_on_by_an_instruction_after_each(build, mcu):
    with power_up(build, mcu, enabled=1) as chip:
        chip.pin(PINS[mcu]).drive(False)
        before = int(chip.var("loops"))
        assert taken_in_a_run(chip) > 10
        assert chip.var("loops") > before


def test_a_pin_that_is_low_when_it_is_enabled_counts(build, mcu):
    with power_up(build, mcu, enabled=0) as chip:
        chip.pin(PINS[mcu]).drive(False)
        assert taken_in_a_run(chip) == 0
        chip.var("enabled")[()] = 1
        assert taken_in_a_run(chip) > 10


def test_its_handler_may_turn_it_off_and_the_program_on_again(build, mcu):
    with power_up(build, mcu, enabled=1, once=1) as chip:
        chip.pin(PINS[mcu]).drive(False)
        assert taken_in_a_run(chip) > 10


def test_a_level_that_is_over_is_forgotten(build, mcu):
    """However often, and without filling libsimavr's queue of 64."""
    with power_up(build, mcu, enabled=1, deaf=1) as chip:
        for _ in range(100):
            chip.pin(PINS[mcu]).drive(False)
            chip.run(50)
            chip.pin(PINS[mcu]).drive(True)
        chip.var("deaf")[()] = 0
        assert taken_in_a_run(chip) == 0
        chip.pin(PINS[mcu]).drive(False)
        assert taken_in_a_run(chip) > 10


def test_a_reset_finds_the_pin_still_low(build, mcu):
    with power_up(build, mcu, enabled=1) as chip:
        chip.pin(PINS[mcu]).drive(False)
        assert taken_in_a_run(chip) > 10
        chip.reset()
        chip.run(RUN)
        chip.var("enabled")[()] = 1
        assert taken_in_a_run(chip) > 10


def test_a_snapshot_goes_back_to_a_low_pin(build, mcu):
    with power_up(build, mcu, enabled=1) as chip:
        chip.pin(PINS[mcu]).drive(False)
        chip.run(RUN)
        snapshot = chip.snapshot()
        expected = taken_in_a_run(chip), chip.state_hash()
        for _ in range(3):
            chip.pin(PINS[mcu]).drive(True)
            chip.run(RUN)
            chip.restore(snapshot)
            assert (taken_in_a_run(chip), chip.state_hash()) == expected


def test_a_falling_edge_asks_once(build, mcu):
    with power_up(build, mcu, "-DFALLING", enabled=1) as chip:
        chip.pin(PINS[mcu]).drive(False)
        assert taken_in_a_run(chip) == 1
        assert taken_in_a_run(chip) == 0


@pytest.mark.parametrize("length", [3, pytest.param(4, marks=pytest.mark.long)])
def test_a_low_pin_does_no_harm_in_any_order_of_events(tmp_path, length):
    """Snapshot, restore, reset, low, high, run: all orders of so many; it leaks nothing."""
    driver = Path(__file__).parent / "level_pin_driver.c"
    program = build_shim_program(driver, tmp_path, SANITIZED)

    done = subprocess.run([program, str(length)], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    by_datasheet, as_simavr = map(int, done.stdout.split())
    assert by_datasheet > 6**length // 2
    assert as_simavr > 0
