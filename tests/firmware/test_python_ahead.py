# SPDX-License-Identifier: GPL-3.0-or-later
"""A Python program as C, against the same program written in C by hand."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from kilolearn import firmware
from kilolearn.emulator import image_size
from kilolearn.errors import BuildError, StepLimitError
from kilolearn.python_subset import oracle
from kilolearn.python_subset.ahead_chip import build_ahead, run_ahead
from kilolearn.python_subset.check import check
from kilolearn.python_subset.devices import Devices
from kilolearn.python_subset.emulated import run_on_emulator

PERCEPTRON = Path(__file__).parents[2] / "examples" / "python" / "perceptron.py"
STREAM = Devices(random.Random(0).randbytes(300))


@pytest.fixture(scope="module")
def perceptron():
    return check(PERCEPTRON.read_text(encoding="utf-8"), "perceptron.py", drop_constants=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("ahead")


@pytest.mark.parametrize("mcu", ["atmega328p", "attiny1634", "attiny85"])
def test_a_training_step_takes_at_most_1_3_times_the_cycles_of_c_by_hand(perceptron, mcu, folder):
    elf = build_ahead(perceptron, mcu, folder, checked=False)
    run, cost = run_ahead(perceptron, elf, mcu, STREAM)
    by_hand = run_on_emulator(firmware.build("hand_written", mcu), mcu, STREAM)

    assert run.outputs == by_hand.outputs
    assert cost.busy_cycles <= 1.3 * by_hand.busy_cycles
    assert cost.sram_high_water <= 24


def test_with_all_checks_it_takes_at_most_three_times_the_cycles(perceptron, folder):
    elf = build_ahead(perceptron, "atmega328p", folder)
    run, cost = run_ahead(perceptron, elf, "atmega328p", STREAM)
    by_hand = run_on_emulator(firmware.build("hand_written", "atmega328p"), "atmega328p", STREAM)

    assert run.outputs == by_hand.outputs
    assert cost.busy_cycles <= 3 * by_hand.busy_cycles


def test_the_perceptron_fits_an_attiny13a(perceptron, folder):
    """Two pins as its line, 64 bytes of SRAM, 1 KB of flash."""
    elf = build_ahead(perceptron, "attiny13a", folder, checked=False)
    run, cost = run_ahead(perceptron, elf, "attiny13a", STREAM)

    source = PERCEPTRON.read_text(encoding="utf-8")
    assert run.outputs == oracle.run(source, "perceptron.py", STREAM).outputs
    assert cost.sram_high_water <= 64 - 8
    assert image_size(elf).flash_bytes <= 1024


def test_a_program_that_is_too_large_says_what_fits(folder):
    program = check("w = [0] * 600\nfor i in range(600):\n    w[i] = i", "large.py")
    with pytest.raises(BuildError, match="py_w 1,200"):
        build_ahead(program, "attiny1634", folder)


@pytest.mark.parametrize("source", ["while True:\n    pass", "from chip import read\nx = read()"])
def test_a_program_that_does_not_end_is_an_error(source, folder):
    program = check(source, "endless.py")
    elf = build_ahead(program, "atmega328p", folder)
    with pytest.raises(StepLimitError, match="did not end on the atmega328p within 100,000 cycles"):
        run_ahead(program, elf, "atmega328p", Devices(), cycles_max=100_000)
