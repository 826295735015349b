# SPDX-License-Identifier: GPL-3.0-or-later
"""Choose features by the bytes that they cost on the chip and the errors that they save.

From no feature on, each step goes to the set with the shortest description among those with one
feature more or one less that it has not been to; features that the model then does not look at fall
away. The description is the firmware, which prepares the features and classifies
(`kilolearn.classifier.cost`: linked for the chip, and run on it), and the bits that correct its
errors in cross-validation (`kilolearn.search.mdl`). A feature stays when it saves more bits than it
costs.

The test part decides nothing. Rankings without a model: `kilolearn.search.ranking`.

Sources: Kohavi, John, Wrappers for feature subset selection (1997); Glover, Tabu search (1989).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kilolearn.classifier.cost import Cost
from kilolearn.classifier.fitted import Fitted
from kilolearn.classifier.image import chip_of
from kilolearn.classifier.table import Table
from kilolearn.errors import SearchError
from kilolearn.families.genes import Genes
from kilolearn.search.evaluate import Problem, evaluate, refit
from kilolearn.search.flat_genes import flat_genes
from kilolearn.search.mdl import description_bits
from kilolearn.search.prepare import Prepared
from kilolearn.search.ranking import rank

__all__ = ["SAMPLES", "FeatureSet", "Selection", "Step", "select_features"]

SAMPLES = 10_000
"""That a chip meets, if nothing else is known."""


@dataclass(frozen=True)
class FeatureSet:
    """Some features, and the firmware that needs no others.

    Attributes:
        columns: Of the table, ascending.
        read: Those of them that the fitted model looks at.
        accuracy: Percent right in cross-validation inside the training part.
        cost: Of preparation and model, fitted to all of the training part.
        description_bits: Of the firmware and what it got wrong in cross-validation.
    """

    columns: tuple[int, ...]
    read: tuple[int, ...]
    accuracy: float
    cost: Cost
    description_bits: float


@dataclass(frozen=True)
class Step:
    """From one set of features to the next.

    Attributes:
        added, dropped: Names of features.
        after: The set after the step.
    """

    added: tuple[str, ...]
    dropped: tuple[str, ...]
    after: FeatureSet


@dataclass(frozen=True)
class Selection:
    """How features were chosen.

    Attributes:
        steps: In order.
        best: The shortest description among them.
        everything: All features; None when the chip does not hold that firmware.
        tried: How many sets of features were built and judged.
        test_accuracy: Percent right of the best on the test part, which had no say.
    """

    steps: tuple[Step, ...]
    best: FeatureSet
    everything: FeatureSet | None
    tried: int
    test_accuracy: float


def select_features(
    prepared: Prepared,
    family: str,
    genes: Genes,
    mcu: str,
    *,
    samples: int = SAMPLES,
    folds: int = 5,
    seed: int = 0,
    candidates: int = 12,
    patience: int = 4,
    told: Callable[[Step], None] | None = None,
) -> Selection:
    """Add and drop features of a data set for one kind of model.

    Args:
        prepared: The data; the test part is scored once, by the best set at the end.
        family: Of `kilolearn.families.FAMILIES`, by name.
        genes: Of the family, as for `kilolearn.search.flat_genes`.
        mcu: The chip, as avr-gcc names it.
        samples: How many samples the description is of: those that the chip will meet. The more
            they are, the more bytes an error is worth. A hundred bytes of program are more than all
            labels of a hundred samples: described alone, most training parts are best left wrong.
        folds: Of the cross-validation.
        seed: Of the folds, the fits and the ranking.
        candidates: How many features a step tries, the first by mutual information.
        patience: How many steps in a row may bring no shorter description.
        told: Called with each step.

    Raises:
        BuildError: No such chip.
        SearchError: Unknown family, gene or value of one, or no feature alone makes a model.
        DatasetError: A class with fewer samples than folds.
        MissingExtraError: scikit-learn is not installed.
    """
    chip_of(mcu)
    judge = _Judge(
        prepared, family, flat_genes(family, genes, prepared.train), mcu, samples, folds, seed
    )
    order = rank(prepared.train, "mutual information", seed).tolist()
    names = prepared.train.features
    here: tuple[int, ...] = ()
    been: set[tuple[int, ...]] = set()
    steps: list[Step] = []
    best: FeatureSet | None = None
    idle = 0
    while idle <= patience:
        more = [column for column in order if column not in here][:candidates]
        near = [(*here, column) for column in more]
        near += [tuple(c for c in here if c != gone) for gone in here if len(here) > 1]
        found = judge.shortest(near, been)
        if found is None:
            break
        added = tuple(names[c] for c in found.columns if c not in here)
        dropped = tuple(names[c] for c in here if c not in found.columns)
        steps.append(Step(added, dropped, found))
        here = found.columns
        been.add(here)
        if told is not None:
            told(steps[-1])
        idle += 1
        if best is None or found.description_bits < best.description_bits:
            best, idle = found, 0
    if best is None:
        raise SearchError(
            f"no feature alone makes a {family} for the {mcu} ({judge.refusal}); choose another "
            f"family or other genes"
        )
    everything = judge.judged(tuple(range(prepared.train.width)))
    return Selection(tuple(steps), best, everything, judge.tried, judge.test_accuracy(best.columns))


class _Judge:
    """Builds and judges sets of features, each once."""

    def __init__(
        self,
        prepared: Prepared,
        family: str,
        genes: Genes,
        mcu: str,
        samples: int,
        folds: int,
        seed: int,
    ) -> None:
        self._prepared = prepared
        self._family = family
        self._genes = genes
        self._mcu = mcu
        self._share = samples / len(prepared.train.labels)
        self._folds = folds
        self._seed = seed
        self._known: dict[tuple[int, ...], FeatureSet | None] = {}
        self.refusal = "no features"

    @property
    def tried(self) -> int:
        """Sets that were judged."""
        return len(self._known)

    def shortest(
        self, sets: Sequence[tuple[int, ...]], been: set[tuple[int, ...]]
    ) -> FeatureSet | None:
        """The shortest description of some sets, where not been to; None if there is none."""
        judged = [self._read_whole(tuple(sorted(columns))) for columns in sets]
        new = [one for one in judged if one is not None and one.columns not in been]
        return min(new, key=lambda one: one.description_bits, default=None)

    def _read_whole(self, columns: tuple[int, ...]) -> FeatureSet | None:
        """Those of a set that its model looks at; None if it looks at nothing or is refused."""
        found = self.judged(columns)
        while found is not None and found.read != found.columns:
            found = self.judged(found.read) if found.read else None
        return found

    def judged(self, columns: tuple[int, ...]) -> FeatureSet | None:
        """A set of features; None when the family or the chip refuses it."""
        if columns not in self._known:
            self._known[columns] = self._judge(columns)
        return self._known[columns]

    def test_accuracy(self, columns: tuple[int, ...]) -> float:
        """Percent of the test part that a set of features gets right."""
        test = self._prepared.test.columns(columns)
        fitted, _ = refit(self._problem(columns), self._genes)
        answers = fitted.classify(self._coarse_levels(test))
        return 100.0 * float(np.mean(answers == test.labels))

    def _coarse_levels(self, table: Table) -> NDArray[np.uint8]:
        level_max = min(table.level_max, (1 << int(self._genes["level_bits"])) - 1)
        return table.coarser(level_max).levels

    def _problem(self, columns: tuple[int, ...]) -> Problem:
        preparation, raw_columns = self._prepared.preparation.narrowed(columns)
        return Problem(
            self._prepared.train.columns(columns),
            self._mcu,
            self._folds,
            self._seed,
            (self._family,),
            preparation,
            self._prepared.train_raw[:, raw_columns],
        )

    def _judge(self, columns: tuple[int, ...]) -> FeatureSet | None:
        problem = self._problem(columns)
        trial = evaluate(problem, self._genes)
        if trial.cost is None or trial.description_bits is None:
            self.refusal = trial.stopped or "refused"
            return None
        error_bits = trial.description_bits - description_bits(trial.cost.flash, 0)
        fitted, _ = refit(problem, self._genes)
        levels = self._coarse_levels(problem.table)
        return FeatureSet(
            columns,
            tuple(column for at, column in enumerate(columns) if _is_read(fitted, levels, at)),
            trial.accuracy,
            trial.cost,
            description_bits(trial.cost.flash, self._share * error_bits),
        )


def _is_read(fitted: Fitted, levels: NDArray[np.uint8], at: int) -> bool:
    """Whether an answer changes when the column is turned upside down, or moved on by a row."""
    answers = fitted.classify(levels)
    for column in (levels.max() - levels[:, at], np.roll(levels[:, at], 1)):
        altered = levels.copy()
        altered[:, at] = column
        if not np.array_equal(fitted.classify(altered), answers):
            return True
    return False
