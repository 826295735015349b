# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said of a search and its candidates, in the terminal, the report and the project."""

from __future__ import annotations

import shlex

from kilolearn.search.evaluate import Trial
from kilolearn.search.findings import Findings

__all__ = ["build_command", "genes_in_words", "told", "verdict"]


def told(trial: Trial) -> str:
    """A candidate in a line."""
    if trial.cost is None:
        return f"{genes_in_words(trial)}: {trial.stopped}"
    return (
        f"{trial.accuracy:.2f} % right, {trial.cost.flash:,} B of flash, "
        f"{trial.cost.sram_high_water:,} B of SRAM, {trial.cost.cycles:,.0f} cycles: "
        f"{genes_in_words(trial)}"
    )


def genes_in_words(trial: Trial) -> str:
    """The family, and its genes by their own names."""
    genes = {name.rpartition(".")[2]: value for name, value in trial.genes.items()}
    family = genes.pop("family")
    return f"{family} ({', '.join(f'{name} {value}' for name, value in genes.items())})"


def verdict(found: Findings) -> str:
    """How the search ended, in a few sentences."""
    tried = f"{len(found.trials):,} candidates were tried"
    if found.chosen is None:
        best = max(found.front, key=lambda trial: trial.accuracy, default=None)
        reached = f"the best has {told(best)}" if best else "none could be built"
        return f"{tried}, and none has {found.wanted:.2f} % right in cross-validation; {reached}."
    said = f"{tried}. The smallest with {found.wanted:.2f} % or more in cross-validation: "
    said += f"{told(found.chosen)}."
    if found.tested is not None:
        count = len(found.tested.answers)
        said += (
            f" Of the test part's {count:,} samples, which nothing was chosen by, the emulated "
            f"chip has {found.tested.accuracy:.2f} % right."
        )
    return said


def build_command(found: Findings, trial: Trial) -> str:
    """What builds a candidate, without a search."""
    return f"{found.asked} --genes {shlex.quote(trial.key)} --emit firmware"
