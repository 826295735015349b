# SPDX-License-Identifier: GPL-3.0-or-later
"""Findings: what is found, where, how often it is told, and what a policy makes of it."""

from __future__ import annotations

import numpy as np
import pytest

from pyavr_sim import (
    Chip,
    ErasedFlashError,
    FindingKind,
    IllegalInstructionError,
    OutOfRangeAccessError,
    Policy,
    Reaction,
    StackCollisionError,
    StopReason,
    UninitialisedReadError,
    chips,
    until,
)

CHIPS = [chip.name for chip in chips()]
RECORD = Policy(
    out_of_range="record",
    stack_collision="record",
    erased_flash="record",
    illegal_instruction="record",
)
SPL, SREG = 0x5D, 0x5F
LDS_R16, STS_R16, HALT = 0x9100, 0x9300, 0xCFFF  # HALT: rjmp .-2


def powered(mcu: str, program: list[int], *, seed: int = 0, policy: Policy | None = None) -> Chip:
    chip = Chip(mcu, seed=seed, policy=policy)
    chip.flash[: 2 * len(program)] = np.array(program, "<u2").view(np.uint8)
    return chip


def told(chip: Chip) -> list[tuple[FindingKind, int, int, int]]:
    return [(f.kind, f.pc, f.address, f.cycle) for f in chip.findings]


# Where SRAM begins and ends


@pytest.mark.parametrize("mcu", CHIPS)
def test_the_last_byte_of_sram_is_in_range_and_the_next_is_not(mcu):
    end = Chip(mcu).description.sram_end
    program = [STS_R16, end, LDS_R16, end, STS_R16, end + 1]
    with powered(mcu, program) as chip:
        with pytest.raises(OutOfRangeAccessError) as info:
            chip.run(100)
        assert (info.value.address, info.value.pc, info.value.cycle) == (end + 1, 8, 4)
        assert told(chip) == [(FindingKind.OUT_OF_RANGE_WRITE, 8, end + 1, 4)]


def test_a_store_below_address_311_is_found_on_the_smallest_chip():
    """Libsimavr checks nothing below the end of the largest I/O space."""
    with powered("attiny13a", [STS_R16, 0x9F, STS_R16, 0xA0]) as chip:
        with pytest.raises(OutOfRangeAccessError) as info:
            chip.run(100)
        assert (info.value.address, info.value.pc) == (0xA0, 4)


@pytest.mark.parametrize("mcu", CHIPS)
@pytest.mark.parametrize("beyond", [0, 1, 0xFFFF])
def test_recorded_accesses_out_of_range_give_zero_and_change_nothing(mcu, beyond):
    address = beyond if beyond == 0xFFFF else Chip(mcu).description.sram_end + 1 + beyond
    program = [0xE50A, STS_R16, address, LDS_R16, address, HALT]  # ldi r16,0x5A
    with powered(mcu, program, policy=RECORD) as chip:
        chip.run(100)
        assert chip.registers[16] == 0
        assert not chip.engine.view("data")[chip.description.sram_end + 1 :].any()
        assert told(chip) == [
            (FindingKind.OUT_OF_RANGE_WRITE, 2, address, 1),
            (FindingKind.OUT_OF_RANGE_READ, 6, address, 3),
        ]


@pytest.mark.parametrize("mcu", CHIPS)
def test_the_first_byte_of_sram_is_watched_for_reads_and_the_register_below_is_not(mcu):
    start = Chip(mcu).description.sram_start
    program = [LDS_R16, start - 1, LDS_R16, start, LDS_R16, 5, HALT]
    with powered(mcu, program) as chip:
        chip.run(100)
        assert told(chip) == [(FindingKind.UNINITIALISED_READ, 4, start, 2)]


# Reads of what nothing has written


@pytest.mark.parametrize("mcu", ["attiny85", "attiny1634", "atmega328p"])
def test_uninitialised_reads_are_told_once_a_place_with_name_and_line(build, mcu):
    with Chip(mcu, build("uninitialised.c", mcu)) as chip:
        assert chip.run(10_000).reason is StopReason.ENDED
        assert {f.kind for f in chip.findings} == {FindingKind.UNINITIALISED_READ}
        base = chip.symbols["left_over"].address
        assert [(f.function, f.line, f.variable, f.address - base) for f in chip.findings] == [
            ("first_reader", "uninitialised.c:13", "left_over+1", 1),
            ("second_reader", "uninitialised.c:17", "left_over+1", 1),
            ("second_reader", "uninitialised.c:17", "left_over+3", 3),
            ("main", "uninitialised.c:33", "left_over+2", 2),
        ]
        cycles = [f.cycle for f in chip.findings]
        assert cycles == sorted(cycles)


