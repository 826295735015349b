# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs avr/apps/codec_digits.c on an emulated chip and as its twin, image by image."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cffi
import numpy as np
from numpy.typing import NDArray

from kilolearn import firmware
from kilolearn.contract import declarations
from kilolearn.emulator import ImageSize, image_size, load_emulator
from kilolearn.learner import Samples

__all__ = ["CodecRun", "run_codec", "run_codec_twin"]

CYCLES_MAX = 5_000_000
"""Of one image; more than ten times the usual."""


@dataclass(frozen=True)
class CodecRun:
    """What a chip made of the images.

    Attributes:
        scores: (images, 10) int16.
        predictions: (images,), the class that the chip named.
        cycles: Of codec_digits_infer, mean.
        sram_high_water: Static bytes and the deepest stack.
        image: Flash and static SRAM.
    """

    scores: NDArray[np.int16]
    predictions: NDArray[np.uint8]
    cycles: float
    sram_high_water: int
    image: ImageSize


def run_codec(elf: Path, mcu: str, samples: Samples) -> CodecRun:
    """Classify images on an emulated chip, each from reset to the end.

    Args:
        elf: Of the app ``codec_digits``, built for `mcu`.
        mcu: The chip.
        samples: (images, 64) uint8, 0..16.
    """
    scores = np.zeros((len(samples), 10), np.int16)
    predictions = np.zeros(len(samples), np.uint8)
    emulator = load_emulator()
    with emulator.Chip(mcu, elf) as chip:
        timer = chip.time("codec_digits_infer")
        for number, sample in enumerate(samples):
            chip.reset()
            chip.var("sample")[...] = sample
            chip.run(CYCLES_MAX, until=emulator.until.ended())
            scores[number] = chip.var("score")
            predictions[number] = chip.var("prediction")
        return CodecRun(
            scores,
            predictions,
            float(timer.cycles_mean),
            int(chip.sram_high_water),
            image_size(elf),
        )


def run_codec_twin(library: Path, samples: Samples) -> NDArray[np.int16]:
    """Scores (images, 10) of the native twin.

    Args:
        library: Of the app ``codec_digits``.
        samples: (images, 64) uint8, 0..16.
    """
    header = firmware.avr_folder() / "apps" / "codec_digits_net.h"
    text = header.read_text(encoding="utf-8")
    ffi = cffi.FFI()
    ffi.cdef(
        declarations(text)
        .replace("DIGITS_INPUTS", str(samples.shape[1]))
        .replace("DIGITS_CLASSES", "10")
    )
    native: Any = ffi.dlopen(str(library))
    scores = np.zeros((len(samples), 10), np.int16)
    for row, sample in zip(scores, samples, strict=True):
        ffi.memmove(native.sample, sample.tobytes(), sample.size)
        native.codec_digits_infer()
        row[:] = list(native.score)
    return scores
