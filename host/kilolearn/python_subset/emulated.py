# SPDX-License-Identifier: GPL-3.0-or-later
"""The world of a run at the pins of an emulated chip, and what the run left there."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kilolearn.emulator import load_emulator
from kilolearn.errors import StepLimitError
from kilolearn.firmware import contract
from kilolearn.python_subset.devices import Devices
from kilolearn.python_subset.run import Run, RunError, Variables

__all__ = ["CYCLES_MAX", "READ", "ChipRun", "open_chip", "run_on_emulator", "run_program"]

CYCLES_MAX = 100_000_000
_FULL_SCALE = 1023
READ = "serial_read"
_WAITING = ("serial_read", "serial_emit", "uart_get", "uart_put")


@dataclass(frozen=True)
class ChipRun:
    """What a firmware did in a world.

    Attributes:
        outputs: The 16-bit values that it sent.
        cycles: Since power-up.
        busy_cycles: Those outside the functions that take and give the line's bytes.
        sram_high_water: Static bytes and the deepest stack.
    """

    outputs: tuple[int, ...]
    cycles: int
    busy_cycles: int
    sram_high_water: int


def run_on_emulator(
    elf: Path,
    mcu: str,
    devices: Devices,
    look: Callable[[Any], None] | None = None,
    *,
    cycles_max: int = CYCLES_MAX,
    seed: int = 0,
) -> ChipRun:
    """Run a firmware to its end.

    Args:
        elf: Built for `mcu`; it halts.
        mcu: The chip.
        devices: What it meets.
        look: Called with the chip (`pyavr_sim.Chip`) at the end, for what it left in SRAM.
        cycles_max: How long it may take.
        seed: Of what SRAM holds at power-up.

    Raises:
        StepLimitError: It did not end in time.
        pyavr_sim.PyavrSimError: The image does not fit the chip, or misbehaves.
    """
    with open_chip(elf, mcu, devices, seed) as chip:
        ended = _run(chip, devices.input, cycles_max)
        if not ended:
            raise StepLimitError(
                f"{elf.name} did not end on the {mcu} within {cycles_max:,} cycles; mend a loop "
                f"that never ends, give it more input, or allow more"
            )
        if look is not None:
            look(chip)
        sent = chip.uart(0).read()
        costs = chip.profile().by_function()
        waiting = sum(cost.cycles for name, cost in costs.items() if name in _WAITING)
        return ChipRun(
            tuple(value for (value,) in struct.iter_unpack("<h", sent)),
            int(chip.cycle),
            int(chip.cycle) - int(waiting),
            int(chip.sram_high_water),
        )


def run_program(
    elf: Path,
    mcu: str,
    devices: Devices,
    look: Callable[[Any], tuple[Variables, RunError | None]],
    *,
    cycles_max: int = CYCLES_MAX,
) -> tuple[Run, ChipRun]:
    """Run the image of a program to its end.

    Args:
        elf: Built for `mcu`.
        mcu: The chip.
        devices: What the program reads.
        look: Called with the chip at the end; gives the globals and the error.
        cycles_max: How long it may take.

    Returns:
        What the program left behind, and what it cost.

    Raises:
        StepLimitError: It did not end in time.
    """
    left: list[tuple[Variables, RunError | None]] = []
    cost = run_on_emulator(
        elf, mcu, devices, lambda chip: left.append(look(chip)), cycles_max=cycles_max
    )
    return Run(cost.outputs, *left[0]), cost


def _run(chip: Any, given: bytes, cycles_max: int) -> bool:
    """Run to the end, and give a byte each time that the firmware begins to wait for one.

    A chip that times the line's bits itself is deaf while it computes.
    """
    emulator = load_emulator()
    asked = emulator.until.symbol(READ) if given and READ in chip.symbols else None
    for byte in given if asked else b"":
        try:
            chip.run(cycles_max - chip.cycle, until=asked)
        except emulator.FirmwareEndedError:
            return True
        except emulator.CycleLimitError:
            return False
        chip.uart(0).write(bytes([byte]))
        chip.run(2)  # Past the entry.
    stop = chip.run(cycles_max=cycles_max - chip.cycle)
    return stop.reason is emulator.StopReason.ENDED


@contextmanager
def open_chip(elf: Path, mcu: str, devices: Devices, seed: int = 0) -> Iterator[Any]:
    """The `pyavr_sim.Chip` at power-up in its world, but for the input; arguments as above."""
    with load_emulator().Chip(mcu, elf, seed=seed) as chip:
        _wire_line(chip)
        # With this reference a millivolt is a step of the converter.
        chip.adc.vcc = chip.adc.avcc = chip.adc.aref = _FULL_SCALE
        for channel, value in devices.adc.items():
            chip.adc[channel].millivolts = value
        port = "A" if mcu == "attiny1634" else "B"
        for number, level in devices.pins.items():
            chip.pin(f"{port}{number}").drive(bool(level))
        yield chip


def _wire_line(chip: Any) -> None:
    """UART 0 is the chip's, or one on the pins that avr/contract/soft_uart.h names."""
    if not chip.description.uarts:
        rx, tx, baud = (contract().constant(f"SOFT_UART_{name}") for name in ("RX", "TX", "BAUD"))
        chip.serial_line(rx=f"B{rx}", tx=f"B{tx}", baud=baud)
