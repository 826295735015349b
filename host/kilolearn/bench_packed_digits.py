# SPDX-License-Identifier: GPL-3.0-or-later
"""The codecs benchmark's rows of packed training sets: digits that a chip learns from its flash.

A row a packing and chip, and one of a tape that comes over the line:

========================= ==========================================================
packing                   name in kilolearn.codecs.packed_digits
tape                      "flash", or "line"
chip                      as avr-gcc names it
digits                    training images on the tape, fewest of the splits: as many as
                          there is room for, on the line all of them
selection                 how they were chosen: name in kilolearn.coreset
bits_a_pixel              of the tape, labels included; mean of the splits
table_bytes               the code, steps and mean image beside it; most of the splits
psnr                      dB, of what is learned; null where that is exact
accuracy                  percent right on the test parts, mean of the splits
accuracies                the same, one a split
flash                     bytes: .text + .data of the image of split 0
sram_high_water           bytes: static data and the deepest stack of its whole training
cycles_byte               to unpack a pixel, mean; waiting for the line is not counted
bit_exact_with_twin       the chip's weights of split 0 are those of the twin of `digits`, which
                          learned what NumPy says the tape gives back
splits                    number of tapes; the chip learns that of split 0, the twin all
========================= ==========================================================

A row a step of the transform, all training images learned by the twin: ``step`` in pixels (0: no
transform), and bits_a_pixel, psnr, accuracy, accuracies and splits as above.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import mean

import numpy as np

from kilolearn import datasets, firmware
from kilolearn.codecs.dct import PIXELS, psnr
from kilolearn.codecs.net import INPUT_MAX
from kilolearn.codecs.packed_digits import PACKINGS, USUAL, PackedDigits, Schedule, dct
from kilolearn.coreset import SELECTIONS
from kilolearn.emulator import image_size
from kilolearn.errors import BuildError
from kilolearn.learner import Labels, Samples
from kilolearn.measure_packed import PackedRun, learn_from_flash, learn_from_line
from kilolearn.quantise import QuantisedSplit
from kilolearn.room import chip_room
from kilolearn.twin import Twin

__all__ = ["CHIPS", "SELECTION", "bench_packings", "bench_rates", "fill_flash"]

CHIPS = ("attiny1634", "atmega168p")
SELECTION = "k_center"
STEPS = (6.0, 7.0, 8.0, 10.0, 12.0)
DEAD_ZONE = 0.4

Row = dict[str, object]


@dataclass(frozen=True)
class _Learned:
    """A tape, and what the twin of `digits` became by it."""

    packed: PackedDigits
    accuracy: float
    psnr: float
    weights: bytes


def bench_packings(
    splits: int = 5, schedule: Schedule = USUAL, packings: tuple[str, ...] = tuple(PACKINGS)
) -> tuple[list[Row], dict[str, Path]]:
    """Pack, fill flash, learn on the twin and on the chips.

    Returns:
        Rows, and an image by chip.
    """
    rows, images = [], {}
    twin = Twin("digits")
    for name in packings:
        learned = [_fill_and_learn(twin, name, seed, schedule) for seed in range(splits)]
        for mcu in CHIPS:
            images[mcu] = _image(name, mcu, learned[0].packed, schedule)
            run = learn_from_flash(images[mcu], mcu)
            rows.append({"packing": name, "tape": "flash", "chip": mcu} | _row(learned, run))
    name = packings[-1]
    learned = [
        _learn(twin, PACKINGS[name](split.train_samples, split.train_labels), split, schedule)
        for split in map(_split, range(splits))
    ]
    for mcu in CHIPS:
        elf = _image(name, mcu, learned[0].packed, schedule, on_line=True)
        run = learn_from_line(elf, mcu, learned[0].packed.tape, schedule.epochs)
        row = _row(learned, run) | {"selection": "all"}
        rows.append({"packing": name, "tape": "line", "chip": mcu} | row)
    return rows, images


def bench_rates(
    splits: int = 5, schedule: Schedule = USUAL, steps: tuple[float, ...] = STEPS
) -> list[Row]:
    """Rate, distortion and accuracy of the transform's steps."""
    rows: list[Row] = []
    twin = Twin("digits")
    for step in (0.0, *steps):
        pack = dct(step, DEAD_ZONE) if step else PACKINGS["huffman"]
        learned = [
            _learn(twin, pack(split.train_samples, split.train_labels), split, schedule)
            for split in map(_split, range(splits))
        ]
        rows.append({"step": step} | _figures(learned))
    return rows


