# SPDX-License-Identifier: GPL-3.0-or-later
"""Sensors and streams, trained on the emulated chip, the twin and a float model beside it.

A row a data set:

=================== ==============================================================================
dataset             as aeon and river call it
learner             of avr/apps: app-config
evaluation          test part: trained on the published training part, scored once on the test
                    part; prequential: one pass, each sample answered before it is learned
accuracy            percent right
reference           the float model, on the PC in the same run
reference_accuracy  percent right, in the same evaluation
chip                as avr-gcc names it
sram_high_water     bytes: static data (weights, frames, sample) and the deepest stack
flash               bytes: .text + .data of the image
cycles_train        of learner_train, mean over every call
same_as_twin        all answers and final weights equal the native twin's
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
from kilolearn.learner import Answers, Learner, Samples
from kilolearn.measure import ChipCost, open_emulated
from kilolearn.prequential import quantise_stream, train_prequentially
from kilolearn.quantise import InputScale
from kilolearn.sensor_datasets import RecordedWindows, load_stream, load_windows
from kilolearn.sensor_references import stream_reference, window_reference
from kilolearn.train import TrainingRecipe, evaluate, train_on_chip
from kilolearn.twin import Twin
from kilolearn.windows import WindowLearner, pack_windows

__all__ = ["SENSORS", "SensorRun", "bench_sensors", "run_sensor", "summarise"]

CHIP = "attiny1634"
SEED = 0


class Sensor(NamedTuple):
    """How a data set is learned: the hyperparameters of docs/sensors.md.

    Attributes:
        config: Of the app.
        epochs: Over the training part, the step size halved at `FALLS`; 0 for one prequential pass.
        falls: In a pass, numbers of samples after which the step size is halved.
        reference: The float model beside it.
        ends: The front end takes first and last values instead of changes (`WINDOW_ENDS`).
        app: Of avr/apps.
    """

    config: str
    epochs: int
    falls: tuple[int, ...]
    reference: str
    ends: bool = False
    app: str = "softmax"


FALLS = (0.5, 0.7, 0.8, 0.9)
_SCALED = "StandardScaler, LogisticRegression (scikit-learn) on the same features"

SENSORS = {
    "BasicMotions": Sensor("basic_motions", 40, (), _SCALED),
    "ItalyPowerDemand": Sensor("italy_power", 40, (), _SCALED, app="lvq"),
    "JapaneseVowels": Sensor("japanese_vowels", 10, (), _SCALED, ends=True),
    "Phishing": Sensor("phishing", 0, (64, 200, 600), "StandardScaler, LogisticRegression (river)"),
    "Bananas": Sensor("bananas", 0, (200, 600, 2000), "HoeffdingTreeClassifier (river)"),
}


@dataclass(frozen=True)
class SensorJob:
    """One training, ready to travel to another process."""

    dataset: str
    elf: Path
    twin: Path
    epochs: int | None


@dataclass(frozen=True)
class SensorRun:
    """What came of it, by the keys above.

    Attributes:
        difference: From the twin, in words; None when bit-exact.
    """

    dataset: str
    accuracy: float
    reference_accuracy: float
    difference: str | None
    cost: ChipCost
    epochs: int
    samples: int
    weights_size: int


class _Outcome(NamedTuple):
    """All that chip and twin must have in common."""

    accuracy: float
    answers: tuple[Answers, ...]
    weights: bytes


def bench_sensors(
    executor: Executor,
    names: list[str],
    epochs: int | None = None,
    told: Callable[[SensorRun], None] | None = None,
) -> tuple[list[SensorRun], dict[str, Path]]:
    """Train on each data set.

    Args:
        executor: Any; a process pool uses all cores.
        names: Of `SENSORS`.
        epochs: Instead of each recipe's; a prequential pass is always one.
        told: Called as each run ends.

    Returns:
        The runs in the order of `names`, and the images by data set.

    Raises:
        MissingExtraError: aeon or river is not installed.
    """
    sensors = {name: SENSORS[name] for name in names}
    elfs = {name: firmware.build(each.app, CHIP, each.config) for name, each in sensors.items()}
    twins = {name: firmware.build_twin(each.app, each.config) for name, each in sensors.items()}
    jobs = [SensorJob(name, elfs[name], twins[name], epochs) for name in names]
    runs = []
    for future in as_completed([executor.submit(run_sensor, job) for job in jobs]):
        runs.append(future.result())
        if told is not None:
            told(runs[-1])
    return sorted(runs, key=lambda run: names.index(run.dataset)), elfs


def run_sensor(job: SensorJob) -> SensorRun:
    """Train and score one data set on chip, twin and float model."""
    sensor = SENSORS[job.dataset]
    twin = Twin(sensor.app, library=job.twin)
    score: Callable[[Learner], _Outcome]
    if sensor.epochs == 0:
        epochs = 1
        score, samples, reference = _stream(job.dataset, sensor, twin)
    else:
        epochs = job.epochs or sensor.epochs
        score, samples, reference = _recordings(job.dataset, sensor, epochs, twin)
    with open_emulated(job.elf, CHIP, SEED) as emulated:
        ours = score(emulated.link)
        cost = emulated.cost()
    theirs = score(twin)
    return SensorRun(
        job.dataset,
        ours.accuracy,
        reference,
        _difference(ours, theirs),
        cost,
        epochs,
        samples,
        len(ours.weights),
    )


def summarise(runs: list[SensorRun]) -> list[dict[str, object]]:
    """One row a data set, with the keys above."""
    return [
        {
            "dataset": run.dataset,
            "learner": f"{SENSORS[run.dataset].app}-{SENSORS[run.dataset].config}",
            "evaluation": "test part" if SENSORS[run.dataset].epochs else "prequential",
            "accuracy": round(run.accuracy, 3),
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


_Prepared = tuple[Callable[[Learner], _Outcome], int, float]


def _stream(name: str, sensor: Sensor, twin: Twin) -> _Prepared:
    """One prequential pass, its number of samples, and the reference's accuracy in the same."""
    stream = load_stream(name.lower())
    samples = quantise_stream(stream, twin.description.input_max)

    def score(learner: Learner) -> _Outcome:
        run = train_prequentially(learner, samples, stream.labels, sensor.falls, SEED)
        return _Outcome(run.accuracy, (run.answers,), run.weights)

    return score, len(samples), stream_reference(stream, linear="Logistic" in sensor.reference)


