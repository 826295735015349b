# SPDX-License-Identifier: GPL-3.0-or-later
"""What a compression found, as a table, as lines and as one JSON object; computes nothing."""

from __future__ import annotations

import json

from rich.table import Table

from kilolearn.compress.compressor import Compressed
from kilolearn.compress.hunt import Trial

__all__ = ["report_json", "summary_lines", "trials_table"]


def trials_table(made: Compressed) -> Table:
    """Every method alone, then the chains of the beam that kept the accuracy."""
    table = Table(title=f"{made.model.about} on the {made.goal.mcu}")
    table.add_column("method or chain")
    for heading in ("bits a weight", "rounded", "fitted", "flash", "SRAM", "cycles"):
        table.add_column(heading, justify="right")
    for trial in made.hunt.trials:
        if trial.step and not (
            trial.cost and (trial.accuracy or 0) >= made.hunt.before - made.hunt.drop
        ):
            continue
        if trial.refused:
            table.add_row(trial.plan.name, "refused", style="dim")
            continue
        style = "bold" if trial is made.chosen else None
        table.add_row(trial.plan.name, *_figures(trial), style=style)
    return table


def _figures(trial: Trial) -> list[str]:
    cost = trial.cost
    return [
        "" if trial.bits_per_weight is None else f"{trial.bits_per_weight:.2f}",
        "" if trial.accuracy_rounded is None else f"{trial.accuracy_rounded:.2f} %",
        f"{trial.accuracy:.2f} %",
        f"{cost.flash:,} B" if cost else "",
        f"{cost.sram_high_water:,} B" if cost else "",
        f"{cost.cycles:,.0f}" if cost else "",
    ]


def summary_lines(made: Compressed) -> list[str]:
    """What was chosen and what it is worth, in plain sentences."""
    hunt, cost = made.hunt, made.cost
    lost = hunt.lost(made.chosen)
    held_out = (
        f"{len(hunt.trials)} chains tried. Of held-out samples of the training part the model's "
        f"kind has {hunt.before:.2f} % right, the chosen chain {abs(lost):.2f} points "
        f"{'less' if lost > 0 else 'more'}."
    )
    chosen = (
        f"Chosen: {made.chosen.plan.name}: {cost.flash:,} B of flash, "
        f"{cost.sram_high_water:,} B of SRAM, {cost.cycles:,.0f} cycles."
    )
    test = (
        f"Test part, scored once: {made.accuracy:.2f} % by the emulated {made.goal.mcu}, "
        f"{made.given_accuracy:.2f} % by the given model (if it was fitted without that part)."
    )
    return [held_out, chosen, test]


def report_json(made: Compressed, data: str) -> str:
    """One line: what was asked, every trial, what was chosen, and the scale of the samples."""
    goal, hunt, cost = made.goal, made.hunt, made.cost
    report = {
        "compress": made.model.about,
        "data": data,
        "mcu": goal.mcu,
        "flash_max": goal.flash_max,
        "accuracy_drop": goal.accuracy_drop,
        "seed": goal.seed,
        "held_out_before": _rounded(hunt.before),
        "confirmed_before": _rounded(hunt.before_again),
        "lost": _rounded(hunt.lost(made.chosen)),
        "reached": hunt.best is not None and cost.flash <= goal.flash_max,
        "chosen": _row(made.chosen, hunt.before),
        "test": {
            "accuracy_given": round(made.given_accuracy, 3),
            "accuracy": round(made.accuracy, 3),
            "flash": cost.flash,
            "sram_high_water": cost.sram_high_water,
            "cycles": round(cost.cycles, 1),
            "cycles_max": cost.cycles_max,
        },
        "classes": list(made.class_names),
        "levels": {
            "max": made.scale.input_max,
            "minimum": made.scale.minimum.tolist(),
            "maximum": made.scale.maximum.tolist(),
        },
        "trials": [_row(trial, hunt.before) for trial in hunt.trials],
    }
    return json.dumps(report)


def _row(trial: Trial, before: float) -> dict[str, object]:
    cost = trial.cost
    return {
        "method": trial.plan.name,
        "step": trial.step,
        "bits_per_weight": _rounded(trial.bits_per_weight),
        "accuracy_before": _rounded(before),
        "accuracy_rounded": _rounded(trial.accuracy_rounded),
        "accuracy_after": _rounded(trial.accuracy),
        "accuracy_confirmed": _rounded(trial.confirmed),
        "flash": cost.flash if cost else None,
        "sram_high_water": cost.sram_high_water if cost else None,
        "cycles": _rounded(cost.cycles) if cost else None,
        "refused": trial.refused,
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
