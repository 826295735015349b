# SPDX-License-Identifier: GPL-3.0-or-later
"""Each skip over each of the 65,536 words that may follow it, PC and cycles by the manual.

A skip takes 1 cycle when it does not skip, 2 over a one-word instruction, 3 over LDS, STS, JMP or
CALL (Instruction Set Manual, CPSE, SBRC, SBRS, SBIC, SBIS). The engine has two executors: the one
for one instruction at a time, and the one for lines, which a watch on the target stops.
"""

from __future__ import annotations

import numpy as np
import pytest
from opcodes import assemble, words_of

from pyavr_sim import Chip, ErasedFlashError
from pyavr_sim._sim import ffi, lib

MCU = "atmega1284p"
UNIT = 4  # words: the skip, the word, one that nothing gets past, and room to land
UNITS = 65536 // UNIT - 1
NOP, STAY = 0, 0xCFFF  # STAY is rjmp to itself
GPIOR0, PINB = 0x1E, 0x03  # I/O addresses: plain memory, and one that a port answers for
# name: (skip, where it looks, what makes it skip, what does not)
SKIPS = {
    "cpse": (assemble("cpse", d=16, r=17), "r16", 0x5A, 0x5B),
    "sbrc": (assemble("sbrc", r=16, b=3), "r16", 0xF7, 0x08),
    "sbrs": (assemble("sbrs", r=16, b=3), "r16", 0x08, 0xF7),
    "sbic": (assemble("sbic", A=GPIOR0, b=6), "gpior0", 0xBF, 0x40),
    "sbis": (assemble("sbis", A=GPIOR0, b=6), "gpior0", 0x40, 0xBF),
    "sbic_port": (assemble("sbic", A=PINB, b=1), "pin", False, True),
    "sbis_port": (assemble("sbis", A=PINB, b=1), "pin", True, False),
}
WORDS_OF = words_of(np.arange(65536))


@pytest.fixture(scope="module")
def chip():
    with Chip(MCU) as made:
        made.registers[17] = 0x5A
        yield made


def decide(chip: Chip, where: str, value: int) -> None:
    if where == "pin":
        chip.pin("B1").drive(bool(value))
    else:
        chip.data[{"r16": 16, "gpior0": GPIOR0 + 32}[where]] = value


def run_one(handle, address: int, expected: int) -> tuple[int, int]:
    lib.sim_set_pc(handle, address)
    before = lib.sim_cycle(handle)
    lib.sim_run(handle, 1, ffi.NULL)
    return lib.sim_pc(handle), lib.sim_cycle(handle) - before


def run_line(handle, address: int, expected: int) -> tuple[int, int]:
    until = ffi.new("sim_until *", {"address": expected})
    lib.sim_set_pc(handle, address)
    before = lib.sim_cycle(handle)
    lib.sim_run(handle, 100, until)
    return lib.sim_pc(handle), lib.sim_cycle(handle) - before


@pytest.mark.parametrize("executor", [run_one, run_line])
@pytest.mark.parametrize("name", SKIPS)
def test_a_skip_over_every_word(chip, name, executor):
    skip, where, yes, no = SKIPS[name]
    for first in range(0, 65536, UNITS):
        words = range(first, min(first + UNITS, 65536))
        flash = np.full((UNITS + 1, UNIT), NOP, "<u2")
        flash[: len(words), 0] = skip[0]
        flash[: len(words), 1] = words
        flash[:, 2] = STAY
        chip.reset()
        chip.flash[:] = flash.view(np.uint8).ravel()
        chip.notice_flash_writes()
        for value, skips in ((yes, True), (no, False)):
            decide(chip, where, value)
            check(chip, executor, words, skips)


def check(chip: Chip, executor, words: range, skips: bool) -> None:
    with chip.engine.use() as handle:
        for index, word in enumerate(words):
            step = 1 + int(WORDS_OF[word]) if skips else 1
            address = 2 * UNIT * index
            found = executor(handle, address, address + 2 * step)
            if found != (address + 2 * step, step):
                pytest.fail(
                    f"over {word:#06x}: pc {found[0] - address:+d} in {found[1]} cycles; expected "
                    f"{2 * step:+d} in {step}"
                )


@pytest.mark.parametrize("mcu", ["attiny13a", "attiny85", "attiny1634", "atmega328p"])
@pytest.mark.parametrize("before", [0, 30], ids=["alone", "in a line"])
@pytest.mark.parametrize("skips", [True, False])
def test_a_skip_in_the_last_word_ends_in_a_fault(mcu, before, skips):
    with Chip(mcu) as chip:
        chip.flash[:] = NOP
        chip.flash[-2:] = np.array(assemble("sbrc", r=16, b=0), "<u2").view(np.uint8)
        chip.registers[16] = not skips
        chip.pc = chip.description.flash_bytes - 2 - 2 * before
        with pytest.raises(ErasedFlashError) as caught:
            chip.run(1_000)

        assert caught.value.pc == chip.description.flash_bytes


def test_a_chain_of_skips_in_one_run():
    """A skip over a skip over two words, round after round, in chunks and at a stretch."""
    loop = assemble("cpse", d=16, r=17) + assemble("sbrs", r=16, b=0)
    loop += assemble("jmp", k=0) + assemble("sbrc", r=16, b=7) + assemble("adiw", d=0, K=15)
    loop += assemble("inc", d=18)
    loop += assemble("rjmp", k=-len(loop) - 1)
    ends = []
    for chunk in (1, 2, 3, 7, 1_000_000):
        with Chip("atmega328p") as chip:
            code = np.array(loop, "<u2").view(np.uint8)
            chip.flash[: len(code)] = code
            chip.registers[16], chip.registers[17], chip.registers[18] = 1, 2, 0
            while chip.cycle < 8 * 1000:
                chip.run(min(chunk, 8 * 1000 - chip.cycle))
            ends.append((chip.pc, chip.cycle, chip.registers[18]))
    # cpse 1, sbrs skips jmp 3, sbrc skips adiw 2, inc 1, rjmp 2: 9 cycles a round
    assert ends == [ends[0]] * len(ends)
    assert ends[0][2] == (8 * 1000 + 2) // 9 % 256
