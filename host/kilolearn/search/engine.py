# SPDX-License-Identifier: GPL-3.0-or-later
"""The evolutionary search: NSGA-II proposes, workers evaluate, the front grows.

Proposals and results are told to the sampler in one fixed order, whoever evaluates and however
fast: candidate n is proposed when the results of candidates 0..n - `WINDOW` are known to it, and
no others. So a search is the same for any number of workers; and one that goes on after its end,
however that came, is the same, too: it proposes all anew, and takes from the journal the results
that it has.
"""

from __future__ import annotations

import hashlib
import math
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kilolearn.emulator import microjoules
from kilolearn.errors import SearchError
from kilolearn.search.evaluate import Problem, Trial, active, evaluate, gene_key, space
from kilolearn.search.executors import Here, lost_workers
from kilolearn.search.front import Point, non_dominated
from kilolearn.search.journal import Journal
from kilolearn.search.sampler import SAMPLERS, sampler_of

__all__ = [
    "OBJECTIVES",
    "SAMPLERS",
    "WINDOW",
    "SearchResult",
    "front_of",
    "objectives",
    "require_searchable",
    "search",
]

OBJECTIVES = ("flash", "sram", "cycles", "energy", "description")
"""What may be minimised besides errors: bytes, bytes, a classification's cycles, its microjoules,
bits of the two-part code."""

WINDOW = 16
"""Candidates in hand at once, and so the most workers that have something to do."""

_ASKS_MAX = 3
"""Proposals a trial: where the space is small, most have been tried."""

_TRIAL_SECONDS_MAX = 900


@dataclass(frozen=True)
class SearchResult:
    """What a search found.

    Attributes:
        trials: Every candidate once, in the order told.
        front: Those that no other one dominates, by rising error.
        duplicates: Proposals of candidates that had been proposed before; not evaluated.
        moved_aside: Where an unreadable journal went, or None.
    """

    trials: tuple[Trial, ...]
    front: tuple[Trial, ...]
    duplicates: int
    moved_aside: Path | None

    @property
    def tried(self) -> int:
        """Candidates that were evaluated."""
        return len(self.trials)


def search(
    problem: Problem,
    minimise: Sequence[str] = ("flash",),
    trials: int = 200,
    executor: Executor | None = None,
    journal: Path | None = None,
    seed: int = 0,
    told: Callable[[Trial], None] | None = None,
    sampler: str = "nsga2",
) -> SearchResult:
    """Look for the models of which no other one is better in errors and all else that counts.

    Args:
        problem: The data and the chip.
        minimise: Of `OBJECTIVES`; errors always count.
        trials: Candidates to evaluate; fewer where the space has fewer.
        executor: Any; without one, this process.
        journal: A file: what it holds of this search is not evaluated again.
        seed: Of the proposals.
        told: Called with each trial, in order.
        sampler: Of `SAMPLERS`; random draws every gene alike, to compare with.

    Raises:
        SearchError: No trial can be evaluated, or the journal is another search's.
        MissingExtraError: Optuna is not installed.
    """
    require_searchable(problem, minimise, trials, sampler)
    genes = space(problem)
    with ExitStack() as stack:
        kept = None
        if journal is not None:
            digest = _digest(problem, minimise, seed, sampler)
            kept = stack.enter_context(Journal(journal, digest, genes, 1 + len(minimise)))
        run = _Run(problem, minimise, executor or Here(), kept, told)
        stack.callback(run.drop)
        proposing = sampler_of(sampler, seed, genes, 1 + len(minimise))
        in_hand: deque[tuple[dict[str, Any], str]] = deque()
        for _ in range(_ASKS_MAX * trials):
            if run.proposed == trials:
                break
            if len(in_hand) == WINDOW:
                proposal, key = in_hand.popleft()
                proposing.tell(proposal, run.values(key))
            proposal = proposing.propose()
            if submitted := run.submit(proposal):
                in_hand.append((proposal, submitted))
        for _, key in in_hand:
            run.values(key)
    found = tuple(run.trials.values())
    return SearchResult(
        trials=found,
        front=front_of(found, minimise, problem.mcu),
        duplicates=run.duplicates,
        moved_aside=kept.moved_aside if kept else None,
    )


