# SPDX-License-Identifier: GPL-3.0-or-later
"""Random flash on every chip, the world outside moving: every run ends in a typed reason.

The bulk runs in hostile_driver.c, linked with the engine's sources, which also goes back to
snapshots all the time and compares what follows; a part goes through Python.
"""

from __future__ import annotations

import random
import subprocess
from pathlib import Path

import numpy as np
import pytest
from opcodes import legal_words
from shim_program import FAST, SANITIZED, build_shim_program

from pyavr_sim import Chip, FirmwareFault, StopReason, chips

DRIVER = Path(__file__).parent / "hostile_driver.c"
CHIPS = [description.name for description in chips()]


@pytest.fixture(scope="session")
def driver(tmp_path_factory):
    return build_shim_program(DRIVER, tmp_path_factory.mktemp("driver"), FAST)


@pytest.fixture(scope="session")
def sanitized_driver(tmp_path_factory):
    return build_shim_program(DRIVER, tmp_path_factory.mktemp("sanitized_driver"), SANITIZED)


def run_driver(program: Path, first: int, count: int, cycles: int, *names: str) -> tuple[int, int]:
    """Cycles that ``count`` contents a chip from seed ``first`` ran, and restores on the way."""
    command = [str(program), str(first), str(count), str(cycles), *names]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command[1:])}\n{done.stdout}{done.stderr}"
    lines = [line.split() for line in done.stdout.splitlines()]
    return sum(int(line[1]) for line in lines), sum(int(line[3]) for line in lines)


def test_random_flash_goes_back_to_the_same_state_and_does_no_harm(driver):
    cycles, restores = run_driver(driver, 0, 20, 100_000, *CHIPS)

    assert cycles > 20 * 50_000 * len(CHIPS)
    assert restores > 20 * 5 * len(CHIPS)


def test_random_flash_does_no_harm_that_a_sanitizer_finds(sanitized_driver):
    cycles, restores = run_driver(sanitized_driver, 0, 10, 20_000, *CHIPS)

    assert cycles > 10 * 10_000 * len(CHIPS)
    assert restores > 10 * 5 * len(CHIPS)


@pytest.mark.long
@pytest.mark.parametrize("mcu", CHIPS)
def test_ten_thousand_random_flash_contents_for_a_million_cycles_each(driver, mcu):
    cycles, _ = run_driver(driver, 10_000, 10_000, 1_000_000, mcu)

    assert cycles > 10_000 * 500_000


@pytest.mark.long
@pytest.mark.parametrize("mcu", CHIPS)
def test_two_thousand_random_flash_contents_under_sanitizers(sanitized_driver, mcu):
    run_driver(sanitized_driver, 50_000, 2_000, 200_000, mcu)


@pytest.mark.parametrize("mcu", CHIPS)
def test_random_instructions_end_in_a_typed_reason(mcu):
    """Legal words only, so that a program lives a little longer; through Python, with resets."""
    rng = np.random.default_rng(1)
    legal = legal_words()
    faults = 0
    for seed in range(40):
        with Chip(mcu, seed=seed) as chip:
            chip.flash[:] = rng.choice(legal, len(chip.flash) // 2).astype("<u2").view(np.uint8)
            faults += torment(chip, random.Random(seed))
    assert faults > 20


def torment(chip: Chip, rng: random.Random) -> int:
    faults = 0
    for _ in range(10):
        for uart in chip.description.uarts:
            chip.uart(uart).write(rng.randbytes(rng.randrange(100)))
            chip.uart(uart).read()
        fault = None
        try:
            stop = chip.run(10_000)
            assert stop.reason in (StopReason.CYCLES, StopReason.ENDED)
        except FirmwareFault as caught:
            fault = caught
        if fault:
            assert 0 <= fault.pc <= chip.description.flash_bytes
            assert fault.cycle <= chip.cycle
            faults += 1
            chip.reset()
            chip.pc = 2 * rng.randrange(chip.description.flash_bytes // 2)
    return faults
