# SPDX-License-Identifier: GPL-3.0-or-later
"""The candidates of a search as the page's scripts take them."""

from __future__ import annotations

from typing import Any

from kilolearn.search.engine import OBJECTIVES, objectives
from kilolearn.search.findings import Findings
from kilolearn.search.wording import build_command

__all__ = ["candidates", "quantities"]

_LABELS = {
    "flash": ("flash", "B"),
    "sram": ("SRAM", "B"),
    "cycles": ("cycles", ""),
    "energy": ("energy", "uJ"),
    "description": ("description", "bits"),
}


def quantities(found: Findings) -> list[dict[str, Any]]:
    """What a candidate is measured in: key, label, unit, whether more is better."""
    accuracy = {"key": "accuracy", "label": "right", "unit": "%", "more": True}
    return [
        accuracy,
        *(
            {"key": key, "label": _LABELS[key][0], "unit": _LABELS[key][1], "more": False}
            for key in _measured(found)
        ),
    ]


def candidates(found: Findings) -> list[dict[str, Any]]:
    """Those that were built: their figures, genes, command, and the confusions of the front."""
    confusions = {
        trial.key: counts.tolist()
        for trial, counts in zip(found.front, found.confusions, strict=True)
    }
    measured = _measured(found)
    listed = []
    for number, trial in enumerate(found.trials, start=1):
        if trial.cost is None:
            continue
        error, *sizes = objectives(trial, measured, found.problem.mcu)
        genes = dict(trial.genes)
        listed.append(
            {
                "number": number,
                "family": genes.pop("family"),
                "genes": genes,
                "figures": {
                    "accuracy": round(100 - error, 3),
                    **{key: round(size, 3) for key, size in zip(measured, sizes, strict=True)},
                },
                "front": trial.key in confusions,
                "confusion": confusions.get(trial.key),
                "command": build_command(found, trial),
            }
        )
    return listed


def _measured(found: Findings) -> list[str]:
    """All that can be minimised; energy where it was asked for, since not all chips know it."""
    return [key for key in OBJECTIVES if key != "energy" or key in found.minimise]
