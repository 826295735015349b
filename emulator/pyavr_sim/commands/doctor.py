# SPDX-License-Identifier: GPL-3.0-or-later
"""``pyavr-sim doctor``: what this machine lacks, and the commands that mend it."""

from __future__ import annotations

import json
from dataclasses import asdict

import typer

from pyavr_sim.commands.options import Json
from pyavr_sim.doctor import Check, check_machine
from pyavr_sim.exit_codes import ExitCode

__all__ = ["doctor"]


def doctor(as_json: Json = False) -> None:
    """Look for the programs and permissions that building, running and flashing firmware need.

    Exit codes: 0, or 1 where something is missing that building and running firmware needs.
    """
    checks = check_machine()
    is_well = all(check.is_ok for check in checks if check.is_required)
    if as_json:
        rows = [asdict(check) | {"is_ok": check.is_ok} for check in checks]
        typer.echo(json.dumps({"is_ok": is_well, "checks": rows}))
    else:
        typer.echo("\n".join(line for check in checks for line in _lines(check)))
    raise typer.Exit(ExitCode.OK if is_well else ExitCode.TEST_FAILED)


def _lines(check: Check) -> list[str]:
    if check.fix is None:
        return [f"ok       {check.name}: {check.found}"]
    state = "missing " if check.is_required else "optional"
    return [
        f"{state} {check.name}, for {check.needed_for}: {check.found}",
        f"         {check.fix}",
    ]