def front_of(trials: Sequence[Trial], minimise: Sequence[str], mcu: str) -> tuple[Trial, ...]:
    """Those that were built and that no other one dominates, by rising error."""
    built = [trial for trial in trials if trial.cost is not None]
    points = [objectives(trial, minimise, mcu) for trial in built]
    front = sorted((points[index], index) for index in non_dominated(points))
    return tuple(built[index] for _, index in front)


def objectives(trial: Trial, minimise: Sequence[str], mcu: str) -> Point:
    """What is minimised: percent wrong, and what was asked for. Infinite where there is no cost."""
    cost, bits = trial.cost, trial.description_bits
    if cost is None or bits is None:
        return (math.inf,) * (1 + len(minimise))
    values = {
        "flash": float(cost.flash),
        "sram": float(cost.sram_high_water),
        "cycles": cost.cycles,
        "description": bits,
    }
    if "energy" in minimise:
        values["energy"] = microjoules(mcu, cost.cycles)
    return (100 - trial.accuracy, *(values[name] for name in minimise))


class _Run:
    """Candidates in hand and told."""

    def __init__(
        self,
        problem: Problem,
        minimise: Sequence[str],
        executor: Executor,
        journal: Journal | None,
        told: Callable[[Trial], None] | None,
    ) -> None:
        self._problem = problem
        self._minimise = minimise
        self._executor = executor
        self._journal = journal
        self._told = told
        self._known = {trial.key: trial for trial in journal.trials} if journal else {}
        self._futures: dict[str, Future[Trial]] = {}
        self._bar = problem.majority_accuracy
        self.trials: dict[str, Trial] = {}
        self.duplicates = 0

    @property
    def proposed(self) -> int:
        """Candidates, told or in hand."""
        return len(self.trials) + len(self._futures)

    def submit(self, genes: dict[str, Any]) -> str | None:
        """Put a candidate to work; its key, or None for one that was proposed before."""
        chosen = active(genes)
        key = gene_key(chosen)
        if key in self.trials or key in self._futures:
            self.duplicates += 1
            return None
        if key in self._known:
            future: Future[Trial] = Future()
            future.set_result(self._known[key])
        else:
            future = self._executor.submit(evaluate, self._problem, chosen, self._bar)
        self._futures[key] = future
        return key

    def values(self, key: str) -> Point:
        """Wait for a candidate's trial, and keep it; what is to be minimised of it."""
        try:
            trial = self._futures[key].result(_TRIAL_SECONDS_MAX)
        except lost_workers() as error:
            raise SearchError(
                f"no worker came to an end with a trial ({key}): {type(error).__name__}; expected "
                f"one within {_TRIAL_SECONDS_MAX} s: see whether the workers live, and start again "
                f"with the same journal"
            ) from error
        del self._futures[key]
        self.trials[key] = trial
        values = objectives(trial, self._minimise, self._problem.mcu)
        if self._journal is not None and key not in self._known:
            self._journal.append(trial, values)
        if trial.cost is not None:
            best = max(trial.accuracy for trial in self.trials.values() if trial.cost)
            self._bar = (self._problem.majority_accuracy + best) / 2
        if self._told is not None:
            self._told(trial)
        return values

    def drop(self) -> None:
        """Leave no work behind."""
        for future in self._futures.values():
            future.cancel()


def require_searchable(
    problem: Problem, minimise: Sequence[str], trials: int = 1, sampler: str = "nsga2"
) -> None:
    """Refuse what cannot be searched, before anything is computed.

    Raises:
        SearchError: Nothing, or something unknown, to minimise or to try.
    """
    for found, known in ((minimise, OBJECTIVES), ((sampler,), SAMPLERS)):
        if strange := [name for name in found if name not in known]:
            raise SearchError(f"unknown {strange[0]!r}; expected {', '.join(known)}")
    if not minimise or len(set(minimise)) < len(minimise):
        raise SearchError(
            f"minimise {', '.join(minimise) or 'nothing'}; expected some of "
            f"{', '.join(OBJECTIVES)}, each once"
        )
    if trials < 1:
        raise SearchError(f"{trials} trials; expected one or more")
    space(problem)
    if "energy" in minimise:
        microjoules(problem.mcu, 1)


def _digest(problem: Problem, minimise: Sequence[str], seed: int, sampler: str) -> str:
    told = repr((problem.digest, space(problem), tuple(minimise), seed, sampler, WINDOW))
    return hashlib.sha256(told.encode()).hexdigest()
