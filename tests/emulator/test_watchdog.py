# SPDX-License-Identifier: GPL-3.0-or-later
"""A watchdog's reset out of sleep, and chips that end while their watchdog's lock is open."""

from __future__ import annotations

import numpy as np
import pytest
from opcodes import assemble

from pyavr_sim import Chip, until

OSCILLATOR_HZ = 128_000  # of the watchdog; here of the chip, too
TIMEOUT = 2048  # of its cycles at prescaler 0
# Data addresses: WDTCSR (WDTCR), CCP or 0, TCCR0B.
REGISTERS = {
    "atmega328p": (0x60, 0, 0x45),
    "attiny85": (0x41, 0, 0x53),
    "attiny841": (0x41, 0x71, 0x53),
    "attiny1634": (0x50, 0x4F, 0x3A),
}


def put(address: int, value: int) -> list[int]:
    """3 cycles."""
    return assemble("ldi", d=0, K=value) + assemble("sts", d=16, k=address)


def opened(mcu: str) -> list[int]:
    """The lock of the watchdog is open for four cycles."""
    watchdog, ccp, _ = REGISTERS[mcu]
    return put(ccp, 0xD8) if ccp else put(watchdog, 0x18)


def load(chip: Chip, words: list[int]) -> None:
    code = np.array(words, "<u2").view(np.uint8)
    chip.flash[: len(code)] = code


@pytest.mark.parametrize("chunk", [None, 100, 1])
@pytest.mark.parametrize("mcu", REGISTERS)
@pytest.mark.parametrize("set_or_clear", ["bset", "bclr"])
def test_the_watchdog_resets_a_sleeper_in_time(mcu, chunk, set_or_clear):
    """And not at the next event: a timer counts on, whose overflow comes later. The interrupt
    flag has no say in it."""
    watchdog, _, clock = REGISTERS[mcu]
    begin = put(clock, 5) + opened(mcu) + put(watchdog, 0x08)  # prescaler 1024; WDE
    with Chip(mcu, hz=OSCILLATOR_HZ) as chip:
        load(chip, begin + assemble(set_or_clear, s=7) + assemble("sleep"))
        due = 3 + 3 + 1 + TIMEOUT  # counted from the first cycle of the store
        while chunk and chip.cycle < due - 1:
            chip.run(min(chunk, due - 1 - chip.cycle))
            assert chip.resets == 0
        chip.run(100_000, until=until.address(0))
        assert (chip.resets, chip.cycle) == (1, due)


@pytest.mark.parametrize("mcu", ["attiny841", "attiny1634"])
@pytest.mark.parametrize("then", ["reset", "restore", "close"])
def test_a_chip_may_end_while_its_watchdog_is_open(mcu, then):
    chip = Chip(mcu)
    load(chip, opened(mcu) + assemble("rjmp", k=-1))
    before = chip.snapshot()
    chip.run(3)
    if then == "reset":
        chip.reset()
        assert chip.pc == 0
    elif then == "restore":
        chip.restore(before)
        assert chip.cycle == 0
    chip.close()
