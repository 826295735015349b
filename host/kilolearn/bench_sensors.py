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
from kilolearn.learner import Answers, Learner
from kilolearn.measure import ChipCost, open_emulated
from kilolearn.outcome import train_and_test
from kilolearn.prequential import stream_scale, train_prequentially
from kilolearn.recipes import falls_for, recipe_for
from kilolearn.recordings import fit_recordings
from kilolearn.sensor_datasets import load_stream, load_windows
from kilolearn.sensor_references import stream_reference, window_reference
from kilolearn.train import TrainingRecipe
from kilolearn.twin import Twin

__all__ = ["SENSORS", "SensorRun", "bench_sensors", "run_sensor", "summarise"]

CHIP = "attiny1634"
SEED = 0


class Sensor(NamedTuple):
    """By what a data set is learned, docs/sensors.md; `kilolearn.recipes` says how.

    Attributes:
        config: Of the app.
        reference: The float model beside it.
        stream: One prequential pass, for want of a training part.
        ends: The front end takes first and last values instead of changes (`WINDOW_ENDS`).
        app: Of avr/apps.
    """

    config: str
    reference: str
    stream: bool = False
    ends: bool = False
    app: str = "softmax"


_SCALED = "StandardScaler, LogisticRegression (scikit-learn) on the same features"

SENSORS = {
    "BasicMotions": Sensor("basic_motions", _SCALED),
    "ItalyPowerDemand": Sensor("italy_power", _SCALED, app="lvq"),
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
    recipe = recipe_for(twin.description.name, SEED, job.epochs)
    epochs = 1 if sensor.stream else recipe.epochs
    if sensor.stream:
        score, samples, reference = _stream(job.dataset, sensor, twin)
    else:
        score, samples, reference = _recordings(job.dataset, sensor, recipe)
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
            "evaluation": "prequential" if SENSORS[run.dataset].stream else "test part",
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
    samples = stream_scale(stream, twin.description.input_max).apply(stream.features)
    falls = falls_for(twin.description.name)

    def score(learner: Learner) -> _Outcome:
        run = train_prequentially(learner, samples, stream.labels, falls, SEED)
        return _Outcome(run.accuracy, (run.answers,), run.weights)

    return score, len(samples), stream_reference(stream, linear="Logistic" in sensor.reference)


def _recordings(name: str, sensor: Sensor, recipe: TrainingRecipe) -> _Prepared:
    """Training and test part of a set of recordings, likewise."""
    train, test = load_windows(name)

    def score(learner: Learner) -> _Outcome:
        whole = train_and_test(*fit_recordings(learner, train, test), recipe)
        answers = (*(epoch.answers for epoch in whole.history.epochs), whole.answers)
        return _Outcome(whole.accuracy, answers, whole.weights)

    return score, len(train.labels), window_reference(train, test, sensor.ends)


def _difference(ours: _Outcome, theirs: _Outcome) -> str | None:
    """Where chip and twin part ways, in words; None when they agree bit for bit."""
    for number, (chip, twin) in enumerate(zip(ours.answers, theirs.answers, strict=True)):
        unequal = (chip.predictions != twin.predictions) | (chip.margins != twin.margins)
        if unequal.any():
            return f"pass {number}: sample {int(np.argmax(unequal))} is answered differently"
    return None if ours.weights == theirs.weights else "the final weights differ"
