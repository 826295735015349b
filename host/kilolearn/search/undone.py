# SPDX-License-Identifier: GPL-3.0-or-later
"""What each step of a candidate gave: the same candidate without it."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass

from kilolearn.families.genes import Choice, Genes
from kilolearn.search.evaluate import Problem, Trial, evaluate, space

__all__ = ["Undone", "undo_steps"]


@dataclass(frozen=True)
class Undone:
    """A candidate with one gene set back to what is plain.

    Attributes:
        gene: Which.
        taken: What the candidate has.
        plain: What stands here instead.
        trial: What comes of it.
    """

    gene: str
    taken: int | str
    plain: int | str
    trial: Trial


def undo_steps(problem: Problem, chosen: Trial, executor: Executor) -> tuple[Undone, ...]:
    """Evaluate a candidate without its steps, one at a time.

    A step is a choice other than the first one that there is (of features: all; of weights: 8
    bits), or levels coarser than those of the data.
    """
    plain = _plain_values(problem, chosen.genes)
    futures = [
        executor.submit(evaluate, problem, {**chosen.genes, gene: value})
        for gene, value in plain.items()
    ]
    return tuple(
        Undone(gene, chosen.genes[gene], value, future.result())
        for (gene, value), future in zip(plain.items(), futures, strict=True)
    )


def _plain_values(problem: Problem, genes: Genes) -> dict[str, int | str]:
    """Of the genes that have another value."""
    values = {}
    for name, gene in space(problem).items():
        if name in genes and name != "family":
            value = gene.options[0] if isinstance(gene, Choice) else gene.high
            if value != genes[name] and (isinstance(gene, Choice) or name == "level_bits"):
                values[name] = value
    return values
