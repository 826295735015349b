# SPDX-License-Identifier: GPL-3.0-or-later
"""The inference benchmark: one fitted scikit-learn model, C by four systems, on the ATmega328P.

Features are quantised to levels first and the models fitted on those, so that every system gets
the same numbers; what it takes them as (bytes, int16, float) is its own affair. Shapes and
regularisation were chosen by cross-validation inside the training part of split 0.

A row a data set, model and system:

================= ==================================================================
dataset, model    `MODELS` of each of `DATASETS`
system            kilolearn, emlearn, m2cgen, micromlgen
status            "ok", or why there are no figures; the figures are null then
accuracy          percent right on the held-out parts, counted from the chip's answers
agreement         percent of those answers that are scikit-learn's own
answers_differing how many of all splits' answers are not
same_as_model     none differs
flash             bytes: .text + .data of the image, harness and C runtime included
sram_high_water   bytes: static data, the sample and the deepest stack of all runs
cycles            of one classification, mean over the held-out samples
cycles_max        the longest of them
splits            held-out parts, 20 % each; flash and sram_high_water are the largest
================= ==================================================================
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from concurrent.futures import Executor, as_completed
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kilolearn import datasets, firmware
from kilolearn.augment import half_pixel_moves
from kilolearn.emulator import emulator_errors, image_size
from kilolearn.errors import BuildError, MissingExtraError
from kilolearn.inference_peers import MCU, SYSTEMS, Task, build_image, check_peers
from kilolearn.measure import run_inference
from kilolearn.quantise import QuantisedSplit

__all__ = ["DATASETS", "MODELS", "InferenceResult", "bench_inference", "fit", "summarise"]

DATASETS = {"iris": 63, "breast_cancer": 63, "digits": 16}
"""Highest level of each."""

MODELS = ("tree", "forest", "linear", "mlp")

_WEIGHT_BITS = {("digits", "mlp"): 8}
"""Where speed is wanted; elsewhere 16."""

_MEANS = {"accuracy": 2, "agreement": 2, "cycles": 1}
_LARGEST = ("flash", "sram_high_water", "cycles_max")
_TOTAL = "answers_differing"
_PEER_ERRORS: tuple[type[Exception], ...] = (
    BuildError,
    ValueError,
    TypeError,
    NotImplementedError,
    AssertionError,
)


@dataclass(frozen=True)
class InferenceJob:
    """One system's firmware of one model, ready to travel to another process."""

    dataset: str
    model: str
    system: str
    seed: int
    task: Task
    test_samples: NDArray[np.uint8]
    test_labels: NDArray[np.int64]
    folder: Path


@dataclass(frozen=True)
class InferenceResult:
    """What came of it: the keys of a row, of one split; no figures unless the status is "ok"."""

    dataset: str
    model: str
    system: str
    seed: int
    status: str
    figures: dict[str, float]


def bench_inference(
    executor: Executor,
    splits: int = 5,
    names: Iterable[str] = tuple(DATASETS),
    told: Callable[[InferenceResult], None] | None = None,
) -> list[dict[str, object]]:
    """Fit, export, build and run everything.

    Args:
        executor: Any; a process pool uses all cores.
        splits: Seeds 0..splits-1.
        names: Of `DATASETS`.
        told: Called as each run ends.

    Returns:
        The rows above.

    Raises:
        MissingExtraError: scikit-learn or a peer is not installed.
    """
    check_peers()
    futures = [
        executor.submit(run_job, job)
        for seed in range(splits)
        for name in names
        for model in MODELS
        for job in _jobs(name, model, seed)
    ]
    results = []
    for future in as_completed(futures):
        results.append(future.result())
        if told is not None:
            told(results[-1])
    return summarise(results)


