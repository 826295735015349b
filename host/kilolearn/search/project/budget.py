# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds a written project by its own Makefile, runs it, and says what it takes."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kilolearn.classifier.cost import CYCLES_MAX
from kilolearn.emulator import emulator_errors, load_emulator
from kilolearn.errors import BuildError, TwinMismatchError

__all__ = ["Budget", "Target", "measure"]


@dataclass(frozen=True)
class Target:
    """A chip as a project needs to know it.

    Attributes:
        mcu: As avr-gcc names it.
        hz: Clock that is assumed.
        sram_start: Data address of the first byte of SRAM.
        serial: Whether it has the USART that avr/chip/uart.c drives.
    """

    mcu: str
    hz: int
    sram_start: int
    serial: bool

    @classmethod
    def of(cls, mcu: str) -> Target:
        """Look a chip up.

        Raises:
            BuildError: It cannot be emulated, or there is no compiler for it.
        """
        try:
            chip = load_emulator().describe_chip(mcu)
        except emulator_errors() as error:
            raise BuildError(str(error)) from error
        words = ("avr-gcc", f"-mmcu={mcu}", "-E", "-dM", "-xc", "-imacros", "avr/io.h", "/dev/null")
        registers = _said(words, Path.cwd())
        return cls(mcu, int(chip.hz_default), int(chip.sram_start), "define UCSR0A " in registers)


@dataclass(frozen=True)
class Budget:
    """What the image takes over the golden samples.

    Attributes:
        flash_bytes: .text + .data.
        sram_bytes: Static, and the deepest stack.
        stack_bytes: The deepest stack.
        cycles: From power-up to the answer, the dearest sample.
    """

    flash_bytes: int
    sram_bytes: int
    stack_bytes: int
    cycles: int


def measure(
    folder: Path, target: Target, samples: NDArray[Any], answers: NDArray[np.int64]
) -> Budget:
    """Build the project and let it answer every sample, each from power-up.

    Raises:
        BuildError: It does not build, does not fit the chip, or does not come to an end.
        TwinMismatchError: It answers otherwise.
    """
    _said(("make", "-s"), folder)
    emulator = load_emulator()
    stack = cycles = 0
    try:
        image = emulator.Firmware.load(folder / "build/classifier.elf")
        for number, (sample, expected) in enumerate(zip(samples, answers.tolist(), strict=True)):
            with emulator.Chip(target.mcu, image, hz=target.hz) as chip:
                found = _answer(emulator, chip, sample, target.serial)
                stack = max(stack, int(chip.stack_high_water))
                cycles = max(cycles, int(chip.cycle))
            if found != expected:
                raise TwinMismatchError(
                    f"{folder}: the {target.mcu} answers {found} to golden sample {number}; "
                    f"expected {expected}, as the model: its C and its classify disagree"
                )
    except emulator_errors() as error:
        raise BuildError(f"{folder}: the project does not run: {error}") from error
    return Budget(int(image.flash_bytes), int(image.static_bytes) + stack, stack, cycles)


def _answer(emulator: Any, chip: Any, sample: NDArray[Any], serial: bool) -> int:
    if serial:
        request = sample.astype(sample.dtype.newbyteorder("<")).tobytes()
        return int(chip.uart().exchange(request, 1, cycles_max=CYCLES_MAX)[0])
    chip.run(CYCLES_MAX, until=emulator.until.symbol("main"))
    chip.var("sample")[:] = sample
    chip.run(CYCLES_MAX, until=emulator.until.ended())
    return int(chip.var("answer"))


def _said(command: tuple[str, ...], folder: Path) -> str:
    """What a command printed.

    Raises:
        BuildError: It is not there, or failed.
    """
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    except OSError as error:
        raise BuildError(
            f"{command[0]} does not run ({error}); expected it on the PATH: ./dev setup brings it"
        ) from error
    if done.returncode:
        raise BuildError(f"{' '.join(command)} in {folder} failed: {done.stderr.strip()}")
    return done.stdout
