# SPDX-License-Identifier: GPL-3.0-or-later
"""The compression benchmark: the smallest firmware that is as accurate as scikit-learn's best.

Each split's training part alone decides. There scikit-learn's logistic regression, perceptron and
forest are chosen from small grids, on the features in floating point. Ours is the smallest model
that answers like `plain_net`: of a search's most accurate and smallest ones, and that net itself,
one that differs from it in at most `TOLERANCE` of the answers, in cross-validations with other
folds than the search's. Where the plain net is less accurate in cross-validation than the best of
scikit-learn's, by two standard errors, and for digits, of which six nets of windows are tried, it
is the smallest that is as accurate as that one; if there is none, the most accurate. emlearn's is
the same of its models. Both are built in one image, by one compiler call, and classify the whole
held-out part on the emulated chip.

A row a data set and system:

================== =================================================================
dataset, system    of `DATASETS`; kilolearn or emlearn
accuracy           percent right on the held-out parts, counted from the chip's answers
reference_accuracy the best of the three models of scikit-learn, percent right on the same
                   parts in the mean of the splits
reference          its name
flash              bytes: .text + .data of the image, start-up code and all
sram_high_water    bytes: static data, the sample, and the deepest stack
cycles             of one classification, mean
trials             candidates that were looked at, all splits together
trials_per_s       by one process
model              of each split: the family and its genes
flashes            bytes, of each split
accuracies         percent right, of each split
splits             held-out parts; flash and sram_high_water are the largest of them
ratio              emlearn's flash to ours
================== =================================================================
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from concurrent.futures import Executor, as_completed
from dataclasses import dataclass

import numpy as np

from kilolearn.classifier.cost import Cost, cost
from kilolearn.classifier.table import Table
from kilolearn.compress_choice import (
    agreements,
    as_accurate,
    finalists,
    smallest,
    standard_error,
)
from kilolearn.compress_peers import smallest_peer
from kilolearn.families.genes import Genes
from kilolearn.search.engine import search
from kilolearn.search.evaluate import (
    ALL_FEATURES,
    Problem,
    evaluate,
    gene_key,
    narrowed,
    refit,
)
from kilolearn.search.prepare import Prepared, load_problem_data
from kilolearn.search.reference import Reference, best_reference, reference_models

__all__ = [
    "DATASETS",
    "MCU",
    "CompressJob",
    "CompressRun",
    "bench_compress",
    "run_job",
    "summarise",
]

MCU = "atmega328p"


TRIALS = 120
"""Candidates that the search proposes."""

FAMILIES = ("tree", "score", "oblique", "linear")

FRESH_CUTS = 3
"""Cross-validations with other folds, in which finalists are held against the plain net."""

TOLERANCE = 0.25
"""Percent of the plain net's answers."""

FIRST_SEED = 15
"""Of the splits. Others were looked at while this was built, and judge no more."""


@dataclass(frozen=True)
class _Plan:
    """How a data set is looked at.

    Attributes:
        splits: Held-out parts.
        folds: Of a cross-validation.
        windows: Channels of nets of windows to choose from; none: a search. A fit takes seconds.
    """

    splits: int
    folds: int = 5
    windows: tuple[int, ...] = ()


DATASETS = {
    "iris": _Plan(splits=20),
    "wine": _Plan(splits=20),
    "breast_cancer": _Plan(splits=10),
    "digits": _Plan(splits=5, folds=3, windows=(16, 20, 24, 28, 32, 40)),
    "basic_motions": _Plan(splits=1),
}
"""Recordings have published parts, the others stratified fifths by seed: 30 samples of iris, 36 of
wine, 114, 360."""


def plain_net(table: Table) -> Genes:
    """All features in all their levels, a weight of 8 bits a feature and class.

    Told by a wide net, it answers as well as a float model on small tables
    (tools/compare_choices.py).
    """
    return {
        "family": "linear", "ranking": ALL_FEATURES,
        "level_bits": table.level_max.bit_length(), "linear.representation": "int8",
        "linear.kept": 4, "linear.scales": "one", "linear.decay": 2, "linear.steps": 400,
        "linear.teacher": "net",
    }  # fmt: skip


@dataclass(frozen=True)
class CompressJob:
    """One split of one data set, ready to travel to another process."""

    dataset: str
    seed: int


@dataclass(frozen=True)
class SystemRun:
    """What one system came to on one split.

    Attributes:
        accuracy: Percent right on the held-out part.
        cost: Over the held-out part.
        model: In words.
        trials: Candidates.
        seconds: Of the hunt.
    """

    accuracy: float
    cost: Cost
    model: str
    trials: int
    seconds: float


@dataclass(frozen=True)
class CompressRun:
    """What came of a split.

    Attributes:
        dataset, seed: Of the job.
        reference: Percent right on the held-out part, by model of scikit-learn.
        systems: By name.
    """

    dataset: str
    seed: int
    reference: dict[str, float]
    systems: dict[str, SystemRun]


