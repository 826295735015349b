# SPDX-License-Identifier: GPL-3.0-or-later
"""A timer interrupt at every cycle of a loop that holds each kind of instruction.

In libsimavr's timing each phase is compared with its own core, in one run and cycle by cycle.
"""

from __future__ import annotations

import random

import numpy as np
import pytest
from lockstep.reference import Pair, build_reference
from lockstep.writer import Writer

from pyavr_sim import Chip

VECTOR_WORDS = 52
COMPARE_A = 14  # vector number of TIMER0_COMPA
TCCR0A, TCCR0B, TCNT0, OCR0A, TIFR0, TIMSK0 = 0x24, 0x25, 0x26, 0x27, 0x15, 0x6E
PERIOD = 61  # no divisor of the loop's length


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    return build_reference(tmp_path_factory.mktemp("reference"))


def vectors(w: Writer) -> None:
    for number in range(VECTOR_WORDS // 2):
        w.to("jmp", "handler" if number == COMPARE_A else "start")


def set_up(w: Writer, phase: int) -> None:
    w.label("start")
    for address, value in ((TCCR0A, 2), (OCR0A, PERIOD), (TCNT0, phase % PERIOD), (TCCR0B, 1)):
        w.op("ldi", d=0, K=value)
        w.op("out", A=address, r=16)
    w.op("ldi", d=0, K=2)
    w.op("sts", d=16, k=TIMSK0)
    for register, value in ((26, 0), (27, 2), (30, 0), (31, 0)):
        w.op("ldi", d=register - 16, K=value)
    w.op("bset", s=7)


def every_kind(phase: int) -> list[int]:
    w = Writer()
    vectors(w)
    set_up(w, phase)
    w.label("loop")
    w.op("ldi", d=11, K=2)
    w.op("adiw", d=0, K=13)
    w.op("mul", d=16, r=24)
    w.op("push", d=16)
    w.to("call", "subroutine")
    w.op("pop", d=16)
    w.op("lpm_z", d=5)
    w.op("st_x_inc", r=5)
    w.op("ld_x_dec", d=6)
    w.op("sbrs", r=24, b=0)
    w.op("lds", d=7, k=0x46)  # TCNT0
    w.op("sbic", A=TIFR0, b=1)
    w.op("inc", d=8)
    w.op("bclr", s=7)  # a window without interrupts
    w.op("in", d=9, A=TCNT0)
    w.op("in", d=4, A=0x3F)
    w.op("bset", s=7)
    w.op("bclr", s=7)
    w.op("nop")
    w.op("bset", s=7)
    w.to("rjmp", "after")
    w.label("after")
    w.op("bclr", s=7)
    w.op("out", A=0x3F, r=4)
    w.op("bset", s=7)
    w.op("sbi", A=0x1E, b=0)
    w.op("sleep")
    w.op("inc", d=10)
    w.to("rjmp", "loop")
    w.label("subroutine")
    w.op("ret")
    w.label("handler")
    w.op("in", d=3, A=0x3F)
    w.op("inc", d=2)
    w.op("out", A=0x3F, r=3)
    w.op("reti")
    return w.finished()


@pytest.mark.parametrize("chunk", [1, 5, 1500])
def test_an_interrupt_at_every_phase_of_a_loop(reference, chunk):
    interrupts = 0
    for phase in range(PERIOD):
        with Pair.of(reference, "atmega328p", every_kind(phase), seed=phase) as pair:
            while pair.chip.cycle < 1500:
                pair.run(chunk)
            interrupts += pair.interrupts
    assert interrupts > 10 * PERIOD


def test_random_chunks_at_every_phase(reference):
    for phase in range(PERIOD):
        with Pair.of(reference, "atmega328p", every_kind(phase), seed=phase) as pair:
            pair.run_in_chunks(3000, random.Random(phase))


def test_an_interrupt_comes_between_sei_rjmp_and_cli():
    """The manual, SEI: the next instruction is executed before any pending interrupt; not two."""
    w = Writer()
    vectors(w)
    set_up(w, 0)
    w.label("loop")
    w.op("bset", s=7)
    w.to("rjmp", "after")
    w.label("after")
    w.op("bclr", s=7)
    w.to("rjmp", "loop")
    w.label("handler")
    w.op("inc", d=2)
    w.op("reti")
    with Chip("atmega328p") as chip:
        code = np.array(w.finished(), "<u2").view(np.uint8)
        chip.flash[: len(code)] = code
        chip.registers[2] = 0
        chip.run(PERIOD * 100)

        assert chip.registers[2] > 80
