# SPDX-License-Identifier: GPL-3.0-or-later
"""``pyavr-sim coverage``: which source lines of a firmware a run has executed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from pyavr_sim.commands.options import (
    CyclesMax,
    FirmwareFile,
    Hz,
    Json,
    Mcu,
    Milliseconds,
    Seed,
    Stdin,
    load_target,
    power_up,
)
from pyavr_sim.coverage import Coverage, line_coverage
from pyavr_sim.coverage_table import coverage_table
from pyavr_sim.exit_codes import ExitCode
from pyavr_sim.export.lcov import lcov
from pyavr_sim.uart_run import Ending, UartText, run_with_uart

__all__ = ["coverage"]


def coverage(
    firmware: FirmwareFile,
    mcu: Mcu = None,
    hz: Hz = None,
    seed: Seed = 0,
    ms: Milliseconds = None,
    cycles_max: CyclesMax = None,
    stdin: Stdin = False,
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
    chip, limit_cycles = power_up(target, hz, seed, ms, cycles_max, stdin)
    with chip:
        ended = run_with_uart(chip, None, limit_cycles, UartText(), feed=bytes, show=lambda _: None)
        found = line_coverage(target.firmware, chip.profile(), source)
        subject = {"firmware": str(firmware), "mcu": chip.name, "hz": chip.hz, "seed": chip.seed}
    if not found.files:
        raise typer.BadParameter(f"no source of {firmware} is in {source.resolve()}. Add --source.")
    is_under = fail_under is not None and found.lines_percent < fail_under
    code = {
        Ending.FAULT: ExitCode.FIRMWARE_FAULT,
        Ending.INTERRUPTED: ExitCode.INTERRUPTED,
    }.get(ended.ending, ExitCode.TEST_FAILED if is_under else ExitCode.OK)
    if lcov_file is not None:
        lcov_file.write(lcov(found))
    if as_json:
        error = str(ended.fault) if ended.fault else None
        run = {"ending": ended.ending.value, "error": error, "exit_code": int(code)}
        typer.echo(json.dumps(subject | run | _as_json(found)))
    else:
        Console().print(coverage_table(found))
    if ended.fault is not None:
        raise ended.fault
    if is_under:
        typer.echo(
            f"pyavr-sim: {found.lines_percent:.1f} % of the lines were executed; expected at least "
            f"{fail_under:g} %.",
            err=True,
        )
    raise typer.Exit(code)


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
