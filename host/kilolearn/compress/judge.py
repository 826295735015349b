# SPDX-License-Identifier: GPL-3.0-or-later
"""What a chain is worth: right answers on rows that it has not seen, and bytes of the linked image.

Rows are unseen only by a model that was fitted without them. So in each fold of the training part
the given kind is fitted anew: a scikit-learn estimator as it was, another file's layers or trees as
a net or forest of that size. The given model itself is what is compressed in the end.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kilolearn.classifier.cost import Cost, cost
from kilolearn.classifier.fitted import Fitted
from kilolearn.classifier.folds import Fold, stratified_folds
from kilolearn.classifier.table import Table
from kilolearn.compress.estimators import of_estimator
from kilolearn.compress.given import Given
from kilolearn.compress.model import Model, Network
from kilolearn.compress.plans import Plan
from kilolearn.families.scikit import scikit
from kilolearn.nets.train import TrainRecipe, train_net
from kilolearn.quantise import InputScale

__all__ = ["Judge", "percent_right"]

FOLDS = 3
_MEASURED = 24
_REFIT_STEPS = 600


def percent_right(answers: NDArray[np.int64], labels: NDArray[np.int64]) -> float:
    """Share of right answers, 0-100."""
    return 100 * float(np.mean(answers == labels))


@dataclass(frozen=True)
class Judge:
    """Judges chains for one model, data set and chip.

    Attributes:
        given: The given model on levels.
        table: The training part.
        folds: Of it.
        refitted: A model of the given kind, fitted to each fold's training rows.
        mcu: The chip.
        seed: Of fits.
    """

    given: Given
    table: Table
    folds: tuple[Fold, ...]
    refitted: tuple[Given, ...]
    mcu: str
    seed: int

    @classmethod
    def of(
        cls,
        model: Model,
        table: Table,
        features: NDArray[np.float64],
        scale: InputScale,
        mcu: str,
        seed: int,
        cut: int = 0,
    ) -> Judge:
        """Fit the model's kind in each fold.

        Args:
            model: As given.
            table: The training part in levels.
            features: The same rows in the model's units, (samples, width).
            scale: Between the two.
            mcu: The chip.
            seed: Of folds and fits.
            cut: Which cut into folds; another is independent of it.

        Raises:
            DatasetError: A class has fewer samples than there are folds.
            MissingExtraError: scikit-learn is not installed.
        """
        folds = stratified_folds(table, FOLDS, seed, cut + 1)[-FOLDS:]
        refitted = tuple(
            _refitted(model, table.rows(fold.train), features[fold.train], scale, seed)
            for fold in folds
        )
        return cls(Given.of(model, scale).calibrated(table), table, folds, refitted, mcu, seed)

    @property
    def before(self) -> float:
        """Percent right of the model's kind, uncompressed, mean of the folds."""
        return float(np.mean([
            percent_right(given.answers(part), part.labels)
            for given, part in zip(self.refitted, self._parts, strict=True)
        ]))  # fmt: skip

    @property
    def _parts(self) -> list[Table]:
        return [self.table.rows(fold.test) for fold in self.folds]

    def accuracy(self, plan: Plan, hopeless_below: float = 0.0, tuned: bool = True) -> float:
        """Percent right of a chain, mean of the folds that were tried.

        Args:
            plan: The chain.
            hopeless_below: A mean after any fold below this ends the trial.
            tuned: As for `Plan.build`.

        Raises:
            WeightsError: A layer that a representation does not take.
        """
        found: list[float] = []
        for fold, given, part in zip(self.folds, self.refitted, self._parts, strict=True):
            made = plan.build(given, self.table.rows(fold.train), self.seed, tuned)
            found.append(percent_right(made.classify(part.levels), part.labels))
            if np.mean(found) < hopeless_below:
                break
        return float(np.mean(found))

    def made(self, plan: Plan, tuned: bool = True) -> tuple[Fitted, Cost]:
        """A chain gone through with the given model and all of the training part, and linked.

        Raises:
            BuildError: It does not fit the chip.
            WeightsError: A layer that a representation does not take.
        """
        fitted = plan.build(self.given, self.table, self.seed, tuned)
        samples = self.table.levels[: _MEASURED if tuned else 1]
        return fitted, cost(fitted.source(), self.mcu, samples, fitted.classify(samples))


def _refitted(
    model: Model, table: Table, features: NDArray[np.float64], scale: InputScale, seed: int
) -> Given:
    """The model's kind, fitted to some rows."""
    if model.refit is not None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of not converging: it did not for the given one
            return Given.of(model.refit(features, table.labels), scale).calibrated(table)
    levels = Given.of(model, scale).levels
    if isinstance(model.body, Network):
        net = train_net(model.body.hidden, table, seed, TrainRecipe(_REFIT_STEPS))
        return Given(net, levels)
    trees = len(model.body.trees)
    fresh = (
        scikit("tree").DecisionTreeClassifier(random_state=seed)
        if trees == 1
        else scikit("ensemble").RandomForestClassifier(trees, random_state=seed)
    )
    return Given.of(of_estimator(fresh.fit(features, table.labels)), scale)
