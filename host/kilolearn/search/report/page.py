# SPDX-License-Identifier: GPL-3.0-or-later
"""Renders what a search found; the scripts beside it draw the front."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from kilolearn.search.findings import Findings
from kilolearn.search.report.candidates import candidates, quantities
from kilolearn.search.wording import verdict

__all__ = ["render_page"]

_SCRIPTS = ("axes.js", "front.js", "told.js", "page.js")


def render_page(found: Findings) -> str:
    """Render a search as HTML with styles, scripts and data in it."""
    chosen, tested = found.chosen, found.tested
    return _template().render(
        title=found.prepared.name,
        mcu=found.problem.mcu,
        minimised=found.minimise,
        class_names=found.prepared.class_names,
        reached=chosen is not None,
        verdict=verdict(found),
        facts=_facts(found),
        chosen=chosen,
        tested=tested,
        undone=found.undone,
        wanted=f"{found.wanted:.2f}",
        references=found.references,
        cleaning=found.prepared.said,
        ranked_by=found.ranked_by,
        ranking=found.ranking,
        used=tested.features if tested else (),
        command=found.command,
        tried=len(found.trials),
        duplicates=found.duplicates,
        data=_data(found),
        style=_asset("page.css"),
        script="\n".join(_asset(name) for name in _SCRIPTS),
    )


def _facts(found: Findings) -> list[tuple[str, str, str]]:
    """Of the chosen candidate: name, value, unit."""
    chosen, tested = found.chosen, found.tested
    if chosen is None or chosen.cost is None:
        return []
    facts = [
        ("flash", f"{chosen.cost.flash:,}", "B"),
        ("SRAM with the stack", f"{chosen.cost.sram_high_water:,}", "B"),
        ("cycles, mean", f"{chosen.cost.cycles:,.0f}", ""),
        ("right, cross-validated", f"{chosen.accuracy:.2f}", "%"),
    ]
    if tested is not None:
        facts.append(("right on the test part", f"{tested.accuracy:.2f}", "%"))
    return facts


def _data(found: Findings) -> dict[str, Any]:
    """What the scripts draw."""
    listed = candidates(found)
    first = found.chosen or next(iter(found.front), None)
    numbers = [one["number"] for one in listed]
    return {
        "classes": found.prepared.class_names,
        "quantities": quantities(found),
        "axes": [found.minimise[0], "accuracy"],
        "families": sorted({one["family"] for one in listed}),
        "candidates": listed,
        "chosen": numbers.index(found.trials.index(first) + 1) if first else None,
        "tried": len(found.trials),
        "wanted": found.wanted,
        "course": _course(found),
    }


def _course(found: Findings) -> dict[str, list[tuple[int, float]]]:
    """Where it got better: candidates tried, and the best from there on."""
    smallest: list[tuple[int, float]] = []
    best: list[tuple[int, float]] = []
    for number, trial in enumerate(found.trials, start=1):
        if trial.cost is None:
            continue
        if not best or trial.accuracy > best[-1][1]:
            best.append((number, trial.accuracy))
        enough = trial.accuracy >= found.wanted
        if enough and (not smallest or trial.cost.flash < smallest[-1][1]):
            smallest.append((number, trial.cost.flash))
    return {"smallest": smallest, "best": best}


def _asset(name: str) -> str:
    return (files(__package__) / name).read_text(encoding="utf-8")


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("kilolearn.search.report", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html.j2")
