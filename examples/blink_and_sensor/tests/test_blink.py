# SPDX-License-Identifier: GPL-3.0-or-later
"""One blink, on two chips."""

from itertools import pairwise

import pytest

UNO = pytest.mark.firmware("blink", mcu="atmega328p", hz=16_000_000)
DIGISPARK = pytest.mark.firmware("blink", mcu="attiny85", hz=8_000_000)

on_both_boards = pytest.mark.parametrize(
    "led",
    [pytest.param("B5", marks=UNO, id="uno"), pytest.param("B1", marks=DIGISPARK, id="digispark")],
)


@on_both_boards
@pytest.mark.no_uninitialised_reads
def test_the_led_toggles_every_half_second(chip, golden_run, led):
    run = golden_run(cycles_max=2 * chip.hz, pins=[led])  # as in golden/test_blink

    _, *toggled = run.pin_changes[0].cycles
    for before, after in pairwise(toggled):
        assert (after - before) / chip.hz == pytest.approx(0.5, abs=20e-6)


@on_both_boards
def test_the_chip_sleeps_most_of_the_time(chip, led):
    chip.run(cycles_max=chip.hz)

    assert chip.profile().cycles_asleep / chip.cycle > 0.98
