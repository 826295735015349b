# SPDX-License-Identifier: GPL-3.0-or-later
"""The compression benchmark: the smallest firmware that is as accurate as scikit-learn's best.

Each split's training part alone decides. There scikit-learn's logistic regression, perceptron and
forest are chosen from small grids, on the features in floating point; the best of the three in
cross-validation is the reference. Ours is the smallest model that answers like it: of a search's
most accurate and smallest ones, and of some plain nets, within `TOLERANCE` of the one that agrees
with the reference most often, in cross-validations with other folds than the search's. The digits'
windows are right more often than the reference; there the smallest that is as accurate is taken.
emlearn's is the smallest of its models that is as accurate as the reference in cross-validation; if
none is, the most accurate one. Both are built in one image, by one compiler call, and classify the
whole held-out part on the emulated chip.

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
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, as_completed
from dataclasses import dataclass
from itertools import product

import numpy as np

from kilolearn.compress_choice import agreements, finalists, smallest
from kilolearn.compress_peers import smallest_peer
from kilolearn.search.cost import Cost, cost
from kilolearn.search.engine import search
from kilolearn.search.evaluate import (
    ALL_FEATURES,
    Problem,
    Trial,
    evaluate,
    gene_key,
    narrowed,
    refit,
)
from kilolearn.search.genes import Genes
from kilolearn.search.prepare import Prepared, load_problem_data
from kilolearn.search.reference import Reference, best_reference, reference_models
from kilolearn.search.table import Table

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


@dataclass(frozen=True)
class _Plan:
    """How a data set is searched.

    Attributes:
        trials: Candidates that the search proposes.
        families: Of these.
        ladder: Candidates besides.
        fresh_cuts: Cross-validations with other folds, in which finalists are held against the
            reference; none: the finalists' own accuracy counts.
        folds: Of a cross-validation, and of emlearn's.
        splits: Held-out parts that there are.
    """

    ladder: Callable[[Table], Iterator[Genes]]
    trials: int = 120
    families: tuple[str, ...] = ("tree", "score", "oblique", "linear")
    fresh_cuts: int = 3
    folds: int = 5
    splits: int = 5


def _plain_nets(table: Table) -> Iterator[Genes]:
    """All features in all their levels: what comes nearest to a float model."""
    shared: Genes = {"ranking": ALL_FEATURES, "level_bits": table.level_max.bit_length()}
    for representation, decay in product(("int8", "int4"), (1, 2, 3)):
        yield {
            "family": "linear", **shared, "linear.representation": representation,
            "linear.kept": 4, "linear.scales": "one", "linear.decay": decay, "linear.steps": 400,
        }  # fmt: skip
    for hidden in (4, 8):
        yield {
            "family": "mlp", **shared, "mlp.hidden": hidden, "mlp.representation": "int4",
            "mlp.output_representation": "int8", "mlp.kept": 4, "mlp.scales": "rows",
            "mlp.decay": 2, "mlp.steps": 400, "mlp.teacher": "labels",
        }  # fmt: skip


def _windows(_: Table) -> Iterator[Genes]:
    """A fit takes seconds: nothing is proposed."""
    for channels in (16, 20, 24, 28, 32, 40):
        yield {
            "family": "windows", "ranking": ALL_FEATURES, "level_bits": 4,
            "windows.channels": channels, "windows.epochs": 60,
        }  # fmt: skip


DATASETS = {
    "iris": _Plan(_plain_nets),
    "wine": _Plan(_plain_nets),
    "breast_cancer": _Plan(_plain_nets),
    "digits": _Plan(_windows, trials=0, fresh_cuts=0, folds=3),
    "basic_motions": _Plan(_plain_nets, splits=1),
}
"""Recordings have published parts, the others stratified fifths by seed."""

TOLERANCE = 1.0
"""Percent of the reference's answers."""


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
    splits: int = 5,
    names: Iterable[str] = tuple(DATASETS),
    told: Callable[[CompressRun], None] | None = None,
) -> list[dict[str, object]]:
    """Hunt on every split, and score once.

    Args:
        executor: Any; a process pool uses all cores.
        splits: Seeds 0..splits-1, as far as a data set has them.
        names: Of `DATASETS`.
        told: Called as each split ends.

    Returns:
        The rows above.

    Raises:
        MissingExtraError: scikit-learn, Optuna, aeon or emlearn is not installed.
    """
    futures = [
        executor.submit(run_job, CompressJob(name, seed))
        for name in sorted(names, key=lambda name: name != "digits")  # the longest first
        for seed in range(min(splits, DATASETS[name].splits))
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
    problem = Problem(data.train, MCU, plan.folds, job.seed, plan.families)
    ladder = [evaluate(problem, genes) for genes in plan.ladder(data.train)]
    proposed: tuple[Trial, ...] = ()
    if plan.trials:
        proposed = search(problem, ("flash",), plan.trials, seed=job.seed).trials
    if plan.fresh_cuts:
        candidates = [*finalists(proposed), *ladder]
        likeness = agreements(problem, candidates, reference, data.train_values, plan.fresh_cuts)
        chosen = smallest(candidates, likeness, max(likeness) - TOLERANCE)
    else:
        accuracies = [trial.accuracy for trial in ladder]
        chosen = smallest(ladder, accuracies, min(max(accuracies), reference.accuracy))
    seconds = time.perf_counter() - start
    fitted, columns = refit(problem, chosen.genes)
    test = narrowed(data.test, columns, chosen.genes)
    answers = fitted.classify(test.levels)
    return SystemRun(
        100 * float(np.mean(answers == test.labels)),
        cost(fitted.source(), MCU, test.levels, answers),
        gene_key(chosen.genes),
        len(proposed) + len(ladder),
        seconds,
    )


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
