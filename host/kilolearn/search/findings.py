# SPDX-License-Identifier: GPL-3.0-or-later
"""What a search was asked, what it found, and what of it was judged by the test part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kilolearn.classifier.cost import Cost, cost
from kilolearn.classifier.fitted import Fitted
from kilolearn.families.genes import Genes
from kilolearn.search.engine import objectives
from kilolearn.search.evaluate import Problem, Trial, refit
from kilolearn.search.preparation import Preparation
from kilolearn.search.prepare import Prepared
from kilolearn.search.reference import Reference
from kilolearn.search.undone import Undone
from kilolearn.search.whole_image import whole_cost

__all__ = ["Findings", "Judged", "choose", "confusion", "judge"]


@dataclass(frozen=True)
class Judged:
    """A candidate fitted to the training part, built, and run over the whole test part.

    Attributes:
        fitted: The model.
        preparation: What the chip makes its levels with; None where a raw sample is the levels.
        features: Names of the levels, in the model's order.
        level_max: Highest level.
        samples: (samples, values) of the test part, as the chip gets them: raw or levels.
        answers: (samples,) of the chip.
        confusion: (classes, classes) test samples of a class (row) by what was answered (column).
        model: Cost of the model alone.
        whole: Cost of preparation and model; the model's where there is no preparation.
    """

    fitted: Fitted
    preparation: Preparation | None
    features: tuple[str, ...]
    level_max: int
    samples: NDArray[np.int16] | NDArray[np.uint8]
    answers: NDArray[np.int64]
    confusion: NDArray[np.int64]
    model: Cost
    whole: Cost

    @property
    def accuracy(self) -> float:
        """Percent of the test part that the chip answers right."""
        return 100.0 * float(np.trace(self.confusion) / self.confusion.sum())


@dataclass(frozen=True)
class Findings:
    """All that a report tells.

    Attributes:
        prepared: The data.
        problem: What the search was given of them.
        minimise: What was to be small, the most important first.
        wanted: Percent right in cross-validation that the choice must reach.
        references: Float models on the PC.
        trials: Candidates, in order.
        front: Those that no other one dominates, by rising error.
        duplicates: Candidates proposed again.
        confusions: Of each of the front: (classes, classes) in cross-validation.
        chosen: The smallest that reaches what was wanted; None if none does.
        tested: The chosen one on the test part.
        undone: The chosen one without each of its steps.
        ranked_by: By what the features are listed.
        ranking: Their names, the most telling first.
        asked: The command line that names data and chip.
        options: What it says besides, but for where results go.
        moved_aside: Where a journal went that could not be read, or None.
    """

    prepared: Prepared
    problem: Problem
    minimise: tuple[str, ...]
    wanted: float
    references: tuple[Reference, ...]
    trials: tuple[Trial, ...]
    front: tuple[Trial, ...]
    duplicates: int
    confusions: tuple[NDArray[np.int64], ...]
    chosen: Trial | None
    tested: Judged | None
    undone: tuple[Undone, ...]
    ranked_by: str
    ranking: tuple[str, ...]
    asked: str
    options: str
    moved_aside: Path | None

    @property
    def command(self) -> str:
        """That finds the same again."""
        return f"{self.asked} {self.options}".rstrip()


def choose(
    front: Sequence[Trial], minimise: Sequence[str], wanted: float, mcu: str
) -> Trial | None:
    """The smallest of a front that is accurate enough, or None.

    Smallest by the first of what was minimised; of equal ones by the next; then the more accurate.
    """
    enough = [trial for trial in front if trial.accuracy >= wanted]

    def size(trial: Trial) -> tuple[float, ...]:
        error, *sizes = objectives(trial, minimise, mcu)
        return (*sizes, error)

    return min(enough, key=size, default=None)


def confusion(
    labels: NDArray[np.int64], answers: NDArray[np.int64], classes: int
) -> NDArray[np.int64]:
    """Samples (classes, classes) of a class (row) by what was answered (column)."""
    counts = np.bincount(labels * classes + answers, minlength=classes * classes)
    return counts.reshape(classes, classes).astype(np.int64)


def judge(problem: Problem, prepared: Prepared, genes: Genes) -> Judged:
    """Fit a candidate to the training part and let the chip classify the whole test part.

    Raises:
        BuildError: It does not fit the chip.
        TwinMismatchError: The chip answers otherwise than the model, or prepares otherwise.
    """
    fitted, columns = refit(problem, genes)
    level_max = min(prepared.train.level_max, (1 << int(genes["level_bits"])) - 1)
    preparation, raw_columns = prepared.preparation.narrowed(columns, level_max)
    raw = np.ascontiguousarray(prepared.test_raw[:, raw_columns])
    levels = preparation.apply(raw)
    answers = fitted.classify(levels)
    prepares = not preparation.passes_through
    return Judged(
        fitted,
        preparation if prepares else None,
        tuple(prepared.train.features[column] for column in columns),
        level_max,
        raw if prepares else levels,
        answers,
        confusion(prepared.test.labels, answers, prepared.test.classes),
        cost(fitted.source(), problem.mcu, levels, answers),
        whole_cost(fitted, preparation, raw, problem.mcu),
    )