def _recordings(name: str, sensor: Sensor, epochs: int, twin: Twin) -> _Prepared:
    """Training and test part of a set of recordings, likewise."""
    train, test = load_windows(name)
    packed, view = _pack(twin, train, test)
    recipe = TrainingRecipe.falling(epochs, FALLS, SEED)

    def score(learner: Learner) -> _Outcome:
        learner = view(learner)
        history = train_on_chip(learner, packed[0], train.labels, recipe)
        weights = learner.read_weights()
        accuracy, answers = evaluate(learner, packed[1], test.labels)
        return _Outcome(accuracy, (*(epoch.answers for epoch in history.epochs), answers), weights)

    return score, len(train.labels), window_reference(train, test, sensor.ends)


def _pack(
    twin: Twin, train: RecordedWindows, test: RecordedWindows
) -> tuple[list[Samples], Callable[[Learner], Learner]]:
    """Both parts quantised by the training part's range, and how a learner takes them.

    A learner whose inputs are the values of a window takes it in one frame, one whose inputs are an
    index and the axes of a step takes it in steps.
    """
    about = twin.description
    if about.inputs == train.windows[0].size:
        flat = [np.array([window.ravel() for window in part.windows]) for part in (train, test)]
        scale = InputScale.fit(flat[0], about.input_max, shared=True)
        return [scale.apply(part) for part in flat], lambda learner: learner
    steps_max = max(len(window) for part in (train, test) for window in part.windows)
    scale = InputScale.fit(np.concatenate(train.windows), about.input_max)
    return (
        [pack_windows(part.windows, scale, steps_max) for part in (train, test)],
        lambda learner: WindowLearner(learner, steps_max),
    )


def _difference(ours: _Outcome, theirs: _Outcome) -> str | None:
    """Where chip and twin part ways, in words; None when they agree bit for bit."""
    for number, (chip, twin) in enumerate(zip(ours.answers, theirs.answers, strict=True)):
        unequal = (chip.predictions != twin.predictions) | (chip.margins != twin.margins)
        if unequal.any():
            return f"pass {number}: sample {int(np.argmax(unequal))} is answered differently"
    return None if ours.weights == theirs.weights else "the final weights differ"
