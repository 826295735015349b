# SPDX-License-Identifier: GPL-3.0-or-later
"""The hunt for the shortest chain that keeps the accuracy: every method alone, then a beam.

A chain's bytes are cheap to know: it is rounded and linked. Its accuracy is dearer: it is fitted in
each fold. So of all chains one step away from the shortest ones known, those that link to fewer
bytes are fitted, shortest first, until none is left.

Of many chains some keep the accuracy by luck. So those found are tried on other folds, too, the
shortest first, and the first one that keeps it in the mean of all folds is taken.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from kilolearn.classifier.cost import Cost
from kilolearn.classifier.fitted import REFUSALS, Fitted
from kilolearn.codecs.net import EncodedNet
from kilolearn.compress.judge import Judge
from kilolearn.compress.plans import NetChain, Plan, first_plans
from kilolearn.errors import BuildError

__all__ = ["Hunt", "Trial", "hunt"]

BEAM = 3
ROUNDS_MAX = 12
FITTED_MAX = 16
"""Chains that are fitted in one round."""

_HOPELESS = 3.0
"""Points below the bar after a fold that end a trial."""


@dataclass(frozen=True)
class Trial:
    """One chain.

    Attributes:
        plan: The chain.
        step: 0 for a method alone, else the round of the beam.
        accuracy_rounded: Of a net, percent right before any fitting, mean of the folds; None in
            the beam.
        accuracy: After it; None when refused.
        fitted, cost: With the given model and all of the training part; None when refused, or
            when the accuracy is too low for the beam.
        confirmed: Percent right on the other folds; None where a shorter chain was taken.
        refused: Why there is none of these.
    """

    plan: Plan
    step: int
    accuracy_rounded: float | None = None
    accuracy: float | None = None
    fitted: Fitted | None = None
    cost: Cost | None = None
    confirmed: float | None = None
    refused: str | None = None

    def lost(self, before: float, before_again: float) -> float:
        """Points below the model, in the mean of the folds that it was tried on."""
        lost = before - (self.accuracy or 0.0)
        return lost if self.confirmed is None else (lost + before_again - self.confirmed) / 2

    @property
    def bits_per_weight(self) -> float | None:
        """Of a net: all that a layer keeps, biases apart, over the weights that it stands for."""
        return self.fitted.bits_per_weight if isinstance(self.fitted, EncodedNet) else None


@dataclass(frozen=True)
class Hunt:
    """What came of it.

    Attributes:
        before: Percent right of the model's kind uncompressed, mean of the folds.
        before_again: The same on the folds that confirm.
        drop: Points that may be lost.
        trials: All, in the order in which they were tried.
        best: The shortest one that keeps the accuracy on all folds; None if none does.
    """

    before: float
    before_again: float
    drop: float
    trials: tuple[Trial, ...]
    best: Trial | None

    def lost(self, trial: Trial) -> float:
        """Points that a trial is below the model, mean of all folds that it was tried on."""
        return trial.lost(self.before, self.before_again)

    @property
    def most_accurate(self) -> Trial:
        """Of those that fit the chip the one that loses least, the shortest of equals.

        Raises:
            BuildError: None fits the chip; the message says the last reason.
        """
        linked = [trial for trial in self.trials if trial.cost and trial.accuracy is not None]
        if not linked:
            raise BuildError(f"no method fits: {self.trials[-1].refused}")
        return min(linked, key=lambda trial: (self.lost(trial), _flash(trial)))


def hunt(
    judge: Judge, again: Judge, drop: float, told: Callable[[Trial], None] = lambda _: None
) -> Hunt:
    """Look for the shortest chain.

    Args:
        judge: Of the model.
        again: The same with other folds, to confirm.
        drop: Points of accuracy that may be lost, in the mean of the folds.
        told: Called with each trial, and with those tried on other folds once more.
    """
    before = judge.before
    bar = before - drop
    trials: list[Trial] = []
    seen: set[str] = set()

    def keep(trial: Trial) -> None:
        seen.add(trial.plan.name)
        trials.append(trial)
        told(trial)

    for plan in first_plans(judge.given, judge.table):
        if plan.name not in seen:
            keep(_alone(judge, plan))
    for step in range(1, ROUNDS_MAX + 1):
        good = sorted((trial for trial in trials if _passes(trial, bar)), key=_flash)[:BEAM]
        found = 0
        for plan in _shorter(judge, good, seen):
            trial = _fitted(judge, plan, step, bar)
            keep(trial)
            found += _passes(trial, bar)
        if not found:
            break
    before_again = again.before
    best = None
    found_places = [at for at, trial in enumerate(trials) if _passes(trial, bar)]
    for at in sorted(found_places, key=lambda at: _flash(trials[at])):
        trials[at] = _confirmed(again, trials[at])
        told(trials[at])
        if trials[at].cost and trials[at].lost(before, before_again) <= drop:
            best = trials[at]
            break
    return Hunt(before, before_again, drop, tuple(trials), best)


def _alone(judge: Judge, plan: Plan) -> Trial:
    """A method in itself, with all figures."""
    try:
        fitted, cost = judge.made(plan)
        rounded = judge.accuracy(plan, tuned=False) if isinstance(plan, NetChain) else None
        return Trial(plan, 0, rounded, judge.accuracy(plan), fitted, cost)
    except REFUSALS as error:
        return Trial(plan, 0, refused=str(error))


def _shorter(judge: Judge, good: list[Trial], seen: set[str]) -> list[Plan]:
    """Chains one step from the good ones that link to fewer bytes, the shortest first."""
    found: dict[str, tuple[int, Plan]] = {}
    for trial in good:
        for plan in trial.plan.smaller():
            if plan.name in seen or plan.name in found:
                continue
            try:
                _, cost = judge.made(plan, tuned=False)
            except REFUSALS:
                seen.add(plan.name)
                continue
            if cost.flash < _flash(trial):
                found[plan.name] = cost.flash, plan
    ranked = sorted(found.values(), key=lambda entry: entry[0])
    return [plan for _, plan in ranked[:FITTED_MAX]]


def _fitted(judge: Judge, plan: Plan, step: int, bar: float) -> Trial:
    try:
        accuracy = judge.accuracy(plan, bar - _HOPELESS)
        if accuracy < bar:
            return Trial(plan, step, accuracy=accuracy)
        fitted, cost = judge.made(plan)
    except REFUSALS as error:
        return Trial(plan, step, refused=str(error))
    return Trial(plan, step, None, accuracy, fitted, cost)


def _confirmed(again: Judge, trial: Trial) -> Trial:
    """With what it is worth on other folds."""
    try:
        return replace(trial, confirmed=again.accuracy(trial.plan))
    except REFUSALS as error:
        return replace(trial, cost=None, refused=str(error))


def _passes(trial: Trial, bar: float) -> bool:
    return trial.cost is not None and trial.accuracy is not None and trial.accuracy >= bar


def _flash(trial: Trial) -> int:
    return trial.cost.flash if trial.cost else 1 << 30
