#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which small model should be taken, if it is to be as accurate as scikit-learn's best?

python tools/compare_choices.py nets [CUTS]
python tools/compare_choices.py rules [CUTS]

What `kilolearn bench compress` takes was chosen here, without its held-out parts: of each training
part of seeds 0 to 4 a quarter is held out once more, `CUTS` times; all else happens in the other
three quarters. Points are percent right on the inner held-out samples, less those of the one of
scikit-learn's three models that has the best mean. A line a data set and

- nets: a linear net of 8-bit weights, by its teacher and its decay, 10^-decay;
- rules: a way to choose from a search's finalists and the plain net; and bytes.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import train_test_split

from kilolearn.bench_compress import FAMILIES, FRESH_CUTS, MCU, TRIALS, plain_net
from kilolearn.classifier.table import Table
from kilolearn.compress_choice import agreements, finalists, smallest
from kilolearn.families.genes import Genes
from kilolearn.nets.teacher import TEACHERS
from kilolearn.search.engine import search
from kilolearn.search.evaluate import Problem, Trial, evaluate, narrowed, refit
from kilolearn.search.prepare import load_problem_data
from kilolearn.search.reference import reference_models

NAMES = ("iris", "wine", "breast_cancer")
SEEDS = range(5)
FOLDS = 5

Job = tuple[str, int, int]
Judged = Mapping[str, tuple[float, int]]
"""Of each net or rule: percent right on held-out samples, and bytes."""


@dataclass(frozen=True)
class Inner:
    """A training part cut once more."""

    problem: Problem
    known_values: NDArray[np.float64]
    held_out: Table
    held_out_values: NDArray[np.float64]

    @classmethod
    def of(cls, job: Job) -> Inner:
        """Cut it."""
        name, seed, cut = job
        data = load_problem_data(name, seed=seed)
        labels = data.train.labels
        known, held_out = (
            np.sort(part)
            for part in train_test_split(
                np.arange(len(labels)), test_size=0.25, stratify=labels, random_state=cut
            )
        )
        values = data.train_values
        problem = Problem(data.train.rows(known), MCU, FOLDS, seed, FAMILIES)
        return cls(problem, values[known], data.train.rows(held_out), values[held_out])

    def references(self) -> Judged:
        """scikit-learn's three."""
        labels = self.held_out.labels
        models = reference_models(self.known_values, self.problem.table.labels, self.problem.seed)
        return {
            one.name: (100 * float(np.mean(one.model.predict(self.held_out_values) == labels)), 0)
            for one in models
        }

    def right(self, genes: Genes) -> float:
        """Percent of the held-out samples."""
        fitted, columns = refit(self.problem, genes)
        answers = fitted.classify(narrowed(self.held_out, columns, genes).levels)
        return 100 * float(np.mean(answers == self.held_out.labels))


def judge_nets(job: Job) -> tuple[Judged, Judged]:
    """Every teacher."""
    inner = Inner.of(job)
    plain = plain_net(inner.problem.table)
    judged = {}
    for teacher, decay in product(TEACHERS, (1, 2, 3)):
        genes = {**plain, "linear.teacher": teacher, "linear.decay": decay}
        judged[f"told by {teacher}, decay {decay}"] = inner.right(genes), 0
    return inner.references(), judged


def judge_rules(job: Job) -> tuple[Judged, Judged]:
    """Search, and choose by every rule."""
    inner = Inner.of(job)
    problem = inner.problem
    plain = evaluate(problem, plain_net(problem.table))
    found = search(problem, ("flash",), TRIALS, seed=problem.seed)
    trials = [*finalists(found.trials), plain]
    accuracies = [trial.accuracy for trial in trials]
    alike = agreements(problem, trials, plain.genes, FRESH_CUTS)
    judged = {}

    def take(rule: str, worth: list[float], enough: float) -> None:
        taken: Trial = smallest(trials, worth, enough)
        judged[rule] = inner.right(taken.genes), taken.cost.flash if taken.cost else 0

    take("as accurate as the plain net", accuracies, plain.accuracy)
    take("most accurate", accuracies, max(accuracies))
    for differs in (0.0, 0.25, 0.5, 1.0, 2.0):
        take(f"differs from the plain net in {differs} %", alike, 100 - differs)
    return inner.references(), judged


JUDGES: dict[str, Callable[[Job], tuple[Judged, Judged]]] = {
    "nets": judge_nets,
    "rules": judge_rules,
}


def main(what: str, cuts: int) -> None:
    """Print a line a data set and net or rule."""
    with ProcessPoolExecutor() as executor:
        for name in NAMES:
            jobs = [(name, seed, cut) for seed in SEEDS for cut in range(cuts)]
            parts = list(executor.map(JUDGES[what], jobs))
            best = max(
                np.mean([references[model][0] for references, _ in parts]) for model in parts[0][0]
            )
            for about in parts[0][1]:
                right, flash = np.mean([judged[about] for _, judged in parts], axis=0)
                bytes_ = f", {flash:.0f} B" if flash else ""
                print(f"{name:14} {about:40} {right - best:+.2f} points{bytes_}")  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if sys.argv[2:] else 2)
