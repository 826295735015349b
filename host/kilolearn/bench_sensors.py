# SPDX-License-Identifier: GPL-3.0-or-later
"""Sensors and streams, trained on the emulated chip, the twin and a float model beside it.

A row a data set:

=================== ==============================================================================
dataset             as aeon and river call it
learner             of avr/apps: app-config
evaluation          test part: trained on the published training part, scored once on the test
                    part; prequential: one pass, each sample answered before it is learned
accuracy            percent right, mean over the seeds (of first weights and rounding noise): the
                    chip's own for the first, the twin's, which has its bits, for the others
accuracy_min        of the seeds
accuracies          the same, one a seed, from 0 on
reference           the float model, on the PC in the same run
reference_accuracy  percent right, in the same evaluation
chip                as avr-gcc names it
sram_high_water     bytes: static data (weights, frames, sample) and the deepest stack
flash               bytes: .text + .data of the image
cycles_train        of learner_train, mean over every call
same_as_twin        all answers and final weights of seed 0 equal the native twin's
epochs, samples     passes over the training part, and its samples
weights             bytes of the model
=================== ==============================================================================
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from kilolearn import firmware
from kilolearn.learner import Learner
from kilolearn.lesson import Lesson, recordings_lesson, stream_lesson
from kilolearn.measure import ChipCost, open_emulated
from kilolearn.outcome import first_difference
from kilolearn.sensor_datasets import load_stream, load_windows
from kilolearn.sensor_references import stream_reference, window_reference
from kilolearn.twin import Twin

__all__ = ["SENSORS", "SensorRun", "bench_sensors", "run_sensor", "summarise"]

APP = "softmax"
CHIP = "attiny1634"
SEED = 0


class Sensor(NamedTuple):
    """By what a data set is learned, docs/sensors.md; `kilolearn.recipes` says how.

    Attributes:
        config: Of `APP`.
        reference: The float model beside it.
        stream: One prequential pass, for want of a training part.
        ends: The front end takes first and last values instead of changes (`WINDOW_ENDS`).
    """

    config: str
    reference: str
    stream: bool = False
    ends: bool = False


_SCALED = "StandardScaler, LogisticRegression (scikit-learn) on the same features"

SENSORS = {
    "BasicMotions": Sensor("basic_motions", _SCALED),
    "ItalyPowerDemand": Sensor("italy_power", _SCALED),
    "JapaneseVowels": Sensor("japanese_vowels", _SCALED, ends=True),
    "Phishing": Sensor("phishing", "StandardScaler, LogisticRegression (river)", stream=True),
    "Bananas": Sensor("bananas", "HoeffdingTreeClassifier (river)", stream=True),
}


@dataclass(frozen=True)
class SensorJob:
    """One training, ready to travel to another process."""

    dataset: str
    elf: Path
    twin: Path
    epochs: int | None
    seeds: int


@dataclass(frozen=True)
class SensorRun:
    """What came of it, by the keys above.

    Attributes:
        difference: From the twin, in words; None when bit-exact.
    """

    dataset: str
    accuracies: tuple[float, ...]
    reference_accuracy: float
    difference: str | None
    cost: ChipCost
    epochs: int
    samples: int
    weights_size: int


def bench_sensors(
    executor: Executor,
    names: list[str],
    epochs: int | None = None,
    seeds: int = 20,
    told: Callable[[SensorRun], None] | None = None,
) -> tuple[list[SensorRun], dict[str, Path]]:
    """Train on each data set.

    Args:
        executor: Any; a process pool uses all cores.
        names: Of `SENSORS`.
        epochs: Instead of each recipe's; a prequential pass is always one.
        seeds: How many trainings of each the accuracy is the mean of.
        told: Called as each run ends.

    Returns:
        The runs in the order of `names`, and the images by data set.

    Raises:
        MissingExtraError: aeon or river is not installed.
    """
    sensors = {name: SENSORS[name] for name in names}
    elfs = {name: firmware.build(APP, CHIP, each.config) for name, each in sensors.items()}
    twins = {name: firmware.build_twin(APP, each.config) for name, each in sensors.items()}
    jobs = [SensorJob(name, elfs[name], twins[name], epochs, seeds) for name in names]
    runs = []
    for future in as_completed([executor.submit(run_sensor, job) for job in jobs]):
        runs.append(future.result())
        if told is not None:
            told(runs[-1])
    return sorted(runs, key=lambda run: names.index(run.dataset)), elfs


def run_sensor(job: SensorJob) -> SensorRun:
    """Train and score one data set on chip, twin and float model."""
    twin = Twin(APP, library=job.twin)
    lesson = _lesson(job, twin, SEED)
    with open_emulated(job.elf, CHIP, SEED) as emulated:
        ours = lesson.give(emulated.link, None)
        cost = emulated.cost()
    difference = first_difference(ours, lesson.give(twin, None))
    others = [_lesson(job, twin, seed).give(twin, None) for seed in range(1, job.seeds)]
    epochs = max(1, len(ours.history.epochs))
    return SensorRun(
        job.dataset,
        (ours.accuracy, *(other.accuracy for other in others)),
        _reference(job.dataset),
        difference,
        cost,
        epochs,
        cost.train.calls // epochs,
        len(ours.weights),
    )


def _lesson(job: SensorJob, learner: Learner, seed: int) -> Lesson:
    if SENSORS[job.dataset].stream:
        return stream_lesson(learner, load_stream(job.dataset.lower()), seed)
    return recordings_lesson(learner, job.dataset, seed, job.epochs, None)


def _reference(dataset: str) -> float:
    """The float model's accuracy in the same evaluation, percent."""
    sensor = SENSORS[dataset]
    if sensor.stream:
        stream = load_stream(dataset.lower())
        return stream_reference(stream, linear="Logistic" in sensor.reference)
    return window_reference(*load_windows(dataset), sensor.ends)


def summarise(runs: list[SensorRun]) -> list[dict[str, object]]:
    """One row a data set, with the keys above."""
    return [
        {
            "dataset": run.dataset,
            "learner": f"{APP}-{SENSORS[run.dataset].config}",
            "evaluation": "prequential" if SENSORS[run.dataset].stream else "test part",
            "accuracy": round(float(np.mean(run.accuracies)), 3),
            "accuracy_min": round(min(run.accuracies), 3),
            "accuracies": [round(accuracy, 3) for accuracy in run.accuracies],
            "reference": SENSORS[run.dataset].reference,
            "reference_accuracy": round(run.reference_accuracy, 3),
            "chip": run.cost.mcu,
            "sram_high_water": run.cost.sram_high_water,
            "flash": run.cost.image.flash_bytes,
            "cycles_train": round(run.cost.train.mean, 1),
            "same_as_twin": run.difference is None,
            "epochs": run.epochs,
            "samples": run.samples,
            "weights": run.weights_size,
        }
        for run in runs
    ]
