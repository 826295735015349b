# SPDX-License-Identifier: GPL-3.0-or-later
"""What a candidate is worth: accuracy by cross-validation, cost on the emulated chip.

Everything is computed from the problem and the genes alone, so that any worker comes to the same
trial. The answers are the chip's: a fitted model classifies in its exact integers.
"""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from kilolearn.classifier.cost import Cost, cost
from kilolearn.classifier.fitted import REFUSALS, Fitted
from kilolearn.classifier.folds import Fold, stratified_folds
from kilolearn.classifier.table import Table
from kilolearn.errors import SearchError
from kilolearn.families import FAMILIES, IMAGE_FAMILIES
from kilolearn.families.family import Family
from kilolearn.families.genes import Choice, Gene, Genes, Whole
from kilolearn.search.mdl import coded_error_bits, description_bits
from kilolearn.search.preparation import Preparation
from kilolearn.search.ranking import RANKINGS, rank
from kilolearn.search.whole_image import whole_cost

__all__ = [
    "Problem",
    "Trial",
    "active",
    "cross_validated_answers",
    "evaluate",
    "gene_key",
    "narrowed",
    "refit",
    "space",
]

ALL_FEATURES = "all"
"""The ranking that ranks nothing: every feature in the table's order, an image still one."""

LEVEL_BITS_MIN = 2
_COSTED_SAMPLES = 64  # spread over the table: enough for a mean of cycles
_FOLDS_BEFORE_STOPPING = 2


@dataclass(frozen=True, eq=False)
class Problem:
    """All that a worker needs to know.

    Attributes:
        table: The training part, no more.
        mcu: The chip, as avr-gcc names it.
        folds: Of the cross-validation.
        seed: Of the folds and of every fit.
        families: Names of those that may be tried.
        preparation: What makes the levels on the chip, a part of the cost; None where samples come
            as levels.
        raw: (samples, raw columns) of the table, for the preparation.
    """

    table: Table
    mcu: str
    folds: int = 5
    seed: int = 0
    families: tuple[str, ...] = tuple(FAMILIES)
    preparation: Preparation | None = None
    raw: NDArray[np.int16] | None = None

    @cached_property
    def digest(self) -> str:
        """The same for the same problem only."""
        table = self.table
        told = (
            *(table.levels.shape, table.classes, table.level_max, table.features, table.row),
            *(self.mcu, self.folds, self.seed, self.families, self.preparation),
        )
        digest = hashlib.sha256(repr(told).encode())
        digest.update(table.levels.tobytes())
        digest.update(table.labels.tobytes())
        return digest.hexdigest()

    @property
    def majority_accuracy(self) -> float:
        """Percent right of a firmware that always answers the most frequent class."""
        return 100 * float(np.bincount(self.table.labels).max()) / len(self.table.labels)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Problem) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)


@dataclass(frozen=True)
class Trial:
    """A candidate, and what came of it.

    Attributes:
        genes: Those that had a say, in the order of `space`.
        accuracy: Percent right, mean over the folds; of those that were tried, if stopped.
        fold_accuracies: Percent right in each.
        cost: Of the model fitted to the whole table; None if stopped or refused.
        description_bits: The two-part code: the firmware, and what it got wrong in the folds.
        stopped: Why there is no cost; else None.
        seconds: That it took, which say nothing of the candidate.
    """

    genes: Mapping[str, int | str]
    accuracy: float
    fold_accuracies: tuple[float, ...]
    cost: Cost | None
    description_bits: float | None
    stopped: str | None
    seconds: float = field(compare=False)

    @property
    def key(self) -> str:
        """The same for the same genes only."""
        return gene_key(self.genes)


def gene_key(genes: Genes) -> str:
    """Genes in a line."""
    return " ".join(f"{name}={value}" for name, value in genes.items())


def space(problem: Problem) -> dict[str, Gene]:
    """All that can be chosen, flat: the shared genes, and each family's as ``tree.leaves``.

    - family: Of the problem's, those of images for an image only.
    - ranking: By what features are chosen, or `ALL_FEATURES`.
    - features: How many, the best first.
    - level_bits: Levels made coarser; the most bits are those of the table.

    Raises:
        SearchError: A family that there is not, or none that takes such a table.
    """
    table = problem.table
    if strange := [name for name in problem.families if name not in FAMILIES]:
        raise SearchError(f"unknown family {strange[0]!r}; expected {', '.join(FAMILIES)}")
    families = [name for name in problem.families if table.row or name not in IMAGE_FAMILIES]
    if not families:
        raise SearchError(
            f"{', '.join(problem.families) or 'no family'} for samples that are no images; "
            f"expected some of {', '.join(name for name in FAMILIES if name not in IMAGE_FAMILIES)}"
        )
    bits = table.level_max.bit_length()
    genes: dict[str, Gene] = {"family": Choice(tuple(families))}
    if table.width > 1:
        genes["ranking"] = Choice((ALL_FEATURES, *RANKINGS))
        genes["features"] = Whole(1, table.width - 1, log=True)
    genes["level_bits"] = Whole(min(LEVEL_BITS_MIN, bits), bits)
    for name in families:
        for gene, values in FAMILIES[name].genes(table).items():
            genes[f"{name}.{gene}"] = values
    return genes


def active(genes: Genes) -> dict[str, int | str]:
    """The genes that have a say, in their order: shared ones, and those of the family."""
    silent = set()
    if genes.get("ranking", ALL_FEATURES) == ALL_FEATURES:
        silent = {"features"}
    if genes["family"] in IMAGE_FAMILIES:
        silent = {"ranking", "features"}
    own = f"{genes['family']}."
    return {
        name: value
        for name, value in genes.items()
        if (name.startswith(own) if "." in name else name not in silent)
    }


