# SPDX-License-Identifier: GPL-3.0-or-later
"""The shadow call stack, and its copy from the moment when the stack was deepest."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
import pytest

from pyavr_sim import Chip, FirmwareFault, StackCollisionError, until

SPL, SPH = 0x5D, 0x5E


def powered(program: dict[int, int]) -> Chip:
    chip = Chip("attiny85")
    for word, value in program.items():
        chip.flash[2 * word : 2 * word + 2] = [value & 0xFF, value >> 8]
    return chip


@pytest.mark.parametrize("mcu", ["attiny85", "attiny1634", "atmega328p"])
@pytest.mark.parametrize("way", ["SPH_FIRST", "LOW_FIRST", "BY_STORE"])
def test_the_deepest_chain_of_a_stack_counted_by_hand(build, mcu, way):
    """stack.S: outer takes its return address, two registers, 252 bytes; leaf 2 and a register."""
    with Chip(mcu, build("stack.S", mcu, "-nostartfiles", f"-D{way}")) as chip:
        chip.run(100, until=until.symbol("framed"))
        assert [frame.stack_bytes for frame in chip.calls_deepest.frames] == [0, 256]

        chip.run(1000, until=until.ended())
        chain = chip.calls_deepest
        address = {name: chip.symbols[name].address for name in ("done", "outer", "framed", "leaf")}
        assert [(f.address, f.call_site, f.stack_bytes) for f in chain.frames] == [
            (0, None, 0),
            (address["outer"], address["done"] - 2, 256),
            (address["leaf"], address["framed"], 3),
        ]
        end = chip.description.sram_end
        assert [frame.sp for frame in chain.frames] == [end, end - 2, end - 258]
        assert chain.pc == address["leaf"]  # its push
        assert chain.sp == end - 259
        assert chain.stack_bytes == chip.stack_high_water == 259
        assert not any(frame.is_interrupt for frame in chain.frames)
        assert [frame.call_site for frame in chip.calls.frames] == [None]


@pytest.mark.parametrize("mcu", ["attiny85", "attiny1634", "atmega328p"])
def test_an_interrupt_is_a_frame_of_its_handler(build, mcu):
    with Chip(mcu, build("interrupted.S", mcu)) as chip:
        chip.run(1000, until=until.ended())

        chain = chip.calls_deepest
        frame = chain.frames[-1]
        ready = chip.symbols["ready"].address
        assert [f.stack_bytes for f in chain.frames] == [0, 2, 5]
        assert [f.is_interrupt for f in chain.frames] == [False, False, True]
        assert frame.call_site in (ready, ready + 2)
        handler = {"attiny85": 5, "attiny1634": 12, "atmega328p": 16}[mcu]
        assert frame.address == chip.symbols[f"__vector_{handler}"].address
        assert chip.calls.frames[-1].is_interrupt is False


def test_the_calls_in_progress_are_those_not_yet_returned(build):
    with Chip("attiny85", build("ticks.c", "attiny85")) as chip:
        chip.run(10_000, until=until.symbol("step"))
        assert [f.function for f in chip.calls.frames][1:] == ["main", "step"]
        assert chip.calls.frames[-1].stack_bytes == 2
        assert chip.calls.stack_bytes == chip.description.sram_end - chip.sp


@pytest.mark.parametrize("mcu", ["attiny85", "atmega328p"])
def test_frames_left_by_longjmp_are_gone(build, mcu):
    with Chip(mcu, build("jumps_out.c", mcu)) as chip:
        chip.run(100_000, until=until.symbol("bottom"))
        names = [frame.function for frame in chip.calls.frames][1:]
        assert names == ["main", "deeper", "bottom"]
        chip.run(100_000, until=until.ended())
        deepest = chip.calls_deepest
        assert [frame.function for frame in deepest.frames][1:] == names
        assert deepest.stack_bytes == chip.stack_high_water
        assert "bottom" in str(deepest)


def test_a_call_to_the_next_instruction_makes_room_and_is_no_frame():
    program = {
        0: 0xD001,  # rcall 2
        1: 0xCFFF,
        2: 0xD000,  # rcall .+0: two bytes of room
        3: 0xD003,  # rcall 7
        4: 0x910F,  # pop, pop, ret
        5: 0x910F,
        6: 0x9508,
        7: 0x9508,  # ret
    }
    with powered(program) as chip:
        chip.run(100)
        frames = chip.calls_deepest.frames
        assert [(f.address, f.call_site, f.stack_bytes) for f in frames] == [
            (0, None, 0),
            (4, 0, 4),
            (14, 6, 2),
        ]
        assert len(chip.calls.frames) == 1


def test_a_switch_to_another_stack_and_back_leaves_no_stale_frame():
    """A call on the main stack, one on a stack 256 bytes below, back, and another call."""
    program = {
        0: 0xD009,  # rcall 10
        1: 0xD018,  # rcall 26
        2: 0xCFFF,
        10: 0xB6DE,  # in r13,SPH
        11: 0xBE0E,  # out SPH,r0: r0 is SPH - 1
        12: 0xD007,  # rcall 20
        13: 0xBEDE,  # out SPH,r13
        14: 0xB7CD,  # in r28,SPL; out SPL: a pair of writes is a whole setting
        15: 0xBFCD,
        16: 0x9508,
        20: 0x9508,
        26: 0x9508,
    }
    with powered(program) as chip:
        chip.data[SPL], chip.data[SPH] = 0x40, 0x02
        chip.registers[0] = 1
        chip.run(10_000, until=until.address(2 * 20))
        assert [f.address for f in chip.calls.frames] == [0, 20, 40]
        chip.run(10_000, until=until.address(2 * 26))
        assert [f.address for f in chip.calls.frames] == [0, 52]
        chip.run(10_000, until=until.address(4))
        assert [f.address for f in chip.calls.frames] == [0]


def test_a_return_by_a_pushed_address_leaves_no_frame_and_loses_none():
    program = {
        0: 0xD001,  # rcall 2
        1: 0xCFFF,
        2: 0xE006,  # ldi r16,6; push; clr; push; ret: a computed jump
        3: 0x930F,
        4: 0x921F,  # push r1, which is 0
        5: 0x9508,
        6: 0x0000,
        7: 0x9508,
    }
    with powered(program) as chip:
        chip.registers[1] = 0
        chip.run(100, until=until.address(12))
        assert [f.address for f in chip.calls.frames] == [0, 4]
        chip.run(100, until=until.address(2))
        assert [f.address for f in chip.calls.frames] == [0]


def test_a_reset_forgets_the_calls_in_progress(build):
    with Chip("attiny85", build("ticks.c", "attiny85")) as chip:
        chip.run(10_000, until=until.symbol("step"))
        chip.reset()
        assert len(chip.calls.frames) == 1
        assert len(chip.calls_deepest.frames) > 1


def test_recursion_is_a_frame_each_until_it_meets_static_data(build):
    with Chip("attiny85", build("faults.c", "attiny85", "-DFAULT=4")) as chip:
        with pytest.raises(StackCollisionError):
            chip.run(100_000)
        recursions = [f for f in chip.calls_deepest.frames if f.function == "recurse"]
        assert len(recursions) > 100
        assert {f.stack_bytes for f in recursions[:-1]} == {recursions[0].stack_bytes}
        assert chip.calls_deepest.stack_bytes == chip.stack_high_water


@pytest.mark.parametrize("mcu", ["attiny13a", "atmega328p"])
def test_bytes_add_up_to_the_high_water_mark_whatever_a_program_does(mcu):
    dice = np.random.default_rng(13)
    deep = 0
    for seed in range(150):
        with Chip(mcu, seed=seed) as chip:
            program = dice.integers(0, 65536, chip.flash.size // 2).astype("<u2")
            calls = dice.random(program.size) < 0.3
            program[calls] = 0xD000 | (dice.integers(-40, 40, calls.sum()) & 0xFFF)
            chip.flash[:] = program.view(np.uint8)
            with suppress(FirmwareFault):
                chip.run(3000)
            chain = chip.calls_deepest
            assert chain.stack_bytes == chip.stack_high_water
            sps = [frame.sp for frame in chain.frames]
            assert sps == sorted(sps, reverse=True)
            deep += len(chain.frames) > 5
    assert deep > 30
