# SPDX-License-Identifier: GPL-3.0-or-later
"""Executions and cycles by instruction, against hand counts and against single steps."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import opcodes
import pytest
from opcodes import assemble, mnemonic

from pyavr_sim import Chip, FirmwareFault, NotTrackedError, Policy, Profile, StopReason, until

SLEEP = 0x9588
RESPONSE = 4
#: Data addresses of TCCR0B and TIMSK0.
TIMER_0 = {"attiny13a": (0x53, 0x59), "attiny1634": (0x3A, 0x5A), "atmega328p": (0x45, 0x6E)}
#: Nothing stops a random program.
GO_ON = Policy(
    out_of_range="record",
    stack_collision="record",
    erased_flash="record",
    illegal_instruction="record",
)


def runs_to_an_end(chip: Chip, cycles: int) -> bool:
    try:
        return chip.run(cycles).reason is StopReason.ENDED
    except FirmwareFault:
        return True  # of libsimavr's own


def lacks(chip: Chip, name: str) -> bool:
    """Whether the core has no such instruction; with GO_ON it is a NOP."""
    return (
        ("mul" in name and not chip.description.has_mul)
        or (name in ("jmp", "call") and chip.description.flash_bytes <= 8192)
        or name.startswith("elpm")
    )


class Manual:
    """What the manual says that the next instruction takes."""

    def __init__(self, chip: Chip) -> None:
        code = chip.flash.view("<u2")
        self.at = chip.pc // 2 % len(code)
        self.words = len(code)
        self.word = int(code[self.at])
        name = "sbrs" if self.word == 0xFFFF else mnemonic(self.word)  # as silicon takes it
        self.name = "nop" if name is None or lacks(chip, name) else name
        self.sp, self.sreg = chip.sp, chip.sreg

    def cycles(self, chip: Chip, took: int) -> int:
        """The chip has executed it in a step of ``took`` cycles, and taken an interrupt perhaps."""
        if self.name in ("brbs", "brbc"):
            return 1 + ((self.sreg >> (self.word & 7) & 1) == (self.name == "brbs"))
        if self.name in ("cpse", "sbrc", "sbrs", "sbic", "sbis"):
            interrupted = chip.sp != self.sp
            return took - RESPONSE if interrupted else (chip.pc // 2 - self.at) % self.words
        return opcodes.cycles(self.name)


def stepped(chip: Chip, cycles: int) -> tuple[np.ndarray, np.ndarray, int]:
    """Run instruction by instruction; hits and cycles by word, and the cycles asleep.

    What a step takes beyond its instruction, the CPU stood still or an interrupt was taken.
    """
    hits, taken = np.zeros((2, chip.description.flash_bytes // 2), np.uint64)
    asleep, cycles_asleep = False, 0
    while chip.cycle < cycles:
        pc, cycle = chip.pc, chip.cycle
        word = pc // 2 % len(hits)  # past the end of flash a chip goes on at its start
        instruction = Manual(chip)
        ended = runs_to_an_end(chip, 1)
        if asleep:
            cycles_asleep += chip.cycle - cycle
            asleep = chip.pc == pc
        else:
            hits[word] += 1
            asleep = int(chip.flash[2 * word : 2 * word + 2].view("<u2")[0]) == SLEEP
            taken[word] += instruction.cycles(chip, chip.cycle - cycle)
        if ended:
            break
    return hits, taken, cycles_asleep


def assert_complete(chip: Chip) -> Profile:
    profile = chip.profile()
    assert profile.cycles_total == chip.cycle
    return profile


def random_flow(dice: np.random.Generator, words: int) -> np.ndarray:
    """Random words, half of them changes of flow to near by, so that much is executed often."""
    program = dice.integers(0, 65536, words).astype(np.uint16)
    kinds = dice.integers(0, 16, words)
    near = dice.integers(-12, 30, words)
    program = np.where(kinds < 3, 0xF000 | (near & 0x7F) << 3 | program & 0x407, program)
    program = np.where(kinds == 3, 0xC000 | near & 0xFFF, program)  # RJMP
    program = np.where(kinds == 4, 0xD000 | near & 0xFFF, program)  # RCALL
    program = np.where(kinds == 5, 0x9508, program)  # RET
    program = np.where(kinds == 6, 0xFC00 | program & 0x3F7, program)  # SBRC, SBRS
    program = np.where(kinds == 7, 0x1000 | program & 0x3FF, program)  # CPSE
    program = np.where(kinds == 8, 0x9900 | program & 0x2FF, program)  # SBIC, SBIS
    program = np.where(kinds == 9, 0xE000 | program & 0xFFF, program)  # LDI
    return np.where(kinds == 10, 0x9100 | program & 0x2F0, program).astype("<u2")  # LDS, STS


def start_timer(mcu: str) -> list[int]:
    """Timer 0 counts every cycle, and interrupts."""
    clock, mask = TIMER_0[mcu]
    words = assemble("ldi", d=0, K=1) + assemble("sts", d=16, k=clock)
    words += assemble("ldi", d=0, K=0xFF) + assemble("sts", d=16, k=mask)
    return words + assemble("bset", s=7)


@pytest.mark.parametrize("mcu", TIMER_0)
def test_counts_of_random_programs_equal_single_steps(mcu):
    """In one run, in random slices, and step by step."""
    dice = np.random.default_rng(85)
    executed = stood_still = 0
    for seed in range(60):
        with (
            Chip(mcu, seed=seed, policy=GO_ON) as single,
            Chip(mcu, seed=seed, policy=GO_ON) as whole,
            Chip(mcu, seed=seed, policy=GO_ON) as sliced,
        ):
            program = random_flow(dice, single.description.flash_bytes // 2)
            program[: len(start_timer(mcu))] = start_timer(mcu)
            for chip in (single, whole, sliced):
                chip.flash[:] = program.view(np.uint8)
            hits, cycles, asleep = stepped(single, 600)
            runs_to_an_end(whole, 600)
            while sliced.cycle < 600:
                if runs_to_an_end(sliced, int(min(dice.integers(1, 90), 600 - sliced.cycle))):
                    break
            for chip in (single, whole, sliced):
                profile = assert_complete(chip)
                np.testing.assert_array_equal(profile.hits, hits)
                between = profile.cycles_halted + profile.cycles_interrupt_response
                np.testing.assert_array_equal(profile.cycles, cycles)
                assert chip.cycle == single.cycle == cycles.sum() + between + asleep
                assert profile.cycles_asleep == asleep
            stood_still += between
            executed += int(hits.sum())
    assert executed > 60 * 200
    assert stood_still > 60


def test_hand_counted_flow(build):
    """counted.S: a loop of five, a call, skips both ways, a word behind a skip, an operand."""
    with Chip("attiny85", build("counted.S", "attiny85", "-nostartfiles")) as chip:
        chip.run(1000, until=until.symbol("finish"))

        profile = assert_complete(chip)
        begin = chip.symbols["begin"].address // 2
        part = slice(begin, begin + 19)
        hits = [1, 5, 5, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 0]
        cycles = [1, 5, 9, 3, 2, 1, 1, 1, 2, 2, 2, 2, 2, 1, 2, 2, 0, 2, 0]
        assert profile.hits[part].tolist() == hits
        assert profile.cycles[part].tolist() == cycles
        routine = profile.by_function()["routine"]
        assert (routine.instructions, routine.cycles) == (3, 6)


def test_a_branch_costs_two_cycles_when_taken_and_a_skip_what_it_skips():
    program = [
        0xFC00,  # sbrc r0,0: bit 0 is clear, skips the LDS: 3 cycles
        *(0x9100, 0x0060),  # lds r16,0x60
        0x1001,  # cpse r0,r1: equal, skips one word: 2 cycles
        0x0000,
        0x1002,  # cpse r0,r2: not equal: 1 cycle
        0xF009,  # breq .+2: Z is clear: 1 cycle
        0xF409,  # brne .+2: 2 cycles
        0x0000,
        0x9598,  # break: 1 cycle
        0x0000,  # nop: 1 cycle
        *(0x940C, 0x000B),  # jmp .-2: 3 cycles each
    ]
    with Chip("atmega328p") as chip:
        chip.flash[: 2 * len(program)] = np.array(program, "<u2").view(np.uint8)
        chip.registers[:3] = 0, 0, 1
        chip.sreg = 0
        chip.run(11 + 3 * 4)

        profile = assert_complete(chip)
        assert profile.hits[:13].tolist() == [1, 0, 0, 1, 0, 1, 1, 1, 0, 1, 1, 4, 0]
        assert profile.cycles[:13].tolist() == [3, 0, 0, 2, 0, 1, 1, 2, 0, 1, 1, 12, 0]


@pytest.mark.parametrize("mcu", ["attiny85", "attiny1634", "atmega328p"])
def test_interrupts_count_where_they_lead_and_where_they_return_to(build, mcu):
    firmware = build("ticks.c", mcu)
    with Chip(mcu, firmware) as single, Chip(mcu, firmware) as whole:
        hits, _, _ = stepped(single, 100_000)
        whole.run(100_000)

        for chip in (single, whole):
            profile = assert_complete(chip)
            np.testing.assert_array_equal(profile.hits, hits)
            assert profile.hits.sum() > 10_000
            number = {"attiny85": 5, "attiny1634": 12, "atmega328p": 16}[mcu]
            handler = chip.symbols[f"__vector_{number}"]
            ticks = int(chip.var("ticks")[()])
            assert ticks > 100
            assert profile.hits[handler.address // 2] == ticks


def test_cycles_asleep_are_counted_apart(build):
    with Chip("attiny1634", build("nap.c", "attiny1634")) as chip:
        chip.run(50_000)
        assert assert_complete(chip).cycles_asleep > 49_000
        chip.pin("A0").drive(True)
        chip.run(50_000)
        profile = assert_complete(chip)
        assert 98_000 < profile.cycles_asleep < 100_000
        assert chip.var("wakes")[()] == 1


def test_polling_an_io_register_counts_its_skips(build):
    """SBIS on a UART's flag takes the slow way."""
    firmware = build("echo.c", "attiny1634")
    with Chip("attiny1634", firmware) as single, Chip("attiny1634", firmware) as whole:
        for chip in (single, whole):
            chip.uart(0).write(b"poll")
        hits, _, _ = stepped(single, 30_000)
        whole.run(30_000)
        np.testing.assert_array_equal(assert_complete(whole).hits, hits)


