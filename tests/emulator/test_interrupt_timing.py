# SPDX-License-Identifier: GPL-3.0-or-later
"""When an interrupt is taken, and after how many cycles.

The numbers are the datasheets' (ATmega328P, Atmel-8271, "Interrupt Response Time", "Reset and
Interrupt Handling", "Sleep Modes"; ATtiny85, Atmel-2586, the same): a response of four clock
cycles, four more out of sleep; the instruction behind SEI and one behind RETI come before a pending
interrupt. Instruction lengths are the Instruction Set Manual's.
"""

from __future__ import annotations

import random
from contextlib import suppress

import pytest

from pyavr_sim import Chip, CycleLimitError, StopReason, until

RESPONSE, WAKE = 4, 4
OVERFLOW_VECTOR = {  # byte address
    "atmega328p": 16 * 4,
    "attiny84": 11 * 2,
    "attiny85": 5 * 2,
    "attiny88": 14 * 2,
    "attiny841": 11 * 2,
    "attiny1634": 12 * 4,
}
COMPARE_A_VECTOR = {"atmega328p": 14 * 4}
TIFR = {"atmega328p": 0x35, "attiny85": 0x58}  # data address
TOV = {"atmega328p": 0, "attiny85": 1}  # bit
CHIPS = sorted(TIFR)

# Cycles of the loop in phase.S; ICALL's RET follows it.
LOOP = [1, 2, 3, 3, 4, 2, 3, 1, 1, 2, 2, 1, 1, 2, 2]


def started(chip, phase):
    chip.run(1000, until=until.symbol("start"))
    chip.registers[20] = phase


def cycles_to_the_flag(build, mcu, phase):
    """From `start` to the cycle in which TOV0 is set, seen without any interrupt."""
    with Chip(mcu, build("phase.S", mcu, "-DNOPS")) as chip:
        started(chip, phase)
        begin = chip.cycle
        while not chip.data[TIFR[mcu]] >> TOV[mcu] & 1:
            before = chip.cycle
            chip.run(1)
            assert chip.cycle == before + 1
        return chip.cycle - begin


def first_boundary(flag, begin):
    """The end of the loop's instruction during which, or at whose end, the flag is set."""
    now, index = begin, 0
    while now < flag:
        now += LOOP[index % len(LOOP)]
        index += 1
    return now


@pytest.mark.parametrize("mcu", CHIPS)
def test_the_response_takes_four_cycles_at_every_phase_of_a_loop(build, mcu):
    """Datasheet: "The interrupt execution response for all the enabled AVR interrupts is four clock
    cycles minimum"; an instruction that takes several cycles is completed first.
    """
    offset = cycles_to_the_flag(build, mcu, phase=200) - (256 - 200)
    assert offset in (1, 2, 3)
    with Chip(mcu, build("phase.S", mcu)) as chip:
        seen = set()
        for phase in range(256 - 3 * sum(LOOP), 251):
            chip.reset()
            started(chip, phase)
            begin = chip.cycle
            chip.run(100, until=until.symbol("running"))
            boundary = first_boundary(begin + 256 - phase + offset, chip.cycle)
            seen.add(boundary - (begin + 256 - phase + offset))
            chip.run(1000, until=until.address(OVERFLOW_VECTOR[mcu]))
            assert chip.cycle == boundary + RESPONSE, phase
    assert seen == {0, 1, 2, 3}


@pytest.mark.parametrize("mcu", CHIPS)
def test_a_sleeper_is_woken_at_every_phase_in_eight_cycles(build, mcu):
    """Datasheet: "If an interrupt occurs when the MCU is in sleep mode, the interrupt execution
    response time is increased by four clock cycles."
    """
    offset = cycles_to_the_flag(build, mcu, phase=200) - (256 - 200)
    with Chip(mcu, build("phase.S", mcu, "-DASLEEP")) as chip:
        for phase in (0, 1, 100, 200, 240, 245):
            chip.reset()
            started(chip, phase)
            begin = chip.cycle
            chip.run(1000, until=until.address(OVERFLOW_VECTOR[mcu]))
            assert chip.cycle == begin + 256 - phase + offset + WAKE + RESPONSE, phase


