# SPDX-License-Identifier: GPL-3.0-or-later
"""Shows images to avr/kilobyte/ternary_digits.c, on an emulated chip and to its twin."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cffi
import numpy as np
from numpy.typing import NDArray

from kilolearn import firmware
from kilolearn.contract import declarations
from kilolearn.emulator import load_emulator
from kilolearn.learner import Samples

__all__ = ["DigitsRun", "classify_on_chip", "classify_on_twin", "on_the_line"]

_CLASSES = 10


@dataclass(frozen=True)
class DigitsRun:
    """What came of the images.

    Attributes:
        digits: (images,), as the chip sent them.
        scores: (images, 10) int16, as they lay in SRAM when it did.
        cycles: (images,), from the first bit of the image to the last of the answer.
        sram_high_water: Static bytes and the deepest stack.
    """

    digits: NDArray[np.int64]
    scores: NDArray[np.int16]
    cycles: NDArray[np.int64]
    sram_high_water: int


def on_the_line(samples: Samples) -> NDArray[np.uint8]:
    """Images (images, 64), pixels 0..15, as the chip takes them: two pixels a byte."""
    return np.ascontiguousarray(samples[:, ::2] | samples[:, 1::2] << 4)


def classify_on_chip(elf: Path, mcu: str, samples: Samples, seed: int = 0) -> DigitsRun:
    """Send images over the serial line, one after the other.

    Args:
        elf: Of the app ``ternary_digits``, built for `mcu`.
        mcu: The chip.
        samples: (images, 64) uint8, 0..15.
        seed: Of what SRAM holds at power-up.
    """
    stated = firmware.contract().constant
    rx, tx, baud = (stated(f"SOFT_UART_{name}") for name in ("RX", "TX", "BAUD"))
    answers = []
    scores = np.zeros((len(samples), _CLASSES), np.int16)
    cycles = np.zeros(len(samples), np.int64)
    with load_emulator().Chip(mcu, elf, seed=seed) as chip:
        line = chip.serial_line(f"B{rx}", f"B{tx}", baud)
        left = chip.var("score")
        for number, image in enumerate(on_the_line(samples)):
            before = chip.cycle
            answers.append(int(line.exchange(image.tobytes(), 1)))
            cycles[number] = chip.cycle - before
            scores[number] = left
        return DigitsRun(np.array(answers), scores, cycles, int(chip.sram_high_water))


def classify_on_twin(library: Path, samples: Samples) -> NDArray[np.int16]:
    """Scores (images, 10) of the native twin.

    Args:
        library: Of the app ``ternary_digits``.
        samples: (images, 64) uint8, 0..15.
    """
    header = firmware.avr_folder() / "kilobyte" / "ternary_digits_net.h"
    text = declarations(header.read_text(encoding="utf-8"))
    ffi = cffi.FFI()
    ffi.cdef(
        text.replace("DIGITS_IMAGE_BYTES", str(samples.shape[1] // 2)).replace(
            "DIGITS_CLASSES", str(_CLASSES)
        )
    )
    native: Any = ffi.dlopen(str(library))
    scores = np.zeros((len(samples), _CLASSES), np.int16)
    for row, image in zip(scores, on_the_line(samples), strict=True):
        ffi.memmove(native.image, image.tobytes(), image.size)
        native.digits_classify()
        row[:] = list(native.score)
    return scores
