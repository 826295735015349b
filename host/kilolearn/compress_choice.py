# SPDX-License-Identifier: GPL-3.0-or-later
"""The smallest of many models that answers as a good one does, chosen inside a training part.

Two models that answer alike are right alike. With a hundred samples the errors of each in
cross-validation say less: of many small models, one reaches any mark by chance.
tools/compare_choices.py compares this rule with others.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from kilolearn.classifier.fitted import REFUSALS
from kilolearn.families.genes import Genes
from kilolearn.search.evaluate import Problem, Trial, cross_validated_answers

__all__ = ["agreements", "as_accurate", "finalists", "smallest", "standard_error"]

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


def as_accurate(trials: Sequence[Trial], accuracy: float) -> Trial:
    """The smallest that is right as often, percent, or else the most accurate."""
    accuracies = [trial.accuracy if trial.cost else 0.0 for trial in trials]
    return smallest(trials, accuracies, min(max(accuracies), accuracy))


def standard_error(trial: Trial, samples: int) -> float:
    """Of its accuracy, percent."""
    return math.sqrt(trial.accuracy * (100 - trial.accuracy) / samples)


def finalists(trials: Sequence[Trial]) -> list[Trial]:
    """The `MOST_ACCURATE` of a search, and the `SMALLEST` of those within `NEAR` of the first."""
    built = [(trial.accuracy, trial.cost.flash, trial) for trial in trials if trial.cost]
    accurate = sorted(built, key=lambda one: (-one[0], one[1]))
    near = [one for one in accurate if one[0] >= accurate[0][0] - NEAR]
    small = sorted(near, key=lambda one: one[1])[:SMALLEST]
    return list({one[2].key: one[2] for one in (*small, *accurate[:MOST_ACCURATE])}.values())


def agreements(problem: Problem, trials: Sequence[Trial], mark: Genes, cuts: int) -> list[float]:
    """How often each answers as a model does, percent, both fitted without the sample's fold.

    Args:
        problem: Of the search.
        trials: The candidates. One that cannot be fitted to some fold agrees with nothing.
        mark: The model.
        cuts: Cross-validations, whose folds are not the search's.
    """
    fresh = [replace(problem, seed=problem.seed + 1000 + cut) for cut in range(cuts)]
    told = [cross_validated_answers(one, mark) for one in fresh]

    def agreement(trial: Trial) -> float:
        try:
            answers = [cross_validated_answers(one, trial.genes) for one in fresh]
        except REFUSALS:
            return 0.0
        return 100 * float(np.mean(np.equal(answers, told)))

    return [agreement(trial) if trial.cost else 0.0 for trial in trials]
