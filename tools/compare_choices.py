#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which of many small models should be taken, if it is to be as accurate as a reference?

python tools/compare_choices.py [SPLITS]

The rule of `kilolearn bench compress` was chosen here, without its held-out parts: a quarter of
each training part is held out once more, and every rule chooses in the other three quarters. A line
a data set and rule: percent right on the inner held-out samples, less those of the reference;
percent of them on which the two differ; bytes.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from sklearn.model_selection import train_test_split

from kilolearn.bench_compress import DATASETS, MCU
from kilolearn.compress_choice import agreements, finalists, smallest
from kilolearn.search.engine import search
from kilolearn.search.evaluate import Problem, Trial, evaluate, narrowed, refit
from kilolearn.search.prepare import load_problem_data
from kilolearn.search.reference import best_reference, reference_models

NAMES = ("iris", "wine", "breast_cancer")
CUTS = 3


@dataclass(frozen=True)
class Judged:
    """A finalist: right and agreeing, percent in cross-validation; the same on held-out samples."""

    trial: Trial
    agreement: float
    gain: float
    differs: float


Rule = Callable[[float, list[Judged]], Judged]
"""From the reference's accuracy in cross-validation and the finalists to the one that is taken."""


def at_the_mark(mark: float, judged: list[Judged]) -> Judged:
    """The smallest as accurate as the reference in the search's own folds, or the best there is."""
    accuracies = [one.trial.accuracy for one in judged]
    return _taken(judged, accuracies, min(mark, max(accuracies)))


def most_accurate(_mark: float, judged: list[Judged]) -> Judged:
    """In the search's own folds."""
    accuracies = [one.trial.accuracy for one in judged]
    return _taken(judged, accuracies, max(accuracies))


def alike(tolerance: float) -> Rule:
    """The smallest that agrees nearly as often as the one that agrees most."""

    def rule(_mark: float, judged: list[Judged]) -> Judged:
        likeness = [one.agreement for one in judged]
        return _taken(judged, likeness, max(likeness) - tolerance)

    return rule


RULES: dict[str, Rule] = {
    "smallest at the mark": at_the_mark,
    "most accurate": most_accurate,
    "most alike": alike(0),
    "smallest within 0.5 of the most alike": alike(0.5),
    "smallest within 1 of the most alike": alike(1),
    "smallest within 2 of the most alike": alike(2),
}


def judge(name: str, seed: int) -> tuple[float, list[Judged]]:
    """Search three quarters of a training part."""
    data = load_problem_data(name, seed=seed)
    labels = data.train.labels
    known, held_out = (
        np.sort(part)
        for part in train_test_split(
            np.arange(len(labels)), test_size=0.25, stratify=labels, random_state=seed
        )
    )
    table, test = data.train.rows(known), data.train.rows(held_out)
    values = data.train_values[known]
    reference = best_reference(list(reference_models(values, table.labels, seed)))
    told = reference.model.predict(data.train_values[held_out])
    plan = DATASETS[name]
    problem = Problem(table, MCU, plan.folds, seed, plan.families)
    trials = finalists(search(problem, ("flash",), plan.trials, seed=seed).trials)
    trials += [trial for genes in plan.ladder(table) if (trial := evaluate(problem, genes)).cost]
    judged = []
    likeness = agreements(problem, trials, reference, values, CUTS)
    for trial, agreement in zip(trials, likeness, strict=True):
        fitted, columns = refit(problem, trial.genes)
        answers = fitted.classify(narrowed(test, columns, trial.genes).levels)
        gain = np.mean(answers == test.labels) - np.mean(told == test.labels)
        differs = 100 * float(np.mean(answers != told))
        judged.append(Judged(trial, agreement, 100 * float(gain), differs))
    return reference.accuracy, judged


def _taken(judged: list[Judged], worth: list[float], enough: float) -> Judged:
    trial = smallest([one.trial for one in judged], worth, enough)
    return next(one for one in judged if one.trial is trial)


if __name__ == "__main__":
    splits = int(sys.argv[1]) if sys.argv[1:] else 5
    for name in NAMES:
        parts = [judge(name, seed) for seed in range(splits)]
        for rule, choose in RULES.items():
            taken = [choose(mark, judged) for mark, judged in parts]
            gain, differs, flash = (
                np.mean([getter(one) for one in taken])
                for getter in (
                    lambda one: one.gain,
                    lambda one: one.differs,
                    lambda one: one.trial.cost.flash,
                )
            )
            print(  # noqa: T201
                f"{name:14} {rule:38} {gain:+.2f} points, differs {differs:.2f} %, {flash:.0f} B"
            )
