# SPDX-License-Identifier: GPL-3.0-or-later
"""Links a model's C to the smallest image that classifies one sample; see ``harness/``."""

from __future__ import annotations

import hashlib
import re
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kilolearn import firmware
from kilolearn.emulator import emulator_errors, load_emulator
from kilolearn.errors import BuildError

__all__ = ["FLAGS", "HARNESS", "TYPES", "Samples", "build_digest", "chip_of", "link"]

FLAGS = (
    "-std=gnu11", "-Os", "-mcall-prologues", "-fno-jump-tables", "-fno-move-loop-invariants",
    "-fno-tree-scev-cprop", "-nostartfiles",
    "-Wl,--gc-sections", "-ffunction-sections", "-fdata-sections", "-gdwarf-4",
)  # fmt: skip
"""The same for every model and every peer."""

Samples = NDArray[np.uint8] | NDArray[np.int16] | NDArray[np.int32] | NDArray[np.float32]
"""(samples, width), in the type that `classify` takes."""

HARNESS = Path(__file__).parent / "harness"
TYPES = {"uint8": "uint8_t", "int16": "int16_t", "int32": "int32_t", "float32": "float"}
"""The C type of a feature."""
_ROOMS = ("contract", "fixed", "net", "codec", "online")


@dataclass(frozen=True)
class ChipRoom:
    """Where a chip's memories are, in bytes."""

    flash_bytes: int
    sram_bytes: int
    sram_start: int


@cache
def chip_of(mcu: str) -> ChipRoom:
    """What a chip has.

    Raises:
        BuildError: It is not one that can be emulated.
    """
    emulator = load_emulator()
    try:
        found = emulator.describe_chip(mcu)
    except emulator_errors() as error:
        raise BuildError(str(error)) from error
    return ChipRoom(int(found.flash_bytes), int(found.sram_bytes), int(found.sram_start))


@cache
def build_digest() -> bytes:
    """Of all that an image depends on besides its source: compiler, flags, harness, headers."""
    digest = hashlib.sha256(" ".join((firmware.compiler("avr"), *FLAGS)).encode())
    headers = [path for room in _ROOMS for path in (firmware.avr_folder() / room).glob("*.h")]
    for path in sorted((*HARNESS.iterdir(), *headers)):
        digest.update(path.read_bytes())
    return digest.digest()


def link(
    elf: Path,
    source: str,
    mcu: str,
    width: int,
    dtype: str = "uint8",
    include: tuple[Path, ...] = (),
) -> None:
    """Build an image.

    Args:
        elf: The file to write.
        source: C11 that defines ``static uint8_t classify(const T *sample)``.
        mcu: The chip.
        width: Features of a sample.
        dtype: Of a feature: of `TYPES`.
        include: More folders of headers, a peer's.

    Raises:
        BuildError: The chip is unknown, or the source does not compile.
    """
    chip = chip_of(mcu)
    command = [
        "avr-gcc", f"-mmcu={mcu}", *FLAGS, f"-T{HARNESS / 'image.ld'}",
        f"-Wl,-Tdata=0x{0x800000 + chip.sram_start:x}", f"-I{HARNESS}",
        f"-I{firmware.avr_folder()}", *(f"-I{path}" for path in include),
        f"-DSAMPLE_TYPE={TYPES[dtype]}", f"-DSAMPLE_WIDTH={width}",
        "-x", "c", "-", "-lm", "-o", str(elf),
    ]  # fmt: skip
    text = f'#include <stdint.h>\n{source}\n#include "classify_one.h"\n'
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    if done.returncode:
        errors = re.findall(r"error: (.*)", done.stderr)
        raise BuildError(
            f"the model's C does not build for the {mcu}: "
            f"{errors[0] if errors else done.stderr.strip()}"
        )
