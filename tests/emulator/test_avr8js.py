# SPDX-License-Identifier: GPL-3.0-or-later
"""The same random programs on avr8js, an emulator that shares nothing with libsimavr or with us.

It is the npm package of tests/oracle, which ./dev installs into build/oracle. Its interrupts come
at other cycles than ours, so programs run without peripherals; the timer is compared by what
firmware reads.
Its half carry is computed from bit 0 instead of bit 3, so H is left out here; where else it is
wrong stands in tests/oracle/run_avr8js.js. test_alu.py holds all of these to the manual.
"""

from __future__ import annotations

import base64
import json
import os
import random
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from lockstep.programs import CHIPS, random_program
from opcodes import assemble

from pyavr_sim import Chip

ROOT = Path(__file__).parents[2]
ORACLE = ROOT / "tests" / "oracle"
INSTALLED = ROOT / "build" / "oracle"
SREG = 0x5F
H = 0x20
PROGRAMS = int(os.environ.get("LOCKSTEP_PROGRAMS", "60"))  # a chip


class Oracle:
    """One node process that runs programs as they come."""

    def __init__(self) -> None:
        command = ["node", str(ORACLE / "run_avr8js.js"), str(INSTALLED / "package.json")]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run(self, flash: np.ndarray, data: np.ndarray, stops: list[int], *, timer0: bool = False):
        assert self.process.stdin
        assert self.process.stdout
        request = {"flash": text_of(flash), "data": text_of(data), "stops": stops, "timer0": timer0}
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        states = json.loads(self.process.stdout.readline())["states"]
        for state in states:
            state["data"] = np.frombuffer(base64.b64decode(state["data"]), np.uint8)
        return states

    def close(self) -> None:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(timeout=10)


def text_of(memory: np.ndarray) -> str:
    return base64.b64encode(memory.tobytes()).decode()


@pytest.fixture(scope="module")
def oracle() -> Iterator[Oracle]:
    if not (INSTALLED / "node_modules" / "avr8js").is_dir():
        pytest.fail("avr8js is not installed; `./dev test` does it", pytrace=False)
    running = Oracle()
    yield running
    running.close()


def load(chip: Chip, words: list[int]) -> None:
    code = np.array(words, "<u2").view(np.uint8)
    chip.flash[: len(code)] = code


def run_program(oracle: Oracle, mcu: str, seed: int) -> int:
    """How many states were compared: avr8js may give up early."""
    rng = random.Random(f"avr8js-{mcu}-{seed}")
    with Chip(mcu, seed=seed) as chip:
        load(chip, random_program(CHIPS[mcu], rng, peripherals=False, half_carry=False))
        before = chip.data.copy()
        before[SREG] = 0
        states = []
        for chunk in (rng.randrange(1, 50), rng.randrange(1, 3000), 8000):
            chip.run(chunk)
            states.append((chip.pc, chip.cycle, chip.data.copy()))
        theirs = oracle.run(chip.flash, before, [cycle for _, cycle, _ in states])
    for (pc, cycle, data), other in zip(states, theirs, strict=False):
        assert (pc, cycle) == (other["pc"], other["cycle"]), f"program {seed}"
        theirs_now = other["data"].copy()
        theirs_now[SREG] = theirs_now[SREG] & (0xFF ^ H) | data[SREG] & H
        wrong = np.flatnonzero(data != theirs_now)
        assert not len(wrong), (
            f"program {seed}, cycle {cycle}, data[0x{wrong[0]:04X}]: {data[wrong[0]]:#04x}, avr8js "
            f"has {theirs_now[wrong[0]]:#04x}"
        )
    return len(theirs)


@pytest.mark.parametrize("mcu", ["atmega328p", "attiny1634", "attiny85", "attiny13a"])
def test_random_programs_as_avr8js_runs_them(oracle, mcu):
    compared = sum(run_program(oracle, mcu, seed) for seed in range(PROGRAMS))

    assert compared > 1.5 * PROGRAMS


@pytest.mark.long
@pytest.mark.parametrize("mcu", ["atmega328p", "attiny1634", "attiny85"])
def test_thousands_of_random_programs_on_avr8js(oracle, mcu):
    for seed in range(1000, 3000):
        run_program(oracle, mcu, seed)


def test_timer0_counts_as_avr8js_has_it(oracle):
    """Differences between reads of a counting TCNT0, and how often it has run over."""
    rng = random.Random("timer0")
    words = assemble("ldi", d=1, K=1) + assemble("out", A=0x25, r=17)  # TCCR0B = 1: no prescaler
    words += assemble("ldi", d=10, K=0x00) + assemble("ldi", d=11, K=0x02)  # X = 0x200
    for _ in range(100):
        words += assemble("ldi", d=0, K=rng.randrange(1, 256))  # 3 cycles a round
        words += assemble("dec", d=16) + assemble("brbc", s=1, k=-2)
        words += assemble("in", d=2, A=0x26) + assemble("st_x_inc", r=2)
        words += assemble("in", d=3, A=0x15) + assemble("out", A=0x15, r=3)  # TIFR0
        words += assemble("st_x_inc", r=3)
    words += assemble("rjmp", k=-1)
    with Chip("atmega328p") as chip:
        load(chip, words)
        before = chip.data.copy()
        before[SREG] = 0
        chip.run(100_000)
        (theirs,) = oracle.run(chip.flash, before, [chip.cycle], timer0=True)
        ours = chip.data[0x200:0x2C8]

    counts, flags = ours[0::2].astype(int), ours[1::2]
    assert set(np.diff(counts - theirs["data"][0x200:0x2C8:2]) % 256) == {0}
    assert 10 < np.count_nonzero(flags & 1) < 100
