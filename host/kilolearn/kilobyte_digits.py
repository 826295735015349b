# SPDX-License-Identifier: GPL-3.0-or-later
"""The digits classifier in a kilobyte of flash, on each split of the digits benchmark.

For each split the weights are fitted on the training part, the image is built with them, and the
chip classifies the whole test part, image by image over its serial line.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kilolearn import datasets, firmware
from kilolearn.codecs.ternary_digits import INPUT_MAX, fit_windows
from kilolearn.measure_ternary_digits import DigitsRun, classify_on_chip, classify_on_twin
from kilolearn.quantise import QuantisedSplit

__all__ = ["APP", "CLASSIFIER", "DigitsClassifier", "SplitRun", "run_split"]

APP = "ternary_digits"
SPLITS = 5
ACCURACY_ASKED = 90.0


@dataclass(frozen=True)
class SplitRun:
    """One split on one chip.

    Attributes:
        accuracy: Percent on the test part, of the digits that the chip sent.
        wraps: Scores that differ from those of unbounded integers.
        exact: The twin has the chip's scores.
        run: Of the chip.
    """

    accuracy: float
    wraps: int
    exact: bool
    run: DigitsRun


def run_split(seed: int, mcu: str) -> SplitRun:
    """Fit on the training part, and let the chip and the twin classify the test part."""
    split = QuantisedSplit.of(datasets.split(datasets.load("digits"), seed), INPUT_MAX)
    net = fit_windows(split.train_samples, split.train_labels, seed)
    configs = firmware.build_folder() / APP / mcu / f"split{seed}"
    configs.mkdir(parents=True, exist_ok=True)
    (configs / f"{APP}.h").write_text(net.header(), encoding="utf-8")
    elf = firmware.build(APP, mcu, configs=configs)
    run = classify_on_chip(elf, mcu, split.test_samples, seed)
    twin = classify_on_twin(firmware.build_twin(APP, configs=configs), split.test_samples)
    return SplitRun(
        100 * float(np.mean(run.digits == split.test_labels)),
        int(np.sum(run.scores != net.scores(split.test_samples))),
        bool(np.array_equal(run.scores, twin)),
        run,
    )


@dataclass(frozen=True)
class DigitsClassifier:
    """An image of `kilolearn.bench_kilobyte`.

    Attributes:
        name: Its source in avr/kilobyte.
        chips: It is measured on.
    """

    name: str = APP
    chips: tuple[str, ...] = ("attiny13a", "attiny85")

    def build(self, mcu: str) -> Path:
        """The image with the weights in the tree; other weights take as many bytes."""
        return firmware.build(APP, mcu)

    def measure(self, mcu: str, elf: Path, seeds: int) -> dict[str, object]:  # noqa: ARG002
        """What a row says: a seed is a split, of which there are five."""
        runs = [run_split(seed, mcu) for seed in range(min(seeds, SPLITS))]
        good = [run.exact and run.accuracy >= ACCURACY_ASKED for run in runs]
        return {
            "sram_high_water": max(run.run.sram_high_water for run in runs),
            "seeds": len(runs),
            "converged": sum(good),
            "cycles_median": int(np.median(np.concatenate([run.run.cycles for run in runs]))),
            "wraps": sum(run.wraps for run in runs),
            "accuracy": round(float(np.mean([run.accuracy for run in runs])), 2),
            "accuracies": [round(run.accuracy, 2) for run in runs],
        }


CLASSIFIER = DigitsClassifier()
