# SPDX-License-Identifier: GPL-3.0-or-later
"""The search's benchmark: evolution against random draws, and trials a second.

Everything is judged by cross-validation inside the training part; no test part is looked at.

A row a data set, of `DATASETS`, as many candidates each, seeds from 0:

======================== =========================================================================
part                     "samplers"
dataset, seeds, trials   what was searched, and how often; candidates a search
reference_flash          with the errors of always answering the most frequent class, the corner
                         of the box
nsga2, random            hypervolume of errors and flash, the share of the box that the front
                         dominates, 0-1: mean over the seeds
nsga2_wins               seeds in which evolution's is larger
p_value                  of the Wilcoxon signed-rank test, one-sided, paired by seed
duplicates               proposals a search of NSGA-II that had been made before; not evaluated
======================== =========================================================================

A row a data set of `TIMED`, an executor and a number of workers; the same trials each, bit for bit:

======================== =========================================================================
part                     "executors"
dataset, trials          what was searched, and how many candidates
executor, workers        "processes" or "dask", a LocalCluster without profiler and work stealing,
                         the health of its loops looked at once a second
trials_per_s             warm: workers started, everything imported; no image built before; here and
                         below of the fastest round
speedup                  over one worker of this executor in the same round, median of the rounds
trials_per_s_cold        the workers started, too
trials_per_s_again       warm, and every image known from a search before
======================== =========================================================================
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median
from typing import Any

from kilolearn.errors import MissingExtraError, SearchError
from kilolearn.search.engine import SAMPLERS, SearchResult, objectives, search
from kilolearn.search.evaluate import Problem
from kilolearn.search.executors import Processes, executor_for
from kilolearn.search.front import hypervolume
from kilolearn.search.prepare import load_problem_data

__all__ = ["DATASETS", "EXECUTORS", "bench_executors", "bench_samplers"]

DATASETS = ("wine", "breast_cancer")
TIMED = ("iris", "breast_cancer")
"""The smallest, whose trials take least beside what hands them out, and the largest."""

TIMED_TRIALS = 200

EXECUTORS = ("processes", "dask")

MCU = "attiny85"
REFERENCE_FLASH = 512
FAMILIES = ("tree", "stumps", "score", "oblique", "prototypes", "bayes")
"""The quick ones: thousands of trials in minutes."""

_WORKERS = (1, 2)
_TIMED_SEED, _WARMING_SEED = 0, 1

_UNUSED_OF_DASK = {
    "distributed.admin.tick.interval": "1s",
    "distributed.worker.profile.enabled": False,
    "distributed.scheduler.work-stealing": False,
    "distributed.scheduler.active-memory-manager.start": False,
}
"""Each worker has its next trial at hand, and a trial is small."""

Row = dict[str, object]


def bench_samplers(
    executor: Executor,
    names: Sequence[str] = DATASETS,
    seeds: int = 10,
    trials: int = 400,
    told: Callable[[str], None] | None = None,
) -> list[Row]:
    """Search by evolution and by random draws.

    Args:
        executor: Any.
        names: Of `DATASETS`.
        seeds: Searches of each.
        trials: Candidates a search.
        told: Called with a line of each search.

    Raises:
        MissingExtraError: Optuna, scikit-learn or SciPy is not installed.
    """
    rows = []
    for name in names:
        problem = _problem(name)
        volumes: dict[str, list[float]] = {sampler: [] for sampler in SAMPLERS}
        duplicates = []
        for seed in range(seeds):
            for sampler in SAMPLERS:
                found = search(
                    problem, trials=trials, executor=executor, seed=seed, sampler=sampler
                )
                volumes[sampler].append(_volume(problem, found))
                if sampler == "nsga2":
                    duplicates.append(found.duplicates)
                if told is not None:
                    told(f"{name}, seed {seed}, {sampler}: {volumes[sampler][-1]:.4f}")
        evolved, drawn = volumes["nsga2"], volumes["random"]
        rows.append(
            {
                "part": "samplers",
                "dataset": name,
                "seeds": seeds,
                "trials": trials,
                "reference_flash": REFERENCE_FLASH,
                "nsga2": round(fmean(evolved), 4),
                "random": round(fmean(drawn), 4),
                "nsga2_wins": sum(a > b for a, b in zip(evolved, drawn, strict=True)),
                "p_value": _p_value(evolved, drawn),
                "duplicates": round(fmean(duplicates), 1),
            }
        )
    return rows


def bench_executors(
    names: Sequence[str] = EXECUTORS,
    trials: int = TIMED_TRIALS,
    rounds: int = 5,
    told: Callable[[str], None] | None = None,
) -> list[Row]:
    """Search the data sets of `TIMED` on one worker and on two.

    Args:
        names: Of `EXECUTORS`.
        trials: Candidates a search.
        rounds: Runs of each, side by side.
        told: Called with a line of each.

    Raises:
        SearchError: The executors did not find the same.
        MissingExtraError: Optuna, scikit-learn or Dask is not installed.
    """
    return [row for timed in TIMED for row in _timed(timed, names, trials, rounds, told)]


def _timed(
    dataset: str,
    names: Sequence[str],
    trials: int,
    rounds: int,
    told: Callable[[str], None] | None,
) -> list[Row]:
    problem = _problem(dataset)
    # A machine's speed drifts: what is compared is run side by side.
    runs: dict[tuple[str, int], list[_Run]] = {
        (name, workers): [] for name in names for workers in _WORKERS
    }
    for number in range(rounds):
        for (name, workers), of in runs.items():
            of.append(_run(problem, name, workers, trials))
            if told is not None:
                rate = len(of[-1].found.trials) / of[-1].warm
                told(f"{dataset}, {name}, {workers} workers: {rate:.1f} trials a second")
            if of[-1].found.trials != runs[names[0], _WORKERS[0]][0].found.trials:
                raise SearchError(
                    f"{workers} workers of {name} did not evaluate in round {number} as the first "
                    f"ones did; expected the same trials bit for bit: a fit depends on more than "
                    f"its seed"
                )
    rows: list[Row] = []
    for (name, workers), of in runs.items():
        tried = of[0].found.tried
        alone = runs[name, _WORKERS[0]]
        rows.append(
            {
                "part": "executors",
                "dataset": dataset,
                "executor": name,
                "workers": workers,
                "trials": tried,
                "trials_per_s": round(tried / min(run.warm for run in of), 1),
                "speedup": round(
                    median(one.warm / run.warm for one, run in zip(alone, of, strict=True)), 2
                ),
                "trials_per_s_cold": round((tried + 10 * workers) / min(run.cold for run in of), 1),
                "trials_per_s_again": round(tried / min(run.again for run in of), 1),
            }
        )
    return rows


@dataclass(frozen=True)
class _Run:
    """What a search found, and the seconds that it took.

    Attributes:
        found: The trials.
        warm: Workers started, everything imported.
        cold: The workers started, too.
        again: Every image known.
    """

    found: SearchResult
    warm: float
    cold: float
    again: float


def _run(problem: Problem, name: str, workers: int, trials: int) -> _Run:
    with _no_image_built():
        start = time.perf_counter()
        with _workers(name, workers) as executor:
            search(problem, trials=10 * workers, executor=executor, seed=_WARMING_SEED)
            begin = time.perf_counter()
            found = search(problem, trials=trials, executor=executor, seed=_TIMED_SEED)
            end = time.perf_counter()
            search(problem, trials=trials, executor=executor, seed=_TIMED_SEED)
            again = time.perf_counter() - end
    return _Run(found, end - begin, end - start, again)


def _problem(name: str) -> Problem:
    return Problem(load_problem_data(name).train, MCU, families=FAMILIES)


def _volume(problem: Problem, found: SearchResult) -> float:
    """Share of the box below the reference that the front dominates."""
    reference = (100 - problem.majority_accuracy, float(REFERENCE_FLASH))
    points = [objectives(trial, ("flash",), problem.mcu) for trial in found.front]
    return hypervolume(points, reference) / (reference[0] * reference[1])


def _p_value(evolved: Sequence[float], drawn: Sequence[float]) -> float:
    """That evolution is no better; Wilcoxon, Individual comparisons by ranking methods (1945)."""
    try:
        from scipy.stats import wilcoxon  # noqa: PLC0415 - seconds to import
    except ImportError as error:
        raise MissingExtraError(
            f"SciPy is not installed ({error}); run: pip install 'kilolearn[search]'"
        ) from error
    if list(evolved) == list(drawn):
        return 1.0
    return round(float(wilcoxon(evolved, drawn, alternative="greater").pvalue), 5)


@contextmanager
def _no_image_built() -> Iterator[None]:
    """An empty cache of costs, for workers that are started in the block."""
    before = os.environ.get("XDG_CACHE_HOME")
    with tempfile.TemporaryDirectory(prefix="kilolearn-") as folder:
        os.environ["XDG_CACHE_HOME"] = str(Path(folder))
        try:
            yield
        finally:
            del os.environ["XDG_CACHE_HOME"]
            if before is not None:
                os.environ["XDG_CACHE_HOME"] = before


@contextmanager
def _workers(name: str, count: int) -> Iterator[Executor]:
    if name == "processes":
        with Processes(count) as processes:
            yield processes
        return
    with _local_cluster(count) as cluster, executor_for(scheduler=cluster) as executor:
        yield executor


@contextmanager
def _local_cluster(count: int) -> Iterator[str]:
    try:
        import dask  # noqa: PLC0415 - an extra
        from distributed import LocalCluster  # noqa: PLC0415
    except ImportError as error:
        raise MissingExtraError(
            f"Dask is not installed ({error}); run: pip install 'kilolearn[cluster]'"
        ) from error
    with dask.config.set(_UNUSED_OF_DASK):
        cluster: Any = LocalCluster(
            n_workers=count, threads_per_worker=1, processes=True, dashboard_address=None
        )
        with cluster:
            yield cluster.scheduler_address
