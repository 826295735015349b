# SPDX-License-Identifier: GPL-3.0-or-later
"""Random programs beside libsimavr's own core, compared after chunks of any size.

``SEEDS`` of the normal run are a sample; ``--long`` runs thousands. A failure names its seed.
"""

from __future__ import annotations

import os
import random
from collections import Counter

import numpy as np
import pytest
from lockstep.programs import CHIPS, random_program
from lockstep.reference import MismatchError, Pair, build_reference
from opcodes import assemble

CYCLES = 6000
#: At the low one a watchdog fires and an EEPROM write ends within those cycles.
CLOCKS = (16_000_000, 128_000)
PROGRAMS = int(os.environ.get("LOCKSTEP_PROGRAMS", "60"))  # a chip


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    return build_reference(tmp_path_factory.mktemp("reference"))


def run_programs(reference, mcu: str, seeds: range, *, peripherals: bool) -> Counter[str]:
    """What all of the programs together have done."""
    done: Counter[str] = Counter()
    for seed in seeds:
        rng = random.Random(f"{mcu}-{seed}-{peripherals}")
        words = random_program(CHIPS[mcu], rng, peripherals=peripherals)
        hz = rng.choice(CLOCKS) if peripherals else CLOCKS[0]
        with Pair.of(reference, mcu, words, seed, hz) as pair:
            try:
                pair.compare()
                pair.run_in_chunks(CYCLES, rng, outside=peripherals)
            except Exception as error:
                raise MismatchError(f"program {seed} of {mcu}: {error}") from error
            pages = pair.chip.flash[CHIPS[mcu].flash_bytes - 2 * CHIPS[mcu].page_bytes :]
            done += Counter(
                sent=pair.sent,
                interrupts=pair.interrupts,
                resets=pair.chip.resets,
                eeprom=np.count_nonzero(pair.chip.eeprom != 0xFF),
                flash=np.count_nonzero(pages != 0xFF),
            )
    return done


@pytest.mark.parametrize("peripherals", [True, False], ids=["peripherals", "bare"])
@pytest.mark.parametrize("mcu", CHIPS)
def test_random_programs_as_libsimavr_runs_them(reference, mcu, peripherals):
    seeds = range(PROGRAMS if peripherals else PROGRAMS // 2)

    done = run_programs(reference, mcu, seeds, peripherals=peripherals)

    if peripherals:
        tame = f"the programs are too tame: {done}"
        assert done["interrupts"] > 3 * len(seeds), tame
        assert done["eeprom"] > len(seeds) / 8, tame
        assert done["resets"] > 0, tame
        assert done["flash"] > len(seeds) / 2 or not CHIPS[mcu].page_bytes, tame
        assert done["sent"] > 2 * len(seeds) or not CHIPS[mcu].uart_data, tame


@pytest.mark.long
@pytest.mark.parametrize("part", range(8))
@pytest.mark.parametrize("mcu", CHIPS)
def test_thousands_of_random_programs(reference, mcu, part):
    run_programs(
        reference, mcu, range(1000 * (part + 1), 1000 * (part + 1) + 500), peripherals=True
    )


def test_libsimavr_still_has_the_bug_that_the_programs_avoid(reference):
    """SBRC over ``adiw r24, 15``: libsimavr 1.6 skips two words, the manual one."""
    words = assemble("ldi", d=0, K=0) + assemble("sbrc", r=16, b=0) + assemble("adiw", d=0, K=15)
    words += assemble("inc", d=18) + assemble("rjmp", k=-1)
    with (
        Pair.of(reference, "atmega328p", words, 0) as pair,
        pytest.raises(MismatchError, match=r"data\[0x0012\]"),  # r18: who came to INC
    ):
        pair.run(3)