def fill_flash(name: str, mcu: str, samples: Samples, labels: Labels, seed: int) -> PackedDigits:
    """Pack as many samples (samples, 64) as the chip's flash takes, the most wanted first.

    They lie on the tape in any order.

    Raises:
        BuildError: Not even a few fit.
    """
    wanted = SELECTIONS[SELECTION](samples, labels, seed)
    few = PACKINGS[name](samples[wanted[:20]], labels[wanted[:20]])
    image = image_size(_image(name, mcu, few, USUAL)).flash_bytes
    rest = image - len(few.code) - len(few.tape)
    room = chip_room(mcu).flash_bytes - rest - 1  # code is at even places
    count = len(wanted)
    while count > 0:
        kept = np.random.default_rng(seed).permutation(wanted[:count])
        packed = PACKINGS[name](samples[kept], labels[kept])
        over = len(packed.tape) + len(packed.code) - room
        if over <= 0:
            return packed
        count -= max(1, over * count // len(packed.tape))
    raise BuildError(f"no digit fits into the flash of {mcu} as {name}; choose a larger chip")


def _fill_and_learn(twin: Twin, name: str, seed: int, schedule: Schedule) -> _Learned:
    split = _split(seed)
    packed = fill_flash(name, CHIPS[0], split.train_samples, split.train_labels, seed)
    return _learn(twin, packed, split, schedule)


def _learn(twin: Twin, packed: PackedDigits, split: QuantisedSplit, schedule: Schedule) -> _Learned:
    twin.reset(schedule.seed)
    for epoch in range(schedule.epochs):
        twin.set_rate(sum(fall <= epoch for fall in schedule.falls))
        twin.train_many(packed.images, packed.labels)
    right = twin.infer_many(split.test_samples).predictions == split.test_labels
    accuracy = 100.0 * float(np.mean(right))
    noise = psnr(packed.originals, packed.images, INPUT_MAX)
    return _Learned(packed, accuracy, noise, twin.read_weights())


def _row(learned: list[_Learned], run: PackedRun) -> Row:
    return _figures(learned) | {
        "selection": SELECTION,
        "digits": min(len(each.packed.labels) for each in learned),
        "table_bytes": max(len(each.packed.code) for each in learned),
        "flash": run.image.flash_bytes,
        "sram_high_water": run.sram_high_water,
        "cycles_byte": round(run.cycles / PIXELS, 1),
        "bit_exact_with_twin": run.product == learned[0].weights,
    }


def _figures(learned: list[_Learned]) -> Row:
    bits = mean(8 * len(each.packed.tape) / each.packed.images.size for each in learned)
    noise = mean(each.psnr for each in learned)
    return {
        "bits_a_pixel": round(bits, 3),
        "psnr": round(noise, 2) if np.isfinite(noise) else None,
        "accuracy": round(mean(each.accuracy for each in learned), 3),
        "accuracies": [round(each.accuracy, 3) for each in learned],
        "splits": len(learned),
    }


@cache
def _split(seed: int) -> QuantisedSplit:
    return QuantisedSplit.of(datasets.split(datasets.load("digits"), seed), INPUT_MAX)


def _image(
    name: str, mcu: str, packed: PackedDigits, schedule: Schedule, on_line: bool = False
) -> Path:
    configs = firmware.build_folder() / "codecs" / "packed"
    configs.mkdir(parents=True, exist_ok=True)
    config = f"{name}_line" if on_line else name
    header = configs / f"packed_digits-{config}.h"
    header.write_text(packed.header(schedule, on_line), encoding="utf-8")
    return firmware.build("packed_digits", mcu, config, configs=configs)