LOADS = {  # Y and Z point to the byte, X one behind it
    "ld Y": 0x8108,
    "ld Z+": 0x9101,
    "ld -X": 0x910E,
    "ldd Z+0": 0x8100,
}


@pytest.mark.parametrize("load", LOADS)
@pytest.mark.parametrize("written", [False, True])
def test_every_kind_of_load_is_watched(load, written):
    at = 0x70
    store = [STS_R16, at] if written else [0, 0]
    with powered("attiny85", [*store, LOADS[load], HALT]) as chip:
        chip.registers[26:32] = at + 1, 0, at, 0, at, 0
        chip.run(50)
        expected = [] if written else [(FindingKind.UNINITIALISED_READ, 4, at, 2)]
        assert told(chip) == expected


def test_pops_and_returns_are_loads_and_what_was_pushed_is_written():
    program = [
        0x930F,  # push r16
        0x910F,  # pop r16
        0xD001,  # rcall to the ret
        0xC001,  # rjmp over it
        0x9508,  # ret
        0x910F,  # pop r16: one that nobody pushed
        HALT,
    ]
    with powered("attiny85", program) as chip:
        at = chip.description.sram_end - 10
        chip.data[0x5D], chip.data[0x5E] = at & 0xFF, at >> 8
        chip.run(100)
        assert told(chip) == [(FindingKind.UNINITIALISED_READ, 10, at + 1, 13)]


def test_what_python_wrote_counts_as_written(build):
    with Chip("attiny85", build("uninitialised.c", "attiny85")) as chip:
        chip.var("left_over")[:] ^= 0xFF
        chip.run(10_000, until=until.ended())
        assert chip.findings == []


def test_what_was_written_before_a_reset_is_written_after_it():
    with powered("attiny85", [LDS_R16, 0x70, STS_R16, 0x70, HALT]) as chip:
        chip.run(20)
        chip.reset()
        chip.run(20)
        assert len(chip.findings) == 1


def test_as_many_findings_as_fit_are_kept_and_the_rest_is_counted():
    program = [0x9101, 0xCFFE]  # ld r16,Z+; rjmp .-4: 4 cycles a byte
    with powered("atmega328p", program) as chip:
        start = chip.description.sram_start
        chip.registers[30:32] = start & 0xFF, start >> 8
        chip.run(4 * 2000)
        assert [f.address for f in chip.findings] == list(range(start, start + 1024))
        assert chip.findings_dropped == 2000 - 1024


# Policies


def test_an_uninitialised_read_can_be_a_fault(build):
    policy = Policy(uninitialised_read=Reaction.FAULT)
    with Chip("attiny85", build("uninitialised.c", "attiny85"), policy=policy) as chip:
        with pytest.raises(UninitialisedReadError, match=r"left_over\+1") as info:
            chip.run(10_000)
        assert info.value.function == "first_reader"
        assert info.value.pc == chip.pc
        assert len(chip.findings) == 1


def test_an_uninitialised_read_can_be_ignored_and_the_policy_changed_later(build):
    with Chip("attiny85", build("uninitialised.c", "attiny85")) as chip:
        chip.policy = Policy(uninitialised_read="ignore")
        chip.run(10_000, until=until.symbol("second_reader"))
        assert chip.findings == []
        assert chip.policy.uninitialised_read is Reaction.IGNORE
        chip.policy = Policy()
        chip.run(10_000, until=until.ended())
        assert len(chip.findings) == 4


@pytest.mark.parametrize("reaction", ["record", "ignore"])
def test_a_stack_collision_that_is_no_fault_goes_on_into_static_data(build, reaction):
    policy = Policy(stack_collision=reaction, out_of_range="ignore")
    with Chip("attiny85", build("faults.c", "attiny85", "-DFAULT=4"), policy=policy) as chip:
        low = chip.description.sram_start + chip.static_bytes - 1
        before = chip.var("ballast").copy()
        chip.run(2_000)
        assert not np.array_equal(chip.var("ballast"), before)
        assert chip.stack_high_water > chip.description.sram_bytes - chip.static_bytes
        if reaction == "record":
            first = chip.findings[0]
            assert (first.kind, first.address) == (FindingKind.STACK_COLLISION, low)
            assert first.function == "recurse"
            assert first.variable is not None
        else:
            assert chip.findings == []