def test_stops_on_the_way_change_nothing(build):
    """Slices of any length, and a stop at every instruction behind SEI, are not felt."""
    mcu = "atmega328p"
    dice = random.Random(1)
    for flags in ((), ("-DASLEEP",)):
        with Chip(mcu, build("phase.S", mcu, *flags)) as whole:
            started(whole, 100)
            whole.run(100_000, until=until.address(OVERFLOW_VECTOR[mcu]))
            for _ in range(20):
                with Chip(mcu, build("phase.S", mcu, *flags)) as sliced:
                    started(sliced, 100)
                    vector = until.address(OVERFLOW_VECTOR[mcu])
                    while sliced.pc != vector.address:
                        with suppress(CycleLimitError):
                            sliced.run(dice.choice((1, 2, 3, 5, 50)), until=vector)
                        assert sliced.cycle <= whole.cycle
                    assert sliced.cycle == whole.cycle
    with window(build, mcu, "sei $ inc r16 $ inc r16 $ inc r16") as chip:
        for address in range(chip.pc + 2, chip.pc + 8, 2):
            try:
                chip.run(30, until=until.address(address))
            except CycleLimitError:
                break
        chip.run(1000, until=until.symbol("finish"))
        assert chip.registers[22] == 1


def window(build, mcu, body, *flags, timing="datasheet"):
    """Stand before `body` with the overflow, and perhaps compare A, pending."""
    chip = Chip(mcu, build("window.S", mcu, f"-DBODY={body}", *flags), timing=timing)
    chip.run(1000, until=until.symbol("body"))
    return chip


@pytest.mark.parametrize("mcu", CHIPS)
@pytest.mark.parametrize(
    ("opener", "cycles"),
    [("sei", 1), ("out 0x3f, r24", 1), ("sts 0x5f, r24", 2)],
    ids=["sei", "out", "sts"],
)
def test_one_instruction_is_executed_once_interrupts_are_enabled(build, mcu, opener, cycles):
    """Instruction Set Manual, SEI: "The instruction following SEI will be executed before any
    pending interrupts."
    """
    with window(build, mcu, f"{opener} $ inc r16 $ inc r16 $ inc r16") as chip:
        begin = chip.cycle
        chip.run(1000, until=until.address(OVERFLOW_VECTOR[mcu]))
        assert chip.cycle == begin + cycles + 1 + RESPONSE
        assert chip.registers[16] == 1


@pytest.mark.parametrize(
    ("body", "taken"),
    [
        ("sei $ cli $ nop", 0),
        ("sei $ nop $ cli", 1),
        ("sei $ rjmp 1f $ 1: cli", 1),
        ("out 0x3f, r24 $ cli $ nop", 0),
        ("sei $ sei $ cli", 1),
    ],
)
def test_cli_closes_the_window_of_sei(build, body, taken):
    """Only CLI right behind SEI keeps the interrupt out; libsimavr misses ``sei; rjmp; cli``."""
    with window(build, "atmega328p", body) as chip:
        chip.run(1000, until=until.symbol("finish"))
        assert chip.registers[23] == taken


def test_sleep_behind_sei_is_entered_and_left(build):
    """Instruction Set Manual, SEI: "will enter sleep before any pending interrupt(s)"."""
    with window(build, "atmega328p", "sei $ sleep $ inc r16") as chip:
        begin = chip.cycle
        chip.run(1000, until=until.address(OVERFLOW_VECTOR["atmega328p"]))
        assert chip.cycle == begin + 1 + 1 + WAKE + RESPONSE
        assert chip.registers[16] == 0
        chip.run(1000, until=until.symbol("finish"))
        assert (chip.registers[16], chip.registers[23]) == (1, 1)


