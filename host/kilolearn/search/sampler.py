# SPDX-License-Identifier: GPL-3.0-or-later
"""What proposes candidates: evolution, or random draws to compare it with.

Sources: Deb, Pratap, Agarwal, Meyarivan, A fast and elitist multiobjective genetic algorithm:
NSGA-II (2002), as Optuna has it; Durillo, Nebro, Luna, Alba, On the effect of the steady-state
selection scheme in multi-objective genetic algorithms (2009).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from kilolearn.families.genes import Gene
from kilolearn.search.journal import load_optuna, optuna_distributions

__all__ = ["SAMPLERS", "Sampler", "sampler_of"]

SAMPLERS = ("nsga2", "random")

POPULATION = 20
"""Small, so that a search of a hundred trials has generations."""

_MUTATION = 0.1  # of each gene


class Sampler(Protocol):
    """Proposes candidates, and learns what they are worth."""

    def propose(self) -> dict[str, Any]:
        """A value for every gene."""
        ...

    def tell(self, genes: Mapping[str, Any], values: Sequence[float]) -> None:
        """What a proposal came to: each value is minimised."""
        ...


def sampler_of(name: str, seed: int, space: Mapping[str, Gene], objectives: int) -> Sampler:
    """One of `SAMPLERS`.

    Args:
        name: Which.
        seed: Of all that it draws.
        space: Every gene.
        objectives: How many values it will be told.
    """
    return (Evolution if name == "nsga2" else Draws)(seed, space, objectives)


class Draws:
    """Every gene alike."""

    def __init__(self, seed: int, space: Mapping[str, Gene], objectives: int) -> None:
        self._optuna = load_optuna()
        self._study = self._optuna.create_study(directions=["minimize"] * objectives)
        self._distributions = optuna_distributions(space)
        self._random = self._optuna.samplers.RandomSampler(seed=seed)

    def propose(self) -> dict[str, Any]:
        """See `Sampler`."""
        return {name: self._drawn(name) for name in self._distributions}

    def tell(self, genes: Mapping[str, Any], values: Sequence[float]) -> None:
        """See `Sampler`."""

    def _drawn(self, name: str) -> Any:
        distribution = self._distributions[name]
        return self._random.sample_independent(self._study, None, name, distribution)


class Evolution(Draws):
    """The best of all that was told are parents of the next.

    Optuna's own generations would never ask those that are in hand when one of them ends: sixteen
    of thirty-six. Its study is left out: what it copies for a proposal takes longer than all else.
    """

    def __init__(self, seed: int, space: Mapping[str, Gene], objectives: int) -> None:
        super().__init__(seed, space, objectives)
        self._nsga2 = self._optuna.samplers.NSGAIISampler(
            population_size=POPULATION, mutation_prob=_MUTATION, seed=seed
        )
        self._best: list[Any] = []
        self._told = 0

    def propose(self) -> dict[str, Any]:
        """See `Sampler`."""
        if self._told < POPULATION:
            return super().propose()
        self._best = self._nsga2._elite_population_selection_strategy(self._study, self._best)
        child = self._nsga2._child_generation_strategy(self._study, self._distributions, self._best)
        # A gene that has mutated is missing.
        return {
            name: child[name] if name in child else self._drawn(name)
            for name in self._distributions
        }

    def tell(self, genes: Mapping[str, Any], values: Sequence[float]) -> None:
        """See `Sampler`."""
        trial = self._optuna.trial.create_trial(
            params=dict(genes), distributions=self._distributions, values=list(values)
        )
        trial.number = self._told
        self._told += 1
        self._best.append(trial)
