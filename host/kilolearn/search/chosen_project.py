# SPDX-License-Identifier: GPL-3.0-or-later
"""What a search chose, as the firmware project that `kilolearn.search.project` writes."""

from __future__ import annotations

from kilolearn.errors import SearchError
from kilolearn.search.findings import Findings
from kilolearn.search.project import Golden, Preparing, Project
from kilolearn.search.wording import genes_in_words

__all__ = ["chosen_project"]

_GOLDEN_MAX = 32


def chosen_project(found: Findings) -> Project:
    """The chosen candidate's project; its golden samples are spread over the test part.

    Raises:
        SearchError: None was chosen.
    """
    chosen, tested = found.chosen, found.tested
    if chosen is None or tested is None:
        raise SearchError("no candidate was chosen; expected one to make a project of")
    step = -(-len(tested.answers) // _GOLDEN_MAX)
    prepares = tested.preparation
    figures = [
        ("model", genes_in_words(chosen)),
        ("right, cross-validated in the training part", f"{chosen.accuracy:.2f} %"),
        (f"right of {len(tested.answers):,} held-out samples", f"{tested.accuracy:.2f} %"),
        ("candidates tried", f"{len(found.trials):,}"),
        ("model alone: flash", f"{tested.model.flash:,} B"),
        ("model alone: SRAM", f"{tested.model.sram_high_water:,} B"),
        ("model alone: cycles, mean", f"{tested.model.cycles:,.0f}"),
    ]
    if prepares is not None:
        figures.append(("with the preparation: flash", f"{tested.whole.flash:,} B"))
        figures.append(("with the preparation: cycles, mean", f"{tested.whole.cycles:,.0f}"))
    return Project(
        title=f"{found.prepared.name} on the {found.problem.mcu}",
        mcu=found.problem.mcu,
        source=tested.fitted.source(),
        features=tested.features,
        level_max=tested.level_max,
        class_names=found.prepared.class_names,
        golden=Golden(tested.samples[::step], tested.answers[::step]),
        figures=tuple(figures),
        command=found.command,
        preparing=None
        if prepares is None
        else Preparing(prepares.source(), tuple(prepares.raw_columns)),
    )
