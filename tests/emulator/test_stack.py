# SPDX-License-Identifier: GPL-3.0-or-later
"""The stack's high-water mark and the SRAM that is really touched, against hand counts."""

from __future__ import annotations

import numpy as np
import pytest

from pyavr_sim import Chip, until


@pytest.mark.parametrize("mcu", ["attiny85", "attiny1634", "atmega328p"])
@pytest.mark.parametrize("way", ["SPH_FIRST", "LOW_FIRST", "BY_STORE"])
def test_the_high_water_mark_is_exact_and_blind_to_half_written_stack_pointers(build, mcu, way):
    firmware = build("stack.S", mcu, "-nostartfiles", f"-D{way}")
    with Chip(mcu, firmware) as chip:
        assert chip.stack_high_water == 0
        chip.run(100, until=until.symbol("outer"))
        assert chip.stack_high_water == 2
        chip.run(100, until=until.symbol("framed"))
        assert chip.stack_high_water == 256  # nothing was pushed there yet
        chip.run(100, until=until.symbol("leaf"))
        assert chip.stack_high_water == 258
        chip.run(100, until=until.symbol("done"))
        assert chip.stack_high_water == 259
        assert chip.sp == chip.description.sram_end


def test_touched_bytes_are_those_pushed_not_the_frame(build):
    firmware = build("stack.S", "attiny1634", "-nostartfiles")
    with Chip("attiny1634", firmware) as chip:
        chip.run(1000, until=until.ended())

        end = chip.description.sram_bytes
        expected = np.zeros(end, bool)
        expected[end - 4 :] = True  # return address, r16, r17
        expected[end - 259 : end - 256] = True  # return address, r18
        np.testing.assert_array_equal(chip.sram_touched_map, expected)
        assert chip.sram_touched == 7


@pytest.mark.parametrize("mcu", ["attiny85", "attiny1634", "atmega328p"])
def test_an_interrupt_counts_with_what_it_pushes_itself(build, mcu):
    with Chip(mcu, build("interrupted.S", mcu)) as chip:
        chip.run(1000, until=until.symbol("ready"))
        assert chip.stack_high_water == 2
        chip.run(1000, until=until.ended())

        assert chip.stack_high_water == 7
        assert chip.sram_touched == 7
        assert chip.sram_high_water == chip.static_bytes + 7


def test_static_bytes_are_those_of_the_image(build):
    with Chip("attiny85", build("ticks.c", "attiny85")) as chip:
        chip.run(1_000_000, until=until.ended())

        assert chip.static_bytes == 6  # a uint16_t and a uint32_t
        touched_static = chip.sram_touched_map[:6]
        assert touched_static.all()
        assert chip.sram_touched <= chip.sram_high_water


def test_loads_and_stores_of_every_kind_are_touched(build):
    """ST and LD by pointer, displacement, pre-decrement, and by address."""
    with Chip("attiny85", build("counted.S", "attiny85", "-nostartfiles")) as chip:
        chip.run(1000, until=until.symbol("finish"))

        end = chip.description.sram_bytes
        buffer = end - 16  # RAMEND - 15
        touched = set(np.flatnonzero(chip.sram_touched_map).tolist())
        assert touched == {buffer, buffer + 3, end - 1, end - 2}


def test_statistics_survive_a_reset(build):
    with Chip("attiny85", build("ticks.c", "attiny85")) as chip:
        chip.run(1_000_000, until=until.ended())
        before = chip.stack_high_water, chip.sram_touched
        chip.reset()
        assert (chip.stack_high_water, chip.sram_touched) == before