def fit(model: str, dataset: str, samples: NDArray[np.uint8], labels: NDArray[np.int64]) -> Any:
    """Fit a model on levels.

    Linear models and perceptrons learn on levels / input_max, which is then folded into their
    first weights.

    Args:
        model: Of `MODELS`.
        dataset: Of `DATASETS`.
        samples: (samples, width) levels, the training part.
        labels: (samples,).
    """
    try:
        from sklearn.ensemble import RandomForestClassifier  # noqa: PLC0415 - an extra
        from sklearn.exceptions import ConvergenceWarning  # noqa: PLC0415
        from sklearn.linear_model import LogisticRegression  # noqa: PLC0415
        from sklearn.neural_network import MLPClassifier  # noqa: PLC0415
        from sklearn.tree import DecisionTreeClassifier  # noqa: PLC0415
    except ImportError as error:
        raise MissingExtraError(
            f"scikit-learn is not installed ({error}); install the extra 'learn'"
        ) from error
    digits = dataset == "digits"
    input_max = DATASETS[dataset]
    if model == "tree":
        return DecisionTreeClassifier(random_state=0).fit(samples, labels)
    if model == "forest":
        # As many trees as the peers have flash for.
        return RandomForestClassifier(5 if digits else 10, random_state=0).fit(samples, labels)
    if model == "linear":
        linear = LogisticRegression(C=10, max_iter=5000)
        linear.fit(samples / input_max, labels)
        linear.coef_ /= input_max
        return linear
    if digits:
        mlp = MLPClassifier(
            11, alpha=1e-1, max_iter=150, n_iter_no_change=150, learning_rate_init=3e-3,
            batch_size=64, random_state=0,
        )  # fmt: skip
        width = samples.shape[1]
        samples = np.concatenate([samples, half_pixel_moves(samples).reshape(-1, width)])
        labels = np.concatenate([labels, np.repeat(labels, 4)])
    else:
        mlp = MLPClassifier(8, solver="lbfgs", alpha=1, max_iter=2000, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the epochs are chosen, too
        mlp.fit(samples / input_max, labels)
    mlp.coefs_[0] /= input_max
    return mlp


def _jobs(dataset: str, model: str, seed: int) -> list[InferenceJob]:
    split = QuantisedSplit.of(datasets.split(datasets.load(dataset), seed), DATASETS[dataset])
    fitted = fit(model, dataset, split.train_samples, split.train_labels)
    weight_bits = _WEIGHT_BITS.get((dataset, model), 16)
    task = Task(fitted, split.train_samples, DATASETS[dataset], len(fitted.classes_), weight_bits)
    folder = firmware.build_folder() / "inference" / f"{dataset}-{model}-{seed}"
    return [
        InferenceJob(
            dataset, model, system, seed, task, split.test_samples, split.test_labels,
            folder / system,
        )
        for system in SYSTEMS
    ]  # fmt: skip


def run_job(job: InferenceJob) -> InferenceResult:
    """Build one firmware and classify the held-out samples on the chip.

    What a peer cannot do is a result; that ours cannot is an error.
    """
    told = (job.dataset, job.model, job.system, job.seed)
    try:
        image = build_image(job.system, job.task, job.folder)
        run = run_inference(image, MCU, job.test_samples)
    except _PEER_ERRORS + emulator_errors() as error:
        if job.system == "kilolearn":
            raise
        return InferenceResult(*told, str(error), {})
    expected = job.task.model.predict(job.test_samples)
    return InferenceResult(
        *told,
        "ok",
        {
            "accuracy": 100 * float(np.mean(run.answers == job.test_labels)),
            "agreement": 100 * float(np.mean(run.answers == expected)),
            _TOTAL: int(np.count_nonzero(run.answers != expected)),
            "flash": image_size(image).flash_bytes,
            "sram_high_water": run.sram_high_water,
            "cycles": run.cycles,
            "cycles_max": run.cycles_max,
        },
    )


def summarise(results: list[InferenceResult]) -> list[dict[str, object]]:
    """One row a data set, model and system, with the keys above."""
    rows: list[dict[str, object]] = []
    for dataset, model, system in product(DATASETS, MODELS, SYSTEMS):
        own = [
            result
            for result in results
            if (result.dataset, result.model, result.system) == (dataset, model, system)
        ]
        if not own:
            continue
        failed = [result.status for result in own if result.status != "ok"]
        figures: dict[str, object] = dict.fromkeys((*_MEANS, *_LARGEST, _TOTAL, "same_as_model"))
        if not failed:
            for key, digits in _MEANS.items():
                mean = sum(result.figures[key] for result in own) / len(own)
                figures[key] = round(mean, digits)
            for key in _LARGEST:
                figures[key] = max(result.figures[key] for result in own)
            differing = sum(result.figures[_TOTAL] for result in own)
            figures |= {_TOTAL: differing, "same_as_model": differing == 0}
        rows.append(
            {
                "dataset": dataset,
                "model": model,
                "system": system,
                "status": failed[0] if failed else "ok",
                **figures,
                "splits": len(own),
            }
        )
    return rows
