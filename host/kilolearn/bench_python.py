# SPDX-License-Identifier: GPL-3.0-or-later
"""The Python benchmark: the article's training program by every system that runs it, on each chip.

The program is examples/python/perceptron.py: 100 steps over a noisy stream. What it reads comes
over the chip's serial line; cycles are told without the time that the line takes, since a UART, a
line on two pins and a prompt differ there.

A row a system and chip:

================= ================================================================
system            ``vm, in flash``; ``vm, uploaded``; ``c, checked``: ahead-of-time
                  C that finds Python's errors; ``c, unchecked``; ``c, by hand``:
                  avr/apps/hand_written.c; ``snek``: the largest form of the program
                  that it holds; ``snek, numbers``: numbers only, no functions
chip              as avr-gcc names it
fits              whether the chip has room; where not, the rest is None
vm_flash          bytes of the machine: in flash with what the program uses,
                  uploaded with everything; without what is C (the drivers of
                  devices; loader and verifier); None where there is none
bytecode          bytes of the program; None where it is C
flash             bytes: .text + .data of the whole image
sram_high_water   bytes: static data and the deepest stack; uploaded with room for
                  just this program
sram_spare        bytes of the chip's SRAM that are left
cycles_per_op     of an operation of the machine, mean
cycles_per_step   of a training step: the whole run by 100; uploaded, those in the
                  machine's own code; None for a run that was not CPython's
same_as_cpython   emitted values, final globals and error are CPython's; emitted
                  values alone where a system has no such globals
ratio_to_hand     cycles_per_step by those of ``c, by hand`` on this chip
================= ================================================================
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from importlib import resources
from pathlib import Path
from typing import Any

from kilolearn import firmware
from kilolearn.emulator import image_size, load_emulator, port_url
from kilolearn.errors import BuildError
from kilolearn.example_programs import examples_folder, perceptron_input
from kilolearn.measure_snek import MCU as SNEK_MCU
from kilolearn.measure_snek import run_snek
from kilolearn.port import open_port
from kilolearn.python_subset import oracle
from kilolearn.python_subset.ahead_chip import build_ahead, run_ahead
from kilolearn.python_subset.bytecode import compile_program
from kilolearn.python_subset.check import check
from kilolearn.python_subset.devices import Devices
from kilolearn.python_subset.emulated import CYCLES_MAX, ChipRun, open_chip, run_on_emulator
from kilolearn.python_subset.flash_chip import run_flash
from kilolearn.python_subset.flash_image import build_flash_image
from kilolearn.python_subset.run import Run
from kilolearn.python_subset.stepping import operations
from kilolearn.python_subset.tree import Program
from kilolearn.python_subset.upload import PythonChip

__all__ = ["CHIPS", "bench_python"]

CHIPS = ("attiny13a", "attiny85", "attiny1634", "atmega88p", "atmega168p", "atmega328p")

_STEPS = 100
_SNEK = {
    "snek": ("perceptron", ("w[0]", "w[1]", "b")),
    "snek, numbers": ("perceptron_numbers", ("u", "v", "b")),
}
"""The files of peers/, and where each keeps weights and bias."""

_TIGHT = """\
#include "apps/configs/python_upload.h"
#undef PYTHON_DATA_BYTES
#undef PYTHON_CODE_BYTES
#define PYTHON_DATA_BYTES {data}
#define PYTHON_CODE_BYTES {code}
"""
"""A config of python_upload with room for one program."""


@dataclass(frozen=True)
class Row:
    """A system on a chip; the keys of the module's table."""

    system: str
    chip: str
    fits: bool = False
    vm_flash: int | None = None
    bytecode: int | None = None
    flash: int | None = None
    sram_high_water: int | None = None
    sram_spare: int | None = None
    cycles_per_op: float | None = None
    cycles_per_step: float | None = None
    same_as_cpython: bool | None = None
    ratio_to_hand: float | None = None


@dataclass(frozen=True)
class _Task:
    """The program, what it reads, and what CPython makes of it."""

    program: Program
    devices: Devices
    exact: Run
    folder: Path


def bench_python(
    folder: Path, chips: Sequence[str] = CHIPS
) -> tuple[list[dict[str, object]], dict[str, Path]]:
    """Run the program by every system on every chip.

    Args:
        folder: For images.
        chips: Some of `CHIPS`; Snek runs where the ATmega328P is among them.

    Returns:
        The rows above, and the images by system and chip.
    """
    path = examples_folder() / "perceptron.py"
    source, devices = path.read_text(encoding="utf-8"), Devices(perceptron_input(_STEPS))
    program = check(source, path.name, drop_constants=True)
    named = {v.name for v in program.variables} | {a.name for a in program.arrays}
    exact = oracle.run(source, path.name, devices)
    left = {name: value for name, value in exact.variables.items() if name in named}
    task = _Task(program, devices, replace(exact, variables=left), folder)
    elfs: dict[str, Path] = {}
    rows = []
    for chip in chips:
        by_hand, *others = (_row(system, chip, task, elfs) for system in _SYSTEMS)
        rows += [_compare(row, by_hand) for row in (*others, by_hand)]
        if chip == SNEK_MCU:
            rows += [_compare(_snek(system, task), by_hand) for system in _SNEK]
    return [asdict(row) for row in rows], elfs


