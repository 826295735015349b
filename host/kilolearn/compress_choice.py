# SPDX-License-Identifier: GPL-3.0-or-later
"""The smallest of many models that answers as a reference does, chosen inside a training part.

Two models that answer alike are right alike. With a hundred samples the errors of each in
cross-validation say less: of many small models, one reaches any mark by chance.
tools/compare_choices.py compares this rule with others.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from kilolearn.search.evaluate import REFUSALS, Problem, Trial, cross_validated_answers
from kilolearn.search.families.scikit import scikit
from kilolearn.search.folds import stratified_folds
from kilolearn.search.reference import Reference

__all__ = ["agreements", "finalists", "smallest"]

SMALLEST, MOST_ACCURATE = 12, 16
NEAR = 1.0
"""Percent right below the most accurate."""


def smallest(trials: Sequence[Trial], worth: Sequence[float], enough: float) -> Trial:
    """The one of the fewest bytes whose worth is enough; of equals the one of the most worth."""
    built = [
        (trial.cost.flash, -value, trial)
        for trial, value in zip(trials, worth, strict=True)
        if trial.cost and value >= enough
    ]
    return min(built, key=lambda one: one[:2])[2]


def finalists(trials: Sequence[Trial]) -> list[Trial]:
    """The `MOST_ACCURATE` of a search, and the `SMALLEST` of those within `NEAR` of the first."""
    built = [(trial.accuracy, trial.cost.flash, trial) for trial in trials if trial.cost]
    accurate = sorted(built, key=lambda one: (-one[0], one[1]))
    near = [one for one in accurate if one[0] >= accurate[0][0] - NEAR]
    small = sorted(near, key=lambda one: one[1])[:SMALLEST]
    return list({one[2].key: one[2] for one in (*small, *accurate[:MOST_ACCURATE])}.values())


def agreements(
    problem: Problem,
    trials: Sequence[Trial],
    reference: Reference,
    values: NDArray[np.float64],
    cuts: int,
) -> list[float]:
    """How often each answers as the reference does, percent, both fitted without the sample's fold.

    Args:
        problem: Of the search.
        trials: The candidates. One that cannot be fitted to some fold agrees with nothing.
        reference: Of scikit-learn.
        values: (samples, width) that it takes.
        cuts: Cross-validations, whose folds are not the search's.
    """
    fresh = [replace(problem, seed=problem.seed + 1000 + cut) for cut in range(cuts)]
    told = [_reference_answers(one, reference, values) for one in fresh]

    def agreement(trial: Trial) -> float:
        try:
            answers = [cross_validated_answers(one, trial.genes) for one in fresh]
        except REFUSALS:
            return 0.0
        return 100 * float(np.mean(np.equal(answers, told)))

    return [agreement(trial) if trial.cost else 0.0 for trial in trials]


def _reference_answers(
    problem: Problem, reference: Reference, values: NDArray[np.float64]
) -> NDArray[np.int64]:
    """What it answers to each sample (samples,), fitted without the sample's fold."""
    table = problem.table
    answers = np.zeros_like(table.labels)
    for fold in stratified_folds(table, problem.folds, problem.seed):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # its iterations were chosen, too
            fitted = (
                scikit("base")
                .clone(reference.model)
                .fit(values[fold.train], table.labels[fold.train])
            )
        answers[fold.test] = fitted.predict(values[fold.test])
    return answers
