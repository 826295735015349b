# SPDX-License-Identifier: GPL-3.0-or-later
"""Random flash on every chip, bytes for the UARTs in between: every run ends in a typed reason.

The bulk runs in hostile_driver.c, linked with the engine's sources, once as they are and once under
AddressSanitizer, LeakSanitizer and UndefinedBehaviorSanitizer; a part goes through Python.
"""

from __future__ import annotations

import random
import shlex
import subprocess
import sysconfig
from pathlib import Path

import numpy as np
import pytest
from lockstep.reference import SHIM, shim_flags
from opcodes import legal_words

from pyavr_sim import Chip, FirmwareFault, StopReason, chips

HERE = Path(__file__).parent
CHIPS = [description.name for description in chips()]
SANITIZED = ("-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")


def build_driver(folder: Path, *flags: str) -> Path:
    program = folder / "hostile_driver"
    compiler = shlex.split(sysconfig.get_config_var("CC") or "gcc")[0]
    command = [compiler, *flags, *shim_flags(), "-o", str(program), str(HERE / "hostile_driver.c")]
    command += [*map(str, sorted(SHIM.glob("*.c"))), "-lsimavr"]
    subprocess.run(command, check=True)
    return program


def run_driver(program: Path, first: int, count: int, cycles: int) -> int:
    """Emulated cycles of ``count`` contents a chip from seed ``first``."""
    command = [str(program), str(first), str(count), str(cycles), *CHIPS]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command[1:])}\n{done.stdout}{done.stderr}"
    return sum(int(line.split()[1]) for line in done.stdout.splitlines())


def test_random_flash_does_no_harm(tmp_path):
    cycles = run_driver(build_driver(tmp_path, "-O2"), 0, 200, 100_000)

    assert cycles > 200 * 5_000 * len(CHIPS)


def test_random_flash_does_no_harm_that_a_sanitizer_finds(tmp_path):
    cycles = run_driver(build_driver(tmp_path, *SANITIZED), 0, 60, 20_000)

    assert cycles > 60 * 500 * len(CHIPS)


@pytest.mark.long
def test_ten_thousand_random_flash_contents(tmp_path):
    run_driver(build_driver(tmp_path, "-O2"), 10_000, 10_000, 1_000_000)


@pytest.mark.long
def test_two_thousand_random_flash_contents_under_sanitizers(tmp_path):
    run_driver(build_driver(tmp_path, *SANITIZED), 50_000, 2_000, 200_000)


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