def test_a_stack_that_runs_through_the_status_register_sets_its_flags():
    """rcall .-2 for ever: the 0xD4 of its return address lands in SREG, in lines as in steps."""
    found = []
    for cycles in (3, 1):
        with powered("attiny13a", [], policy=RECORD) as chip:
            chip.flash[0x3A6:0x3A8] = [0xFF, 0xDF]
            chip.pc, chip.sreg = 0x3A6, 0
            chip.data[SPL] = SREG
            while chip.cycle < 3:
                chip.run(cycles)
            found.append(chip.sreg)
    assert found == [0xD4, 0xD4]


def test_a_recorded_collision_by_an_interrupt_names_what_was_interrupted(build):
    firmware = build("interrupted.S", "attiny85")
    with Chip("attiny85", firmware, policy=Policy(stack_collision="record")) as chip:
        chip.run(1000, until=until.symbol("ready"))
        low = chip.description.sram_start
        chip.data[0x5D], chip.data[0x5E] = low & 0xFF, low >> 8
        chip.run(1000, until=until.symbol("__vector_5"))
        ready = chip.symbols["ready"].address
        assert chip.findings[0].pc in (ready, ready + 2)
        assert chip.findings[0].address == low - 1


def test_recorded_erased_flash_skips_by_bit_7_of_r31_as_silicon_does():
    for r31, hits in ((0x00, [1, 1, 1]), (0x80, [1, 0, 1])):
        with powered("attiny85", [0xFFFF, 0x0000, HALT], policy=RECORD) as chip:
            chip.registers[31] = r31
            chip.run(4)
            assert chip.profile().hits[:3].tolist() == hits
            assert told(chip) == [(FindingKind.ERASED_FLASH, 0, 0, 0)]


def test_recorded_illegal_words_are_nops_of_one_cycle():
    with powered("attiny85", [0x9C01, 0x940C, 0x0000, HALT], policy=RECORD) as chip:
        chip.run(3)
        assert chip.pc == 6
        assert told(chip) == [
            (FindingKind.ILLEGAL_INSTRUCTION, 0, 0, 0),
            (FindingKind.ILLEGAL_INSTRUCTION, 2, 2, 1),
        ]


@pytest.mark.parametrize("mcu", ["attiny13a", "attiny1634", "atmega328p"])
def test_recorded_flash_addresses_wrap(mcu):
    size = Chip(mcu).description.flash_bytes
    # lpm r16,Z; ijmp, both by Z
    with powered(mcu, [0x9104, 0x9409, 0xBABE, HALT], policy=RECORD) as chip:
        z = size + 4
        chip.registers[30:32] = z & 0xFF, z >> 8
        chip.run(3)
        assert chip.registers[16] == 0xBE
        z = size // 2 + 3
        chip.registers[30:32] = z & 0xFF, z >> 8
        chip.run(2)
        assert chip.pc == 6
        assert [f.kind for f in chip.findings] == [FindingKind.FLASH_READ, FindingKind.PAST_FLASH]


def test_recorded_execution_past_the_end_goes_on_at_the_start():
    with Chip("attiny13a", policy=Policy(erased_flash="record")) as chip:
        chip.flash[:] = 0
        chip.run(512 + 10)
        assert chip.pc == 20
        assert told(chip) == [(FindingKind.PAST_FLASH, 1024, 1024, 512)]


@pytest.mark.parametrize(
    ("program", "error"),
    [
        ([STS_R16, 0xFFFF], OutOfRangeAccessError),
        ([0xFFFF], ErasedFlashError),
        ([0x9C01], IllegalInstructionError),
        ([0x930F], StackCollisionError),
    ],
)
def test_each_kind_alone_can_be_a_fault_and_is_a_finding_too(program, error):
    fields = {
        OutOfRangeAccessError: "out_of_range",
        ErasedFlashError: "erased_flash",
        IllegalInstructionError: "illegal_instruction",
        StackCollisionError: "stack_collision",
    }
    reactions = dict.fromkeys(fields.values(), "ignore") | {fields[error]: "fault"}
    with powered("attiny85", [*program, HALT], policy=Policy(**reactions)) as chip:
        chip.data[0x5D], chip.data[0x5E] = 0x5F, 0  # SP is just below SRAM
        with pytest.raises(error):
            chip.run(100)
        assert len(chip.findings) == 1
    with powered(
        "attiny85", [*program, HALT], policy=Policy(**(reactions | {fields[error]: "ignore"}))
    ) as chip:
        chip.data[0x5D], chip.data[0x5E] = 0x5F, 0
        chip.run(100)
        assert chip.findings == []


def test_a_policy_refuses_what_it_does_not_know():
    with pytest.raises(ValueError, match="'fault', 'record', 'ignore'"):
        Policy(out_of_range="warn")
