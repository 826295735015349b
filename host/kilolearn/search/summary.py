# SPDX-License-Identifier: GPL-3.0-or-later
"""What a search found, as one JSON object.

===================  ===============================================================
key                  what
===================  ===============================================================
data, mcu            what was searched for what
minimise, wanted     what was to be small; percent right that the choice must reach
reached              whether a candidate does
tried, duplicates    candidates evaluated; proposals of what had been evaluated
cleaning             sentences
references           model, parameters, accuracy (percent, cross-validated)
front                candidates by rising error
chosen               a candidate, or null
tested               of the chosen: samples, accuracy, confusion, flash, ... or null
command              that finds the same again
===================  ===============================================================

A candidate has accuracy, flash, sram_high_water, cycles, cycles_max, description_bits and genes.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from kilolearn.search.evaluate import Trial
from kilolearn.search.findings import Findings, Judged

__all__ = ["summary"]


def summary(found: Findings) -> dict[str, Any]:
    """The object; see the table above."""
    return {
        "data": found.prepared.name,
        "mcu": found.problem.mcu,
        "minimise": found.minimise,
        "wanted": found.wanted,
        "reached": found.chosen is not None,
        "tried": len(found.trials),
        "duplicates": found.duplicates,
        "cleaning": found.prepared.said,
        "references": [
            {"model": one.name, "parameters": one.parameters, "accuracy": one.accuracy}
            for one in found.references
        ],
        "front": [_candidate(trial) for trial in found.front],
        "chosen": _candidate(found.chosen) if found.chosen else None,
        "tested": _tested(found.tested) if found.tested else None,
        "command": found.command,
    }


def _candidate(trial: Trial) -> dict[str, Any]:
    assert trial.cost is not None, "what was not built is on no front"
    return {
        "accuracy": trial.accuracy,
        **asdict(trial.cost),
        "description_bits": trial.description_bits,
        "genes": dict(trial.genes),
    }


def _tested(tested: Judged) -> dict[str, Any]:
    return {
        "samples": len(tested.answers),
        "accuracy": tested.accuracy,
        "confusion": tested.confusion.tolist(),
        "model": asdict(tested.model),
        "with_preparation": asdict(tested.whole),
    }