def _row(system: str, chip: str, task: _Task, elfs: dict[str, Path]) -> Row:
    """What does not fit the chip is a row, too."""
    try:
        row, elf = _SYSTEMS[system](system, chip, task)
    except BuildError as error:
        if "does not fit" not in str(error):
            raise
        return Row(system, chip)
    elfs[f"{system}, {chip}"] = elf
    return row


def _by_hand(system: str, chip: str, task: _Task) -> tuple[Row, Path]:
    elf = firmware.build("hand_written", chip)
    cost = run_on_emulator(elf, chip, task.devices)
    return _measured(system, chip, elf, cost, cost.outputs == task.exact.outputs), elf


def _ahead(system: str, chip: str, task: _Task) -> tuple[Row, Path]:
    checked = system == "c, checked"
    elf = build_ahead(task.program, chip, task.folder / system.replace(", ", "_"), checked=checked)
    run, cost = run_ahead(task.program, elf, chip, task.devices)
    return _measured(system, chip, elf, cost, run == task.exact), elf


def _in_flash(system: str, chip: str, task: _Task) -> tuple[Row, Path]:
    bytecode = compile_program(task.program)
    image = build_flash_image(bytecode, chip, task.folder / f"{chip}.elf")
    run, cost = run_flash(image, task.devices)
    with open_chip(image.elf, chip, task.devices) as emulated:
        taken = operations(emulated, bytecode, task.devices.input, CYCLES_MAX)
        count = sum(1 for _ in taken)
        machine_bytes = int(emulated.symbols["vm_program"].address)
    row = _measured(system, chip, image.elf, cost, run == task.exact)
    return replace(
        row,
        vm_flash=machine_bytes,
        bytecode=bytecode.size,
        cycles_per_op=round(cost.busy_cycles / count, 1),
    ), image.elf


def _uploaded(system: str, chip: str, task: _Task) -> tuple[Row, Path]:
    bytecode = compile_program(task.program)
    config = task.folder / "python_upload-tight.h"
    config.write_text(_TIGHT.format(data=len(bytecode.data), code=bytecode.size), encoding="utf-8")
    elf = firmware.build("python_upload", chip, "tight", configs=task.folder)
    with open_port(port_url(elf, chip)) as port:
        machine = PythonChip(port)
        machine.upload(bytecode)
        machine_bytes = int(port.chip.symbols["python_opcodes"].address)
        cycles_before, count_before = _machine_work(port.chip, machine_bytes)
        run = machine.run(task.devices.input)
        cycles, count = _machine_work(port.chip, machine_bytes)
        cycles, count = cycles - cycles_before, count - count_before
        cost = ChipRun(run.outputs, int(port.chip.cycle), cycles, int(port.chip.sram_high_water))
    return replace(
        _measured(system, chip, elf, cost, run == task.exact),
        vm_flash=machine_bytes,
        bytecode=bytecode.size,
        cycles_per_op=round(cycles / count, 1),
    ), elf


def _machine_work(chip: Any, machine_bytes: int) -> tuple[int, int]:
    """Cycles in the machine's code, which begins at address 0, and its operations so far."""
    profile = chip.profile()
    at_dispatch = chip.symbols["next"].address // 2
    return int(profile.cycles[: machine_bytes // 2].sum()), int(profile.hits[at_dispatch])


_SYSTEMS: dict[str, Callable[[str, str, _Task], tuple[Row, Path]]] = {
    "c, by hand": _by_hand,
    "vm, in flash": _in_flash,
    "vm, uploaded": _uploaded,
    "c, checked": _ahead,
    "c, unchecked": _ahead,
}


def _measured(system: str, chip: str, elf: Path, cost: ChipRun, same: bool) -> Row:
    total = int(load_emulator().describe_chip(chip).sram_bytes)
    return Row(
        system,
        chip,
        fits=True,
        flash=image_size(elf).flash_bytes,
        sram_high_water=cost.sram_high_water,
        sram_spare=total - cost.sram_high_water,
        cycles_per_step=round(cost.busy_cycles / _STEPS, 1) if same else None,
        same_as_cpython=same,
    )


def _snek(system: str, task: _Task) -> Row:
    form, asked = _SNEK[system]
    program = (resources.files("kilolearn") / "peers" / f"{form}.snek").read_text(encoding="utf-8")
    found = run_snek(program, f"r({_STEPS})", tuple(task.devices.input), asked)
    return Row(
        system,
        SNEK_MCU,
        fits=found.error is None,
        flash=found.flash_bytes,
        sram_high_water=found.sram_touched,
        sram_spare=int(load_emulator().describe_chip(SNEK_MCU).sram_bytes) - found.sram_touched,
        cycles_per_step=round((found.cycles - found.reading_cycles) / _STEPS, 1),
        same_as_cpython=found.values == task.exact.outputs,
    )


def _compare(row: Row, by_hand: Row) -> Row:
    if row.cycles_per_step is None or by_hand.cycles_per_step is None:
        return row
    return replace(row, ratio_to_hand=round(row.cycles_per_step / by_hand.cycles_per_step, 2))
