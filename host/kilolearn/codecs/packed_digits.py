# SPDX-License-Identifier: GPL-3.0-or-later
"""Training sets packed into a tape, and the config of avr/apps/packed_digits.c that carries them.

A record is a label of four bits and an image of 64 pixels, 0..16, under one of four codes:

========= =========================================================================================
raw       four bits a pixel, 16 held to 15
huffman   a Huffman code of the pixels
lz        copies from the last 128 pixels, none over the end of an image, in a Huffman code
dct       a cosine transform's levels in a Huffman code; what is learned is what it gives back
========= =========================================================================================
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import accumulate

import numpy as np

from kilolearn.codecs.dct import PIXELS, DctCode
from kilolearn.codecs.huffman import HuffmanCode
from kilolearn.codecs.lz import COPY, SHORTEST, LzCode
from kilolearn.codecs.net import INPUT_MAX, flash_table
from kilolearn.codecs.tape import TapeWriter
from kilolearn.learner import Labels, Samples

__all__ = ["PACKINGS", "USUAL", "PackedDigits", "Packing", "Schedule", "dct"]

_LABEL_BITS = 4


@dataclass(frozen=True)
class Schedule:
    """How the chip learns from its tape.

    Attributes:
        epochs: How often it is read.
        falls: Epochs at which the step size halves.
        seed: Of the first weights.
    """

    epochs: int = 40
    falls: tuple[int, ...] = (20, 28, 32, 36)
    seed: int = 1


USUAL = Schedule()


@dataclass(frozen=True)
class PackedDigits:
    """A training set as it lies on a tape.

    Attributes:
        codec: A header of avr/codec.
        code: Its tables.
        tape: The records.
        images: (records, 64), what they give back.
        originals: (records, 64), what was packed.
        labels: (records,).
    """

    codec: str
    code: bytes
    tape: bytes
    images: Samples
    originals: Samples
    labels: Labels

    def header(self, schedule: Schedule, on_line: bool = False) -> str:
        """The config of packed_digits; on_line: without the tape, which comes over the line."""
        lines = ["/* Written by kilolearn.codecs.packed_digits. */"]
        lines += ['#include "apps/configs/digits.h"']
        lines += ["#define TAPE_ON_LINE"] if on_line else []
        lines += [
            f"#define DCT_PIXEL_MAX {INPUT_MAX}",
            f"#define DIGITS {len(self.labels)}",
            f"#define DIGITS_CODEC {self.codec}",
            f"#define DIGITS_EPOCHS {schedule.epochs}",
            f"#define DIGITS_FALLS {{{', '.join(map(str, schedule.falls))}}}",
            f"#define DIGITS_SEED {schedule.seed}",
            f'#include "codec/{self.codec}.h"',
            flash_table("uint8_t", "digits_code", list(self.code)),
        ]
        if not on_line:
            lines.append(flash_table("uint8_t", "digits_tape", list(self.tape)))
        return "\n".join(lines) + "\n"


Packing = Callable[[Samples, Labels], PackedDigits]
"""Packs images (records, 64) uint8, 0..16, with labels (records,)."""


def _raw(images: Samples, labels: Labels) -> PackedDigits:
    """A code of sixteen symbols with four bits each."""
    code = HuffmanCode(dict.fromkeys(range(INPUT_MAX), 1))
    held = np.minimum(images, INPUT_MAX - 1)
    return replace(_by_pixel(held, labels, code), originals=images)


def _huffman(images: Samples, labels: Labels) -> PackedDigits:
    return _by_pixel(images, labels, HuffmanCode.of(images.tobytes()))


def _by_pixel(images: Samples, labels: Labels, code: HuffmanCode) -> PackedDigits:
    tape = TapeWriter()
    for image, label in zip(images, labels.tolist(), strict=True):
        tape.put(label, _LABEL_BITS)
        for pixel in image.tolist():
            code.put(tape, pixel)
    return PackedDigits("huffman", code.table(), tape.packed(), images, images, labels)


def _lz(images: Samples, labels: Labels) -> PackedDigits:
    data = images.tobytes()
    cuts = range(PIXELS, len(data), PIXELS)
    code = LzCode.of(data, cuts=cuts)
    tokens = code.tokens(data, cuts)
    sizes = [1 if symbol < COPY else symbol - COPY + SHORTEST for symbol, _ in tokens]
    tape = TapeWriter()
    for token, end, size in zip(tokens, accumulate(sizes), sizes, strict=True):
        begin = end - size
        if begin % PIXELS == 0:
            tape.put(int(labels[begin // PIXELS]), _LABEL_BITS)
        code.put(tape, token)
    return PackedDigits("lz", code.symbols.table(), tape.packed(), images, images, labels)


def dct(step: float, dead_zone: float) -> Packing:
    """A packing by `DctCode`, whose arguments these are."""

    def pack(images: Samples, labels: Labels) -> PackedDigits:
        code = DctCode.of(images, step, dead_zone, INPUT_MAX)
        levels = code.levels(images)
        tape = TapeWriter()
        for image, label in zip(levels, labels.tolist(), strict=True):
            tape.put(label, _LABEL_BITS)
            code.put(tape, image)
        back = code.images(levels)
        return PackedDigits("dct", code.table(), tape.packed(), back, images, labels)

    return pack


PACKINGS: dict[str, Packing] = {"raw": _raw, "huffman": _huffman, "lz": _lz, "dct": dct(7, 0.4)}
