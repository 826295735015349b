# SPDX-License-Identifier: GPL-3.0-or-later
"""The self-contained HTML report: one file, without anything from a network."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, TypeVar

from pyavr_sim.coverage import Coverage, line_coverage
from pyavr_sim.errors import NoDebugInfoError
from pyavr_sim.missing_names import missing_names
from pyavr_sim.recording import Recording
from pyavr_sim.report.flames import SHARE_MIN
from pyavr_sim.report.payload import pack_recording
from pyavr_sim.report.source_lines import dearest_lines
from pyavr_sim.report.stack_chart import stack_chart
from pyavr_sim.report.tables import (
    bytes_by_owner,
    energy_of,
    function_rows,
    variable_rows,
)
from pyavr_sim.report.wording import ending

if TYPE_CHECKING:
    from jinja2 import Template

__all__ = ["render_page"]

ROWS_MAX = 400
"""Of a table; the page says how many more there were."""
_SCRIPTS = ("recording.js", "grid.js", "flame.js", "tables.js", "page.js")

Row = TypeVar("Row")


def render_page(recording: Recording, volts: float = 5.0) -> str:
    """Render a recording as an HTML page.

    Args:
        recording: Any, of a run that failed too.
        volts: Of the supply, for the estimate of energy.

    Returns:
        HTML of less than 2 MB, with styles, scripts and data in it.
    """
    data, moments = pack_recording(recording)
    coverage = _coverage(recording)
    cut = {
        "functions": _cut(function_rows(recording)),
        "variables": _cut(variable_rows(recording)),
        "findings": _cut(recording.findings),
    }
    return _template().render(
        recording=recording,
        chip=recording.chip,
        firmware=recording.firmware,
        ending=ending(recording),
        missing=missing_names(recording.firmware),
        owners=bytes_by_owner(recording.layout),
        chart=stack_chart(recording),
        energy=energy_of(recording, volts),
        asleep=recording.profile.cycles_asleep,
        lines=dearest_lines(recording, ROWS_MAX),
        coverage=coverage,
        sources_in=_common_folder(coverage),
        flame_share_min=SHARE_MIN,
        moments=moments,
        data=data,
        style=_asset("page.css"),
        script="\n".join(_asset(name) for name in _SCRIPTS),
        **{name: rows for name, (rows, _) in cut.items()},
        more={name: more for name, (_, more) in cut.items()},
    )


def _coverage(recording: Recording) -> Coverage | None:
    try:
        return line_coverage(recording.firmware, recording.profile)
    except NoDebugInfoError:
        return None  # `missing_names` says it


def _common_folder(coverage: Coverage | None) -> str:
    """The folder that all covered files are in; empty where there is none."""
    folders = {os.path.dirname(file.path) for file in coverage.files} if coverage else set()
    try:
        return os.path.commonpath(folders)
    except ValueError:
        return ""


def _below(path: str, folder: str) -> str:
    return os.path.relpath(path, folder) if folder else path


def _cut(rows: Sequence[Row]) -> tuple[Sequence[Row], int]:
    return rows[:ROWS_MAX], max(0, len(rows) - ROWS_MAX)


def _asset(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


@cache
def _template() -> Template:
    from jinja2 import (  # noqa: PLC0415 - slow, and needed for the page alone
        Environment,
        PackageLoader,
        StrictUndefined,
    )

    environment = Environment(
        loader=PackageLoader("pyavr_sim.report", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["n"] = lambda value: f"{value:,}"
    environment.filters["below"] = _below
    environment.filters["hex"] = lambda value: f"0x{value:04X}"
    return environment.get_template("page.html.j2")