def evaluate(problem: Problem, genes: Genes, hopeless_below: float | None = None) -> Trial:
    """Judge a candidate.

    Args:
        problem: The data and the chip.
        genes: Of `space`, all or the active ones.
        hopeless_below: Percent right. A candidate that does not reach it is never built; one that
            is below by two standard errors after two folds is not even fitted to the others.

    Raises:
        TwinMismatchError: The chip answers otherwise than the fitted model.
    """
    start = time.perf_counter()
    chosen = active(genes)
    fold_accuracies: list[float] = []

    def trial(cost: Cost | None, bits: float | None, stopped: str | None) -> Trial:
        accuracy = float(np.mean(fold_accuracies)) if fold_accuracies else 0.0
        seconds = time.perf_counter() - start
        told = tuple(fold_accuracies)
        return Trial(chosen, accuracy, told, cost, bits, stopped, seconds)

    labels = problem.table.labels
    answers = np.zeros_like(labels)
    seen = 0
    try:
        for number, fold in enumerate(_folds(problem), start=1):
            answers[fold.test] = _fold_answers(problem, chosen, number - 1)
            right = 100 * float(np.mean(answers[fold.test] == labels[fold.test]))
            fold_accuracies.append(right)
            seen += len(fold.test)
            if hopeless_below is not None and number >= _FOLDS_BEFORE_STOPPING:
                share = float(np.mean(fold_accuracies)) / 100
                last = number == problem.folds
                error = 0.0 if last else math.sqrt(share * (1 - share) / seen)
                if 100 * (share + 2 * error) < hopeless_below:
                    return trial(None, None, f"hopeless after {number} folds")
        fitted, columns = refit(problem, chosen)
        built = _cost(problem, chosen, fitted, columns)
    except REFUSALS as refusal:
        return trial(None, None, str(refusal))
    error_bits = coded_error_bits(labels, answers, problem.table.classes)
    return trial(built, description_bits(built.flash, error_bits), None)


def cross_validated_answers(problem: Problem, genes: Genes) -> NDArray[np.int64]:
    """What the model answers to each sample (samples,), fitted without the sample's fold."""
    chosen = active(genes)
    answers = np.zeros_like(problem.table.labels)
    for number, fold in enumerate(_folds(problem)):
        answers[fold.test] = _fold_answers(problem, chosen, number)
    return answers


def refit(problem: Problem, genes: Genes) -> tuple[Fitted, tuple[int, ...]]:
    """The model fitted to the whole table, and the columns that it takes, in order.

    It takes the columns' levels as coarse as the gene ``level_bits`` says.
    """
    columns = _columns(problem, genes, None)
    return _fit(problem, genes, narrowed(problem.table, columns, genes)), columns


def _fold_answers(problem: Problem, genes: Genes, number: int) -> NDArray[np.int64]:
    fold = _folds(problem)[number]
    table = narrowed(problem.table, _columns(problem, genes, number), genes)
    return _fit(problem, genes, table.rows(fold.train)).classify(table.levels[fold.test])


def _fit(problem: Problem, genes: Genes, table: Table) -> Fitted:
    family: Family = FAMILIES[str(genes["family"])]
    own = f"{family.name}."
    told = {name.removeprefix(own): value for name, value in genes.items() if name.startswith(own)}
    with _levels_unchecked():
        return family.fit(told, table, problem.seed)


def _levels_unchecked() -> AbstractContextManager[None]:
    """Levels are finite; looking for what is wrong takes scikit-learn longer than small fits."""
    import sklearn  # noqa: PLC0415 - the folds have it imported

    context: AbstractContextManager[None] = sklearn.config_context(
        assume_finite=True, skip_parameter_validation=True
    )
    return context


def _columns(problem: Problem, genes: Genes, fold: int | None) -> tuple[int, ...]:
    """The chosen features in the order of the table, ranked by what the fold trains on."""
    by = str(genes.get("ranking", ALL_FEATURES))
    if by == ALL_FEATURES:
        return tuple(range(problem.table.width))
    order = _ranked(problem, by, fold)
    return tuple(sorted(int(column) for column in order[: int(genes["features"])]))


def narrowed(table: Table, columns: tuple[int, ...], genes: Genes) -> Table:
    """A table, the test part for instance, as the model of these genes takes it.

    Args:
        table: Of the problem's features.
        columns: As `refit` told.
        genes: Of the model.
    """
    if len(columns) < table.width:
        table = table.columns(columns)
    bits = int(genes["level_bits"])
    return table.coarser((1 << bits) - 1) if bits < table.level_max.bit_length() else table


def _cost(problem: Problem, genes: Genes, fitted: Fitted, columns: tuple[int, ...]) -> Cost:
    table = narrowed(problem.table, columns, genes)
    some = slice(None, None, -(-len(table.levels) // _COSTED_SAMPLES))
    if problem.preparation is None or problem.raw is None:
        levels = np.ascontiguousarray(table.levels[some])
        return cost(fitted.source(), problem.mcu, levels, fitted.classify(levels))
    preparation, raw_columns = problem.preparation.narrowed(columns, table.level_max)
    return whole_cost(fitted, preparation, problem.raw[some][:, raw_columns], problem.mcu)


@lru_cache(maxsize=8)
def _folds(problem: Problem) -> tuple[Fold, ...]:
    return stratified_folds(problem.table, problem.folds, problem.seed)


@lru_cache(maxsize=256)
def _ranked(problem: Problem, by: str, fold: int | None) -> NDArray[np.int64]:
    table = problem.table if fold is None else problem.table.rows(_folds(problem)[fold].train)
    return rank(table, by, problem.seed)