@pytest.mark.parametrize(
    ("mcu", "register", "mode", "start_up"),
    [
        ("atmega328p", 0x33, 0x03, 0),  # SMCR: ADC noise reduction, SE
        ("atmega328p", 0x33, 0x05, 6),  # power-down
        ("atmega328p", 0x33, 0x0D, 6),  # standby
        ("attiny85", 0x35, 0x28, 0),  # MCUCR
        ("attiny85", 0x35, 0x30, 6),
        ("attiny1634", 0x36, 0x30, 0),
        ("attiny1634", 0x36, 0x50, 6),
        ("attiny841", 0x35, 0x28, 0),
        ("attiny841", 0x35, 0x30, 6),
        ("attiny88", 0x33, 0x03, 0),  # SMCR
        ("attiny88", 0x33, 0x05, 6),
        ("attiny84", 0x35, 0x30, 6),
    ],
)
def test_a_stopped_oscillator_takes_six_cycles_more(build, mcu, register, mode, start_up):
    """Sleep Modes: "halted for four cycles in addition to the start-up time", which is six cycles
    for the internal oscillator and from standby.
    """
    body = f"ldi r25, {mode} $ out {register}, r25 $ sei $ sleep"
    with window(build, mcu, body) as chip:
        begin = chip.cycle
        chip.run(1000, until=until.address(OVERFLOW_VECTOR[mcu]))
        assert chip.cycle == begin + 1 + 1 + 1 + 1 + start_up + WAKE + RESPONSE


@pytest.mark.parametrize("handler", ["reti", "sei $ reti"], ids=["reti", "sei-reti"])
def test_the_lowest_vector_first_and_an_instruction_between(build, handler):
    """Datasheet: "The lower the address the higher is the priority level"; "When the AVR exits
    from an interrupt, it will always return to the main program and execute one more instruction
    before any pending interrupt is served." The overflow was there first.
    """
    mcu = "atmega328p"
    body = "sei $ inc r16 $ inc r16 $ inc r16 $ inc r16"
    with window(build, mcu, body, "-DTWO", f"-DHANDLER={handler}") as chip:
        begin = chip.cycle
        chip.run(1000, until=until.address(COMPARE_A_VECTOR[mcu]))
        assert chip.cycle == begin + 1 + 1 + RESPONSE
        chip.run(1000, until=until.symbol("finish"))
        assert (chip.registers[21], chip.registers[23]) == (1, 1)
        assert (chip.registers[20], chip.registers[22]) == (1, 2)


def test_a_handler_that_sets_i_is_itself_interrupted(build):
    mcu = "atmega328p"
    body = "sei $ inc r16 $ inc r16 $ inc r16"
    handler = "sei $ inc r16 $ inc r16 $ reti"
    with window(build, mcu, body, "-DTWO", f"-DHANDLER={handler}") as chip:
        chip.run(1000, until=until.symbol("finish"))
        assert (chip.registers[20], chip.registers[22]) == (1, 2)


def test_a_pin_that_changes_during_sleep_wakes_the_chip(build):
    """INT0 by a test's hand: eight cycles later its vector runs."""
    with Chip("atmega328p") as chip:
        # ldi r16,3; sts EICRA,r16; ldi r16,1; out EIMSK,r16; sei; sleep; rjmp .-2
        program = [0xE003, 0x9300, 0x0069, 0xE001, 0xBB0D, 0x9478, 0x9588, 0xCFFF]
        start = 0x80
        chip.flash[start : start + 16] = list(b"".join(w.to_bytes(2, "little") for w in program))
        chip.flash[4:8] = [0x00] * 4  # INT0's vector: NOPs
        chip.pc = start
        assert chip.run(1000).reason is StopReason.CYCLES
        asleep = chip.cycle
        chip.pin("D2").drive(True)
        chip.run(100, until=until.address(4))
        assert chip.cycle == asleep + WAKE + RESPONSE


def test_simavr_timing_is_libsimavrs(build):
    """For lockstep: no cycles for the response, two instructions behind SEI."""
    body = "sei $ inc r16 $ inc r16 $ inc r16"
    with window(build, "atmega328p", body, timing="simavr") as chip:
        begin = chip.cycle
        chip.run(1000, until=until.address(OVERFLOW_VECTOR["atmega328p"]))
        assert chip.cycle == begin + 3
        assert chip.registers[16] == 2
    with window(build, "atmega328p", "sei $ rjmp 1f $ 1: cli", timing="simavr") as chip:
        chip.run(1000, until=until.symbol("finish"))
        assert chip.registers[23] == 0
    with pytest.raises(ValueError, match="timing is 'datasheet' or 'simavr'; found 'avr8js'"):
        Chip("atmega328p", timing="avr8js")
