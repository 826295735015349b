# SPDX-License-Identifier: GPL-3.0-or-later
"""A program in flash: the machine with what it uses, and nothing else, in one image."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kilolearn import firmware
from kilolearn.python_subset.bytecode import Bytecode, operand_bytes
from kilolearn.python_subset.instructions import Instruction, Operands

__all__ = ["FlashImage", "build_flash_image"]

_APP, _CONFIG = "python_flash", "program"
#: Options of the machine that other options include.
_IMPLIED = {"LISTS": "ARRAYS", "BYTES": "ARRAYS", "SWAP": "ARRAYS", "MODULO": "DIVIDE"}


@dataclass(frozen=True)
class FlashImage:
    """A linked image.

    Attributes:
        elf: The image.
        mcu: The chip.
        bytecode: The program in it.
    """

    elf: Path
    mcu: str
    bytecode: Bytecode


def build_flash_image(
    bytecode: Bytecode, mcu: str, elf: Path | None = None, *, wraps: bool = False
) -> FlashImage:
    """Link a program with the machine.

    Args:
        bytecode: The program.
        mcu: The chip, as avr-gcc names it.
        elf: Where the image goes, its .hex beside it; else a place in the build folder.
        wraps: Arithmetic beyond 16 bits wraps, and is no OverflowError.

    Raises:
        BuildError: No compiler, an unknown chip, or too little flash or SRAM.
    """
    folder = firmware.build_folder() / "python"
    # One config for all programs, so that only what depends on it is compiled again.
    with _locked(folder):
        (folder / f"{_APP}-{_CONFIG}.h").write_text(_config(bytecode, wraps), encoding="utf-8")
        linked = firmware.build(_APP, mcu, config=_CONFIG, configs=folder)
        image = elf or folder / mcu / f"{Path(bytecode.path).stem}.elf"
        for suffix in (".elf", ".hex"):
            shutil.copyfile(linked.with_suffix(suffix), image.with_suffix(suffix))
    return FlashImage(image, mcu, bytecode)


def _config(bytecode: Bytecode, wraps: bool) -> str:
    """What python_flash.S includes."""
    options = bytecode.options | {_IMPLIED[o] for o in bytecode.options if o in _IMPLIED}
    lines = [f"#define VM_{option} 1" for option in sorted(options)]
    if wraps:
        lines.append("#define VM_WRAPS 1")
    lines += [
        f"#define VM_DATA_BYTES {len(bytecode.data)}",
        f"#define VM_STACK_BYTES {bytecode.function_stack_bytes}",
        ".macro vm_instructions",
    ]
    lines += [_statement(instruction) for instruction in bytecode.instructions]
    lines.append(".endm")
    if any(bytecode.data):
        lines += ["#define VM_DATA_INITIAL 1", ".macro vm_initial_data"]
        lines += [f"    .byte {byte}" for byte in bytecode.data]
        lines.append(".endm")
    return "\n".join(lines) + "\n"


def _statement(instruction: Instruction) -> str:
    """An instruction in the words of the assembler."""
    operands = ", ".join(str(byte) for byte in operand_bytes(instruction))
    if instruction.opcode.operands is Operands.ENTRY:
        return f"    .byte 0, {operands}"
    if instruction.opcode.operands is Operands.SHORT:
        return f"    instruct_short {instruction.opcode.name}, {operands}"
    return f"    instruct {instruction.opcode.name}{', ' if operands else ''}{operands}"


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """One program at a time in the folder, across processes."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".program").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
