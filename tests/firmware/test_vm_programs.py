# SPDX-License-Identifier: GPL-3.0-or-later
"""The machine in avr/vm leaves behind what CPython does: uploaded on three chips, and in flash."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from cases import PROGRAMS, Case, expected, load
from python_machine import MCUS, machine_on

from kilolearn.emulator import image_size
from kilolearn.python_subset import oracle
from kilolearn.python_subset.bytecode import compile_program
from kilolearn.python_subset.check import check
from kilolearn.python_subset.devices import Devices
from kilolearn.python_subset.flash_chip import run_flash
from kilolearn.python_subset.flash_image import build_flash_image
from kilolearn.python_subset.run import Run, RunError
from pyavr_sim import Firmware

ERROR = [path for path in PROGRAMS if load(path).overflow == "error"]
WRAP = [path for path in PROGRAMS if load(path).overflow == "wrap"]


@pytest.fixture(scope="module", params=MCUS)
def machine(request):
    with machine_on(request.param) as opened:
        yield opened


@pytest.fixture(scope="module")
def wrapping_machine():
    with machine_on("atmega328p", "wraps") as opened:
        yield opened


@pytest.mark.parametrize("path", ERROR)
def test_an_uploaded_program_does_as_in_cpython(machine, path):
    case = load(path)
    assert machine.run(case) == expected(case)


@pytest.mark.parametrize("path", WRAP)
def test_a_machine_that_wraps_does_as_cpython_in_16_bits(wrapping_machine, path):
    case = load(path)
    assert wrapping_machine.run(case) == expected(case)


# ---- in flash ------------------------------------------------------------------------------------

PERCEPTRON = Path(__file__).parents[2] / "examples" / "python" / "perceptron.py"
SAMPLES = Devices(input=np.random.default_rng(1).integers(0, 256, 300, np.uint8).tobytes())
# Bytes of the machine (the image without its bytecode), bytes of SRAM with the stack, and cycles of
# one of 100 training steps without the waiting for samples. avr-gcc 5.4 gives 688, 46, 3,707;
# 726, 46, 3,872; 724, 46, 3,868.
BUDGETS = {
    "atmega328p": (700, 48, 3_750),
    "attiny85": (740, 48, 3_950),
    "attiny13a": (740, 48, 3_950),
}


@pytest.mark.parametrize("mcu", BUDGETS)
def test_the_perceptron_in_flash_keeps_its_budget(mcu, tmp_path):
    """An ATtiny13A has 18 bytes of SRAM to spare."""
    source = PERCEPTRON.read_text(encoding="utf-8")
    run, image, cost = run_in_flash(source, mcu, tmp_path, SAMPLES)
    machine, sram, cycles = BUDGETS[mcu]
    assert run == oracle.run(source, "program.py", SAMPLES)
    assert image_size(image.elf).flash_bytes - image.bytecode.size <= machine
    assert symbol(image.elf, "vm_program") <= 600  # It lies behind the handlers and dispatch.
    assert cost.sram_high_water <= sram
    assert cost.busy_cycles / 100 <= cycles


@pytest.mark.parametrize("mcu", BUDGETS)
def test_an_array_in_flash_begins_with_its_items(mcu, tmp_path):
    source = "a = [3, -2, 7]\nb = bytearray(2)\ns = 0\nfor i in range(3):\n    s += a[i]\n"
    run, _, _ = run_in_flash(source, mcu, tmp_path)
    assert run.variables == {"a": (3, -2, 7), "b": (0, 0), "s": 8, "i": 2}


@pytest.mark.parametrize("mcu", BUDGETS)
def test_a_program_without_devices_leaves_its_error_in_sram(mcu, tmp_path):
    run, _, _ = run_in_flash("def f(n):\n    return f(n + 1)\n\n\nx = 5\nf(0)\n", mcu, tmp_path)
    assert run == Run((), {"x": 5}, RunError("RecursionError", 2))


def test_jumps_reach_across_a_program_of_more_than_a_byte(machine):
    """A loop over 300 bytes of code, left and repeated from its middle."""
    sums = "        s += i * 3 - 7\n" * 40
    source = (
        "s = 0\nn = 0\n\n\ndef f(k):\n    global s, n\n    for i in range(k):\n"
        f"        if i == 2:\n            continue\n{sums}        if i > 3:\n            break\n"
        f"        n += 1\n    while n < 9:\n        n += 1\n{sums.replace('i', 'n')}    return s\n"
        "\n\nx = f(6)\n"
    )
    case = Case("far.py", source, Devices())
    if compile_program(check(source, "far.py")).size > machine.link.code_bytes:
        pytest.skip("more code than the chip has room for")
    assert machine.run(case) == expected(case)


def test_arithmetic_in_flash_wraps_when_asked(tmp_path):
    run, _, _ = run_in_flash(
        "x = 32767\nx += 1\ny = 400\ny *= y\n", "attiny85", tmp_path, wraps=True
    )
    assert run.variables == {"x": -32768, "y": 28928}


def symbol(elf, name):
    return Firmware.load(elf).symbols[name].address


def run_in_flash(source, mcu, folder, devices=None, *, wraps=False):
    bytecode = compile_program(check(source, "program.py"))
    image = build_flash_image(bytecode, mcu, folder / f"{mcu}.elf", wraps=wraps)
    run, cost = run_flash(image, devices or Devices())
    return run, image, cost
