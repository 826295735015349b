# SPDX-License-Identifier: GPL-3.0-or-later
"""``pyavr-sim coverage``: which source lines of a firmware a run has executed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from pyavr_sim.chip import Chip
from pyavr_sim.commands.options import FirmwareFile, Hz, Json, Mcu, Seed, load_target
from pyavr_sim.coverage import Coverage, line_coverage
from pyavr_sim.coverage_table import coverage_table
from pyavr_sim.exit_codes import ExitCode
from pyavr_sim.export.lcov import lcov
from pyavr_sim.stdin_feed import read_whole
from pyavr_sim.uart_run import UartText, run_with_uart

__all__ = ["coverage"]

CYCLES_MAX = 16_000_000


def coverage(
    firmware: FirmwareFile,
    mcu: Mcu = None,
    hz: Hz = None,
    seed: Seed = 0,
    cycles_max: Annotated[
        int, typer.Option(metavar="N", min=1, help="Run for so many cycles at most.")
    ] = CYCLES_MAX,
    stdin: Annotated[
        bool, typer.Option("--stdin", help="Send standard input to the chip's first UART.")
    ] = False,
    source: Annotated[
        Path, typer.Option(metavar="DIR", help="Count only sources in this folder.")
    ] = Path(),
    lcov_file: Annotated[
        typer.FileTextWrite | None,
        typer.Option("--lcov", metavar="FILE", lazy=False, help="Write an lcov tracefile, too."),
    ] = None,
    fail_under: Annotated[
        float | None,
        typer.Option(metavar="PCT", min=0, max=100, help="Fail below so many percent of lines."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Run a firmware, and tell which of its source lines were executed.

    It needs an ELF built with -gdwarf-4. Exit codes: 0; 1 below --fail-under; 12 the firmware did
    what silicon cannot do sensibly, and was counted up to there.
    """
    target = load_target(firmware, mcu)
    with Chip(target.chip.name, target.firmware, hz=hz, seed=seed) as chip:
        ended = run_with_uart(
            chip,
            chip.uart(min(chip.description.uarts)) if chip.description.uarts else None,
            cycles_max,
            UartText(b"", b""),
            feed=read_whole() if stdin else lambda: b"",
            show=lambda _: None,
        )
        found = line_coverage(target.firmware, chip.profile(), source)
    if lcov_file is not None:
        lcov_file.write(lcov(found))
    if as_json:
        typer.echo(json.dumps(_as_json(found)))
    else:
        Console().print(coverage_table(found))
    if ended.fault is not None:
        raise ended.fault
    if fail_under is not None and found.lines_percent < fail_under:
        typer.echo(
            f"pyavr-sim: {found.lines_percent:.1f} % of the lines were executed; expected at least "
            f"{fail_under:g} %.",
            err=True,
        )
        raise typer.Exit(ExitCode.TEST_FAILED)


def _as_json(found: Coverage) -> dict[str, Any]:
    return {
        "lines_found": found.lines_found,
        "lines_hit": found.lines_hit,
        "lines_percent": round(found.lines_percent, 2),
        "branches_found": found.branches_found,
        "branches_hit": found.branches_hit,
        "files": [
            {
                "path": file.path,
                "lines_found": file.lines_found,
                "lines_hit": file.lines_hit,
                "lines_missed": file.lines_missed,
                "branches_found": file.branches_found,
                "branches_hit": file.branches_hit,
            }
            for file in found.files
        ],
    }
