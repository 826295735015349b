# SPDX-License-Identifier: GPL-3.0-or-later
"""The digits classifier in a kilobyte of flash: fitted, built and asked on each split.

The row, with the keys of ``kilolearn bench kilobyte``:

========================= ==========================================================
image, chip               ternary_digits; as avr-gcc names it
flash                     bytes: .text + .data of the image; most of the splits
sram_high_water           bytes: static data and the deepest stack of all runs
seeds                     splits, each with weights of its own
converged                 how many of them reach 90 %
cycles_median             from the first bit of an image to the last of the answer
wraps                     scores of all test images that unbounded integers leave elsewhere
accuracy                  percent right on the test parts, by what the chip sent; mean
accuracies                the same, one a split
bit_exact_with_twin       every score equals the native twin's
========================= ==========================================================
"""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np

from kilolearn import datasets, firmware
from kilolearn.codecs.ternary_digits import INPUT_MAX, fit_windows
from kilolearn.measure import image_size
from kilolearn.measure_ternary_digits import DigitsRun, classify_on_chip, classify_on_twin
from kilolearn.quantise import QuantisedSplit

__all__ = ["APP", "CHIPS", "SplitRun", "bench_digits_in_a_kilobyte", "run_split", "summarise"]

APP = "ternary_digits"
CHIPS = ("attiny13a", "attiny85")
ACCURACY_ASKED = 90.0


@dataclass(frozen=True)
class SplitRun:
    """One split on one chip.

    Attributes:
        chip: Its name.
        flash: Bytes of the image.
        accuracy: Percent on the test part.
        wraps: Scores that differ from NumPy's.
        exact: The twin has the chip's scores.
        run: Of the chip.
    """

    chip: str
    flash: int
    accuracy: float
    wraps: int
    exact: bool
    run: DigitsRun


def bench_digits_in_a_kilobyte(executor: Executor, splits: int = 5) -> list[dict[str, object]]:
    """Rows, one a chip.

    Args:
        executor: Any; a process pool uses all cores.
        splits: Seeds 0..splits-1.
    """
    runs = [run for part in executor.map(run_split, range(splits)) for run in part]
    return [summarise([run for run in runs if run.chip == chip]) for chip in CHIPS]


def run_split(seed: int) -> list[SplitRun]:
    """Fit on the training part, and let each chip and the twin classify the test part."""
    split = QuantisedSplit.of(datasets.split(datasets.load("digits"), seed), INPUT_MAX)
    net = fit_windows(split.train_samples, split.train_labels, seed)
    configs = firmware.build_folder() / APP / f"split{seed}"
    configs.mkdir(parents=True, exist_ok=True)
    (configs / f"{APP}.h").write_text(net.header(), encoding="utf-8")
    expected = net.scores(split.test_samples)
    twin = classify_on_twin(firmware.build_twin(APP, configs=configs), split.test_samples)
    runs = []
    for chip in CHIPS:
        elf = firmware.build(APP, chip, configs=configs)
        run = classify_on_chip(elf, chip, split.test_samples, seed)
        runs.append(
            SplitRun(
                chip,
                image_size(elf).flash_bytes,
                100 * float(np.mean(run.digits == split.test_labels)),
                int(np.sum(run.scores != expected)),
                bool(np.array_equal(run.scores, twin)),
                run,
            )
        )
    return runs


def summarise(runs: list[SplitRun]) -> dict[str, object]:
    """The row above, of one chip's runs."""
    accuracies = [run.accuracy for run in runs]
    return {
        "image": APP,
        "chip": runs[0].chip,
        "flash": max(run.flash for run in runs),
        "sram_high_water": max(run.run.sram_high_water for run in runs),
        "seeds": len(runs),
        "converged": sum(accuracy >= ACCURACY_ASKED for accuracy in accuracies),
        "cycles_median": int(np.median(np.concatenate([run.run.cycles for run in runs]))),
        "wraps": sum(run.wraps for run in runs),
        "accuracy": round(float(np.mean(accuracies)), 3),
        "accuracies": [round(accuracy, 3) for accuracy in accuracies],
        "bit_exact_with_twin": all(run.exact for run in runs),
    }
