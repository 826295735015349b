# SPDX-License-Identifier: GPL-3.0-or-later
"""Prints what the machine in avr/vm takes of flash: its core, and each option beyond it.

Usage: ./dev run python tools/python_machine_size.py [MCU]
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass, fields
from pathlib import Path

from kilolearn.emulator import image_size
from kilolearn.python_subset.bytecode import Bytecode, compile_program
from kilolearn.python_subset.check import check
from kilolearn.python_subset.flash_image import build_flash_image
from kilolearn.python_subset.instructions import opcodes

DEVICES = {"ADC", "EMIT", "PINS", "RANDOM", "READ"}


@dataclass(frozen=True)
class _Wanting(Bytecode):
    """A program that wants options which it does not use."""

    wanted: frozenset[str] = frozenset()

    @property
    def options(self) -> frozenset[str]:
        return self.wanted


def main() -> None:
    """Build each machine and say its size."""
    mcu = sys.argv[1] if len(sys.argv) > 1 else "atmega328p"
    program = compile_program(check("x = 1\n", "x.py"))
    every = frozenset(opcode.option for opcode in opcodes().values()) - {"ALL"}
    with tempfile.TemporaryDirectory() as folder:

        def size(options: frozenset[str], *, wraps: bool = False) -> int:
            own = {field.name: getattr(program, field.name) for field in fields(program)}
            wanting = _Wanting(**own, wanted=options)
            image = build_flash_image(wanting, mcu, Path(folder) / "machine.elf", wraps=wraps)
            return image_size(image.elf).flash_bytes - 2 * (program.size + 1 >> 1)

        core = size(frozenset())
        print(f"{mcu}: bytes of flash without the bytecode")  # noqa: T201
        print(f"{core:5}  core")  # noqa: T201
        for option in sorted(every):
            beside = frozenset({"LISTS"}) if option == "SWAP" else frozenset()
            print(f"{size(beside | {option}) - size(beside):5}  {option}")  # noqa: T201
        print(f"{size(every - DEVICES):5}  the whole language, no devices")  # noqa: T201
        print(f"{size(every - DEVICES, wraps=True):5}  the same, arithmetic wraps")  # noqa: T201
        print(f"{size(every):5}  everything")  # noqa: T201


if __name__ == "__main__":
    main()
