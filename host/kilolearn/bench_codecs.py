# SPDX-License-Identifier: GPL-3.0-or-later
"""The codecs benchmark: one digits net, 64-32-10, under twelve representations of its weights.

Each is fitted on the training part of each split, built into an image for each chip, and classifies
the whole test part there, image by image.

A row a representation and chip:

========================= ==========================================================
representation            name in kilolearn.codecs.designs
chip                      as avr-gcc names it
accuracy                  percent right on the test parts, mean of the splits
accuracies                the same, one a split
weights_bytes             encoded weights of both layers and their biases; most of the splits
flash                     bytes: .text + .data of the image; most of the splits
sram_high_water           bytes: static data and the deepest stack of all runs
cycles_infer              of codec_digits_infer, mean over the test parts
bit_exact_with_twin       every score equals the native twin's and the exact integers of NumPy
splits                    number of runs
========================= ==========================================================
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, as_completed
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kilolearn import datasets, firmware
from kilolearn.codecs.designs import DESIGNS
from kilolearn.codecs.net import INPUT_MAX, digits_config, fit_and_encode
from kilolearn.measure_codecs import CodecRun, run_codec, run_codec_twin
from kilolearn.quantise import QuantisedSplit

__all__ = ["CHIPS", "SplitRun", "bench_codecs", "run_split", "summarise"]

CHIPS = ("attiny1634", "atmega168p")


@dataclass(frozen=True)
class SplitRun:
    """One representation on one split.

    Attributes:
        representation: Its name.
        seed: Of the split.
        accuracy: Percent on the test part, of the chips' own scores.
        weights_bytes: Of the net.
        exact: Chips, twin and NumPy gave the same scores.
        runs: By chip.
    """

    representation: str
    seed: int
    accuracy: float
    weights_bytes: int
    exact: bool
    runs: dict[str, CodecRun]


def bench_codecs(
    executor: Executor,
    splits: int = 5,
    representations: list[str] | None = None,
    told: Callable[[SplitRun], None] | None = None,
) -> tuple[list[SplitRun], dict[str, Path]]:
    """Fit, build and run every representation on every split.

    Args:
        executor: Any; a process pool uses all cores.
        splits: Seeds 0..splits-1.
        representations: Only these.
        told: Called as each run ends.

    Returns:
        The runs in the order of the designs, and an image by chip.
    """
    names = representations or list(DESIGNS)
    pending = [executor.submit(run_split, name, seed) for name in names for seed in range(splits)]
    runs = []
    for future in as_completed(pending):
        runs.append(future.result())
        if told is not None:
            told(runs[-1])
    images = {mcu: _folder(0) / mcu / f"codec_digits-{names[0]}.elf" for mcu in CHIPS}
    return sorted(runs, key=lambda run: (names.index(run.representation), run.seed)), images


def run_split(representation: str, seed: int) -> SplitRun:
    """Fit one representation on the training part, and let the chips classify the test part."""
    split = QuantisedSplit.of(datasets.split(datasets.load("digits"), seed), INPUT_MAX)
    design = DESIGNS[representation]
    net = fit_and_encode(design, split.train_samples, split.train_labels, seed)
    configs = _folder(seed)
    configs.mkdir(parents=True, exist_ok=True)
    header = configs / f"codec_digits-{representation}.h"
    header.write_text(digits_config(net), encoding="utf-8")
    runs = {}
    for mcu in CHIPS:
        elf = firmware.build("codec_digits", mcu, representation, configs=configs)
        runs[mcu] = run_codec(elf, mcu, split.test_samples)
    twin = firmware.build_twin("codec_digits", representation, configs=configs)
    every = [run.scores for run in runs.values()]
    every.append(run_codec_twin(twin, split.test_samples))
    expected = net.scores(split.test_samples)
    right = runs[CHIPS[0]].predictions == split.test_labels
    return SplitRun(
        representation,
        seed,
        100.0 * float(np.mean(right)),
        net.weights_bytes,
        all(np.array_equal(scores, expected) for scores in every),
        runs,
    )


def summarise(runs: list[SplitRun]) -> list[dict[str, object]]:
    """One row a representation and chip, with the keys above."""
    rows: list[dict[str, object]] = []
    for name in dict.fromkeys(run.representation for run in runs):
        own = [run for run in runs if run.representation == name]
        for mcu in CHIPS:
            on_chip = [run.runs[mcu] for run in own]
            rows.append(
                {
                    "representation": name,
                    "chip": mcu,
                    "accuracy": round(sum(run.accuracy for run in own) / len(own), 3),
                    "accuracies": [round(run.accuracy, 3) for run in own],
                    "weights_bytes": max(run.weights_bytes for run in own),
                    "flash": max(run.image.flash_bytes for run in on_chip),
                    "sram_high_water": max(run.sram_high_water for run in on_chip),
                    "cycles_infer": round(sum(run.cycles for run in on_chip) / len(own), 1),
                    "bit_exact_with_twin": all(run.exact for run in own),
                    "splits": len(own),
                }
            )
    return rows


def _folder(seed: int) -> Path:
    """Where headers and images of a split go; a folder each, so that several build at once."""
    return firmware.build_folder() / "codecs" / f"split{seed}"
