# SPDX-License-Identifier: GPL-3.0-or-later
"""Instructions that libsimavr 1.6 gets wrong and this package gets right."""

from __future__ import annotations

import pytest

from pyavr_sim import Chip

GPIOR0 = 0x3E  # data address on an ATmega328P
# name: (word, register or I/O byte that decides, value that skips, value that does not)
SKIPS = {
    "sbrc r16,0": (0xFD00, 16, 0, 1),
    "sbrs r16,0": (0xFF00, 16, 1, 0),
    "cpse r16,r17": (0x1301, 16, 99, 98),
    "sbic GPIOR0,0": (0x99F0, GPIOR0, 0, 1),
    "sbis GPIOR0,0": (0x9BF0, GPIOR0, 1, 0),
}
ADIW_AND_SBIW = range(0x9600, 0x9800)


def is_two_words(op: int) -> bool:
    """JMP, CALL, LDS, STS (Instruction Set Manual)."""
    return (op & 0xFE0C) == 0x940C or (op & 0xFC0F) == 0x9000


@pytest.fixture
def bare():
    with Chip("atmega328p") as chip:
        yield chip


def write(chip, *words):
    for index, word in enumerate(words):
        chip.flash[2 * index] = word & 0xFF
        chip.flash[2 * index + 1] = word >> 8


@pytest.mark.parametrize("mcu", ["attiny85", "attiny88", "attiny841", "attiny1634", "atmega328p"])
def test_division_by_sixteen_truncates_towards_zero(build, mcu):
    with Chip(mcu, build("divide.c", mcu)) as chip:
        chip.run(1_000_000)
        numerators, quotients = chip.var("numerator").tolist(), chip.var("quotient").tolist()

    assert quotients == [int(n / 16) for n in numerators]


@pytest.mark.parametrize("name", SKIPS)
def test_a_skip_over_adiw_or_sbiw_goes_over_one_word(bare, name):
    skip, decider, yes, no = SKIPS[name]
    for op in ADIW_AND_SBIW:
        for value, pc, cycles in ((yes, 4, 2), (no, 2, 1)):
            bare.pc = 0
            write(bare, skip, op, 0, 0)
            bare.registers[17] = 99
            bare.data[decider] = value
            before = bare.cycle
            bare.run(1)
            assert (bare.pc, bare.cycle - before) == (pc, cycles), hex(op)


def test_a_skip_knows_which_instructions_take_two_words(bare):
    for op in range(0, 0x10000, 13):
        bare.pc = 0
        write(bare, SKIPS["sbrc r16,0"][0], op, 0, 0)
        bare.registers[16] = 0
        before = bare.cycle
        bare.run(1)
        expected = (6, 3) if is_two_words(op) else (4, 2)
        assert (bare.pc, bare.cycle - before) == expected, hex(op)


def test_the_skip_is_right_in_the_middle_of_a_burst_too(bare):
    # inc r20; sbrc r16,0; adiw r24,15; inc r20; sbrc r16,0; adiw r24,15; inc r20; rjmp .-2
    write(bare, 0x9543, 0xFD00, 0x960F, 0x9543, 0xFD00, 0x960F, 0x9543, 0xCFFF)
    bare.registers[16], bare.registers[20] = 0, 0
    bare.run(100)

    assert bare.registers[20] == 3
