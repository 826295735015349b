# SPDX-License-Identifier: GPL-3.0-or-later
"""From prepared data to findings: references, the search, the choice, and its one test."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from pathlib import Path

from kilolearn.errors import SearchError
from kilolearn.search.engine import SearchResult, search
from kilolearn.search.evaluate import (
    ALL_FEATURES,
    Problem,
    Trial,
    cross_validated_answers,
    evaluate,
    space,
)
from kilolearn.search.executors import Here
from kilolearn.search.findings import Findings, choose, confusion, judge
from kilolearn.search.gene_text import parse_genes
from kilolearn.search.prepare import Prepared
from kilolearn.search.ranking import RANKINGS, rank
from kilolearn.search.reference import Reference, best_reference
from kilolearn.search.undone import undo_steps

__all__ = ["Wish", "judge_genes", "run_search"]

REFERENCE_MARGIN = 0.5
"""Points below the best reference that are good enough where no accuracy is asked for."""


@dataclass(frozen=True)
class Wish:
    """What is looked for.

    Attributes:
        minimise: What is to be small, the most important first.
        accuracy: Percent right in cross-validation that the choice must reach; None: half a point
            less than the best reference.
        asked: The command line that names data and chip.
        options: What it says besides.
    """

    minimise: tuple[str, ...]
    accuracy: float | None
    asked: str
    options: str

    def wanted(self, references: Sequence[Reference]) -> float:
        """Percent right that the choice must reach."""
        if self.accuracy is not None:
            return self.accuracy
        return best_reference(references).accuracy - REFERENCE_MARGIN


def run_search(
    prepared: Prepared,
    problem: Problem,
    wish: Wish,
    references: Sequence[Reference],
    executor: Executor,
    trials: int,
    seed: int,
    journal: Path | None,
    told: Callable[[Trial], None],
) -> Findings:
    """Search, choose the smallest that is good enough, and judge it by the test part.

    Raises:
        SearchError: No trial can be evaluated, or the journal is another search's.
        MissingExtraError: An extra is not installed.
    """
    result = search(problem, wish.minimise, trials, executor, journal, seed, told)
    return _findings(prepared, problem, wish, tuple(references), result, executor)


def judge_genes(prepared: Prepared, problem: Problem, wish: Wish, text: str) -> Findings:
    """One candidate, without a search: whatever its accuracy, it is chosen.

    Raises:
        SearchError: The genes are not of this problem, or make no model that fits the chip.
    """
    trial = evaluate(problem, parse_genes(text, space(problem)))
    if trial.cost is None:
        raise SearchError(f"{text}: {trial.stopped}; expected a candidate that can be built")
    as_it_is = replace(wish, accuracy=trial.accuracy)
    return _findings(
        prepared, problem, as_it_is, (), SearchResult((trial,), (trial,), 0, None), Here()
    )


def _findings(
    prepared: Prepared,
    problem: Problem,
    wish: Wish,
    references: tuple[Reference, ...],
    result: SearchResult,
    executor: Executor,
) -> Findings:
    """Add the choice, its test, and what the report shows of the front."""
    wanted = wish.wanted(references)
    answers = [executor.submit(cross_validated_answers, problem, t.genes) for t in result.front]
    chosen = choose(result.front, wish.minimise, wanted, problem.mcu)
    table = problem.table
    ranked_by = str(chosen.genes.get("ranking", ALL_FEATURES)) if chosen else ALL_FEATURES
    if ranked_by == ALL_FEATURES:
        ranked_by = next(iter(RANKINGS))
    return Findings(
        prepared=prepared,
        problem=problem,
        minimise=wish.minimise,
        wanted=wanted,
        references=references,
        trials=result.trials,
        front=result.front,
        duplicates=result.duplicates,
        confusions=tuple(confusion(table.labels, a.result(), table.classes) for a in answers),
        chosen=chosen,
        tested=judge(problem, prepared, chosen.genes) if chosen else None,
        undone=undo_steps(problem, chosen, executor) if chosen else (),
        ranked_by=ranked_by,
        ranking=tuple(table.features[i] for i in rank(table, ranked_by, problem.seed).tolist()),
        asked=wish.asked,
        options=wish.options,
        moved_aside=result.moved_aside,
    )