def bench_compress(
    executor: Executor,
    names: Iterable[str] = tuple(DATASETS),
    splits: int | None = None,
    told: Callable[[CompressRun], None] | None = None,
) -> list[dict[str, object]]:
    """Hunt on every split, and score once.

    Args:
        executor: Any; a process pool uses all cores.
        names: Of `DATASETS`.
        splits: Of each at most, with seeds from `FIRST_SEED`.
        told: Called as each split ends.

    Returns:
        The rows above.

    Raises:
        MissingExtraError: scikit-learn, Optuna, aeon or emlearn is not installed.
    """
    futures = [
        executor.submit(run_job, CompressJob(name, FIRST_SEED + seed))
        for name in sorted(names, key=lambda name: name != "digits")  # the longest first
        for seed in range(DATASETS[name].splits)[:splits]
    ]
    runs = []
    for future in as_completed(futures):
        runs.append(future.result())
        if told is not None:
            told(runs[-1])
    return summarise(runs)


def run_job(job: CompressJob) -> CompressRun:
    """Hunt inside the training part of a split, then score on the held-out part."""
    data = load_problem_data(job.dataset, seed=job.seed)
    references = list(reference_models(data.train_values, data.train.labels, job.seed))
    best = best_reference(references)
    reference = {
        one.name: 100 * float(np.mean(one.model.predict(data.test_values) == data.test.labels))
        for one in references
    }
    systems = {"kilolearn": _ours(job, data, best), "emlearn": _emlearn(job, data, best)}
    return CompressRun(job.dataset, job.seed, reference, systems)


def _ours(job: CompressJob, data: Prepared, reference: Reference) -> SystemRun:
    start = time.perf_counter()
    plan = DATASETS[job.dataset]
    problem = Problem(data.train, MCU, plan.folds, job.seed, FAMILIES)
    if plan.windows:
        tried = [evaluate(problem, _windows_net(channels)) for channels in plan.windows]
        chosen = as_accurate(tried, reference.accuracy)
    else:
        plain = evaluate(problem, plain_net(data.train))
        tried = [*search(problem, ("flash",), TRIALS, seed=job.seed).trials, plain]
        if plain.accuracy + 2 * standard_error(plain, len(data.train.labels)) < reference.accuracy:
            chosen = as_accurate(tried, reference.accuracy)
        else:
            likely = [*finalists(tried), plain]
            likeness = agreements(problem, likely, plain.genes, FRESH_CUTS)
            chosen = smallest(likely, likeness, 100 - TOLERANCE)
    seconds = time.perf_counter() - start
    fitted, columns = refit(problem, chosen.genes)
    test = narrowed(data.test, columns, chosen.genes)
    answers = fitted.classify(test.levels)
    return SystemRun(
        100 * float(np.mean(answers == test.labels)),
        cost(fitted.source(), MCU, test.levels, answers),
        gene_key(chosen.genes),
        len(tried),
        seconds,
    )


def _windows_net(channels: int) -> Genes:
    return {
        "family": "windows", "ranking": ALL_FEATURES, "level_bits": 4,
        "windows.channels": channels, "windows.epochs": 60,
    }  # fmt: skip


def _emlearn(job: CompressJob, data: Prepared, reference: Reference) -> SystemRun:
    start = time.perf_counter()
    found = smallest_peer(
        data.train, MCU, DATASETS[job.dataset].folds, job.seed, reference.accuracy
    )
    seconds = time.perf_counter() - start
    taken, answers = found.cost(MCU, data.test.levels)
    accuracy = 100 * float(np.mean(answers == data.test.labels))
    return SystemRun(accuracy, taken, found.model.name, found.trials, seconds)


def summarise(runs: list[CompressRun]) -> list[dict[str, object]]:
    """One row a data set and system, with the keys above."""
    rows: list[dict[str, object]] = []
    for dataset in DATASETS:
        own = sorted((run for run in runs if run.dataset == dataset), key=lambda run: run.seed)
        if not own:
            continue
        means = {
            name: float(np.mean([run.reference[name] for run in own])) for name in own[0].reference
        }
        best = max(means, key=lambda name: means[name])
        largest = {
            system: max(run.systems[system].cost.flash for run in own) for system in own[0].systems
        }
        for system in own[0].systems:
            of = [run.systems[system] for run in own]
            trials = sum(one.trials for one in of)
            rows.append(
                {
                    "dataset": dataset,
                    "system": system,
                    "accuracy": round(float(np.mean([one.accuracy for one in of])), 2),
                    "reference_accuracy": round(means[best], 2),
                    "reference": best,
                    "flash": largest[system],
                    "sram_high_water": max(one.cost.sram_high_water for one in of),
                    "cycles": round(float(np.mean([one.cost.cycles for one in of])), 1),
                    "trials": trials,
                    "trials_per_s": round(trials / sum(one.seconds for one in of), 1),
                    "model": [one.model for one in of],
                    "flashes": [one.cost.flash for one in of],
                    "accuracies": [round(one.accuracy, 2) for one in of],
                    "splits": len(of),
                    "ratio": round(largest["emlearn"] / largest[system], 2),
                }
            )
    return rows
