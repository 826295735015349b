# SPDX-License-Identifier: GPL-3.0-or-later
"""First write, last access and owner of every SRAM byte, against hand counts."""

from __future__ import annotations

import numpy as np
import pytest

from pyavr_sim import Chip, until


def test_every_stamp_of_a_program_counted_by_hand():
    program = [
        *(0x9300, 0x70),  # 0: sts 0x70,r16     cycle 0
        *(0x9300, 0x70),  # 4: sts 0x70,r16     2
        *(0x9100, 0x70),  # 8: lds r16,0x70     4
        *(0x9100, 0x71),  # 12: lds r16,0x71    6, never written
        0x930F,  # 16: push r16                 8
        0x910F,  # 18: pop r16                  10
        0xD001,  # 20: rcall 24                 12
        0xCFFF,  # 22
        0x9508,  # 24: ret                      15
    ]
    with Chip("attiny85") as chip:
        chip.flash[: 2 * len(program)] = np.array(program, "<u2").view(np.uint8)
        chip.run(60)
        seen = chip.sram_accesses
        start, end = chip.description.sram_start, chip.description.sram_end
        expected = {  # first write, last access, last write
            0x70: (0, 0, 4, 8, 4),
            0x71: (-1, -1, 6, 12, -1),
            end: (8, 16, 15, 24, 20),
            end - 1: (12, 20, 15, 24, 20),
        }
        for address in range(start, end + 1):
            at = address - start
            found = (
                seen.first_write_cycle[at],
                seen.first_write_pc[at],
                seen.last_access_cycle[at],
                seen.last_access_pc[at],
                seen.last_write_pc[at],
            )
            assert found == expected.get(address, (-1,) * 5), hex(address)


@pytest.mark.parametrize("mcu", ["attiny85", "attiny1634", "atmega328p"])
def test_a_byte_belongs_to_the_function_that_wrote_it_last(build, mcu):
    with Chip(mcu, build("ticks.c", mcu)) as chip:
        chip.run(10_000, until=until.symbol("main"))
        seen = chip.sram_accesses
        total, ticks = chip.symbols["sum"].address, chip.symbols["ticks"].address
        assert seen.owner(total) == seen.owner(ticks) != "main"  # start code clears .bss
        chip.run(1_000_000, until=until.ended())
        seen = chip.sram_accesses
        assert seen.owner(total) == "step"
        assert "__vector_" in str(seen.owner(ticks))
        assert seen.bytes_by_owner()["step"] >= 4
        assert sum(seen.bytes_by_owner().values()) == (seen.first_write_cycle >= 0).sum()
        assert (seen.first_write_cycle <= seen.last_access_cycle).all()
        np.testing.assert_array_equal(seen.last_access_cycle >= 0, chip.sram_touched_map)


def test_an_owner_outside_sram_is_refused():
    with Chip("attiny85") as chip, pytest.raises(IndexError, match="0x0060 to 0x025F"):
        chip.sram_accesses.owner(0x260)


def test_stamps_are_the_same_in_lines_and_in_single_steps(build):
    firmware = build("ticks.c", "atmega328p")
    with Chip("atmega328p", firmware) as single, Chip("atmega328p", firmware) as whole:
        whole.run(20_000)
        while single.cycle < 20_000:
            single.run(1)
        for name in ("first_write_cycle", "first_write_pc", "last_access_cycle", "last_access_pc"):
            np.testing.assert_array_equal(
                getattr(single.sram_accesses, name), getattr(whole.sram_accesses, name)
            )
        np.testing.assert_array_equal(
            single.sram_accesses.last_write_pc, whole.sram_accesses.last_write_pc
        )


def test_a_byte_that_is_pushed_again_belongs_to_the_second_push():
    with Chip("attiny85") as chip:
        program = np.array([0x930F, 0x910F, 0x930F, 0xCFFF], "<u2")  # push, pop, push r16
        chip.flash[:8] = program.view(np.uint8)
        chip.run(20)
        seen = chip.sram_accesses
        assert (seen.first_write_pc[-1], seen.last_write_pc[-1]) == (0, 4)
        assert (seen.last_access_cycle[-1], seen.last_access_pc[-1]) == (4, 4)
