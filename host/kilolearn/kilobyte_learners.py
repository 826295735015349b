# SPDX-License-Identifier: GPL-3.0-or-later
"""The images in a kilobyte of flash that learn from voltages, each from many seeds.

The board sets voltages and reads pins; what was right is judged here. An image learns once, from
fresh, and then answers fresh samples without labels; the anomaly detector, which never stops
learning, is judged by its answers on the way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import fmean, median

import numpy as np
from numpy.typing import NDArray

from kilolearn import firmware, recall
from kilolearn.bench_tasks import run_task
from kilolearn.measure_recall import open_recall_board
from kilolearn.measure_stream import PerceptronBoard
from kilolearn.tasks import TASKS

__all__ = ["LEARNERS", "KilobyteLearner", "KilobyteRun"]

RECALL_STEPS = 300
RECALL_TESTS = 100

Integers = NDArray[np.int64]


@dataclass(frozen=True)
class KilobyteRun:
    """One seed.

    Attributes:
        accuracy: Share of right answers, 0-1; of anomalies the balanced one.
        cycles: Of the training, from reset.
        sram_high_water: Static bytes and the deepest stack.
        wraps: Numbers of the final model that unbounded integers leave elsewhere; None where that
            is not counted.
    """

    accuracy: float
    cycles: int
    sram_high_water: int
    wraps: int | None


@dataclass(frozen=True)
class KilobyteLearner:
    """An image.

    Attributes:
        name: What its row calls it, and ``--image``.
        app, config: Of `kilolearn.firmware.build`.
        run: Learns and answers, given image, chip and seed.
        converged_at: The accuracy, 0-1, from which a seed counts as one that has learned.
        chips: It is measured on.
    """

    name: str
    app: str
    config: str | None
    run: Callable[[Path, str, int], KilobyteRun]
    converged_at: float
    chips: tuple[str, ...] = ("attiny13a",)

    def build(self, mcu: str) -> Path:
        """The image for a chip."""
        return firmware.build(self.app, mcu, self.config)

    def measure(self, mcu: str, elf: Path, seeds: int) -> dict[str, object]:
        """What a row says of its runs, from seeds 1..seeds."""
        runs = [self.run(elf, mcu, seed) for seed in range(1, seeds + 1)]
        wraps = [run.wraps for run in runs if run.wraps is not None]
        return {
            "sram_high_water": max(run.sram_high_water for run in runs),
            "seeds": len(runs),
            "converged": sum(run.accuracy >= self.converged_at for run in runs),
            "cycles_median": median(run.cycles for run in runs),
            "wraps": sum(wraps) if wraps else None,
            "accuracy": round(100 * fmean(run.accuracy for run in runs), 2),
        }


def _run_task(elf: Path, mcu: str, seed: int, task: str) -> KilobyteRun:
    done = run_task(elf, mcu, task, seed)
    return KilobyteRun(done.clean, done.cycles, done.sram_high_water, None)


def _run_perceptron(elf: Path, mcu: str, seed: int) -> KilobyteRun:
    done = run_task(elf, mcu, "linear", seed, PerceptronBoard)
    stream = TASKS["linear"](seed)
    exact = _averaged_perceptron(stream.samples, stream.labels)
    left = np.frombuffer(done.model, np.uint8)[:18].reshape(6, 3).astype(np.int64)
    found = left @ (1, 1 << 8, 1 << 16)
    found -= (found >> 23) << 24
    return KilobyteRun(done.clean, done.cycles, done.sram_high_water, int(np.sum(found != exact)))


def _averaged_perceptron(samples: NDArray[np.uint8], labels: NDArray[np.uint8]) -> Integers:
    """Weights and sums, (6,), by ``avr/online/averaged.h`` without any range."""
    weight, total = np.zeros(3, np.int64), np.zeros(3, np.int64)
    for sample, label in zip(samples, labels, strict=True):
        x = np.append(sample.astype(np.int64) - 128, 64) * (2 * int(label) - 1)
        if weight @ x <= 8192:
            weight += x
        total += weight
    return np.concatenate([weight, total])


def _run_recall(elf: Path, mcu: str, seed: int) -> KilobyteRun:
    samples, labels = recall.sequences(RECALL_STEPS + RECALL_TESTS, np.random.default_rng(seed))
    exact, wraps = np.zeros((3, 8), np.int64), 0
    with open_recall_board(elf, mcu, seed) as board:
        seen, weight = board.chip.var("net.x"), board.chip.var("net.weight")
        for sample, label in zip(samples[:RECALL_STEPS], labels, strict=False):
            board.teach(sample[np.newaxis], label[np.newaxis])
            x = seen.astype(np.int64)
            target = label >> np.arange(3)[::-1] & 1
            exact += np.outer(target - (exact @ x >= 0), x)
        wraps = int(np.sum(weight != exact))
        cycles = int(board.chip.cycle)
        answers = board.ask(samples[RECALL_STEPS:])
        accuracy = float(np.mean(answers == labels[RECALL_STEPS:]))
        return KilobyteRun(accuracy, cycles, int(board.chip.sram_high_water), wraps)


_ON_LINE = partial(_run_task, task="linear")

LEARNERS = (
    KilobyteLearner("perceptron", "perceptron", None, _run_perceptron, 0.8),
    KilobyteLearner("perceptron_in_c", "stream_linear", "averaged", _ON_LINE, 0.8),
    KilobyteLearner("centroid", "stream_linear", "centroid", _ON_LINE, 0.8),
    KilobyteLearner("stump", "stream_linear", "stump", _ON_LINE, 0.8),
    KilobyteLearner("anomaly", "stream_anomaly", None, partial(_run_task, task="anomaly"), 0.9),
    KilobyteLearner("rules", "stream_rules", "grid", partial(_run_task, task="rules"), 0.8),
    KilobyteLearner("recall", "recall", None, _run_recall, 0.95),
)