@pytest.mark.parametrize("mcu", ["attiny1634", "atmega328p"])
def test_counts_survive_self_programming(build, mcu):
    with Chip(mcu, build("selfprog.c", mcu)) as chip:
        chip.run(1_000_000, until=until.ended())
        profile = assert_complete(chip)
        start = (chip.description.flash_bytes - 4 * (128 if mcu == "atmega328p" else 32)) // 2
        assert profile.hits[start : start + 3].tolist() == [1, 1, 0]


def test_counts_survive_flash_written_from_python():
    with Chip("attiny85") as chip:
        chip.flash[:4] = [0x00, 0x00, 0xFE, 0xCF]  # nop; rjmp .-4: 3 cycles a round
        chip.run(30)
        chip.flash[2:6] = [0x00, 0x00, 0xFD, 0xCF]  # nop; nop; rjmp .-6: 4 cycles a round
        chip.run(40)
        profile = assert_complete(chip)
        assert profile.hits[:3].tolist() == [20, 20, 10]
        assert profile.cycles[:3].tolist() == [20, 30, 20]


def test_counts_survive_resets_and_a_moved_program_counter(build):
    with Chip("attiny85", build("dog.c", "attiny85")) as chip:
        chip.run(10_000_000, until=until.ended())  # the watchdog resets it twice
        assert assert_complete(chip).hits[0] == chip.resets + 1 == 3
        chip.reset()
        chip.run(1)
        assert assert_complete(chip).hits[0] == 4
        main = chip.symbols["main"].address
        before = int(chip.profile().hits[main // 2])
        chip.pc = main
        chip.run(1)
        assert assert_complete(chip).hits[main // 2] == before + 1


ASK: dict[str, Callable[[Chip], object]] = {
    "profile": lambda chip: chip.profile(),
    "sram_accesses": lambda chip: chip.sram_accesses,
    "calls": lambda chip: chip.calls,
    "calls_deepest": lambda chip: chip.calls_deepest,
}


@pytest.mark.parametrize("ask", ASK)
def test_without_tracking_a_profile_is_refused_and_the_rest_is_the_same(build, ask):
    firmware = build("ticks.c", "attiny85")
    with Chip("attiny85", firmware, tracking=False) as bare, Chip("attiny85", firmware) as chip:
        for each in (bare, chip):
            each.run(1_000_000, until=until.ended())
        assert (bare.cycle, bare.stack_high_water) == (chip.cycle, chip.stack_high_water)
        assert bare.findings == chip.findings
        np.testing.assert_array_equal(bare.data, chip.data)
        with pytest.raises(NotTrackedError, match="tracking=True"):
            ASK[ask](bare)
