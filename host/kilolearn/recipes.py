# SPDX-License-Identifier: GPL-3.0-or-later
"""How each learner is best trained, a row a learner.

Chosen by cross-validation inside training parts, never on test parts; tools/tune_digits.py,
tools/tune_dense.py, tools/tune_mlp.py and tools/tune_softmax.py do it over again.
"""

from __future__ import annotations

from typing import NamedTuple

from kilolearn.train import TrainingRecipe

__all__ = ["falls_for", "recipe_for"]


class _Row(NamedTuple):
    """Epochs, the shares of them at which the step size is halved, the share of moved images."""

    epochs: int
    falls: tuple[float, ...]
    moved_share: float = 0.0


_RECIPES = {
    "digits": _Row(40, (0.5, 0.7, 0.8, 0.9), 0.3),
    "pooled": _Row(40, (0.5, 0.7, 0.8, 0.9), 0.3),
    "iris": _Row(100, (0.5, 0.75, 0.9)),
    "wine": _Row(100, (0.5, 0.75, 0.9)),
    "breast": _Row(50, (0.5, 0.75, 0.9)),
    "mlp-iris": _Row(100, (0.5, 0.75, 0.9)),
    "mlp-iris16": _Row(100, (0.5, 0.75, 0.9)),
    "mlp-wine": _Row(100, (0.5, 0.75, 0.9)),
    "mlp-digits": _Row(40, (0.5, 0.7, 0.8, 0.9)),
    "motions": _Row(40, (0.5, 0.7, 0.8, 0.9)),
    "italy_power": _Row(60, (0.5, 0.7, 0.8, 0.9)),
    "italy_margin": _Row(60, (0.5, 0.7, 0.8, 0.9)),
    "italy_lvq": _Row(40, (0.5, 0.7, 0.8, 0.9)),
    "vowels": _Row(10, (0.5, 0.7, 0.8, 0.9)),
}
_DEFAULT = _Row(50, (0.5, 0.75, 0.9))

_PASSES = {"phishing": (64, 200, 600), "bananas": (200, 600, 2000)}


def falls_for(learner: str) -> tuple[int, ...]:
    """In one prequential pass, the numbers of samples after which the step size is halved.

    Args:
        learner: `Description.name`; one without a row keeps its step size.
    """
    return _PASSES.get(learner, ())


def recipe_for(learner: str, seed: int, epochs: int | None = None) -> TrainingRecipe:
    """The recipe of a learner.

    Args:
        learner: `Description.name`.
        seed: Of weights, rounding noise, shuffle and moves.
        epochs: Instead of the recipe's; the step size falls at the same shares of the way.
    """
    row = _RECIPES.get(learner, _DEFAULT)
    count = row.epochs if epochs is None else epochs
    return TrainingRecipe.falling(count, row.falls, seed, row.moved_share)
