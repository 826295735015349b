# SPDX-License-Identifier: GPL-3.0-or-later
"""``kilolearn doctor``: what this machine lacks, and the command that mends it."""

from __future__ import annotations

import typer

from kilolearn.doctor import Check, check_machine

__all__ = ["run"]


def run() -> None:
    """Look for the programs, permissions and packages that this command line needs.

    Exit codes: 0, or 1 where something is missing without which no chip is trained.
    """
    checks = check_machine()
    for check in checks:
        typer.echo("\n".join(_lines(check)))
    raise typer.Exit(int(any(check.fix is not None for check in checks if check.is_required)))


def _lines(check: Check) -> list[str]:
    if check.fix is None:
        return [f"ok       {check.name}: {check.found}"]
    state = "missing " if check.is_required else "optional"
    return [
        f"{state} {check.name}, for {check.needed_for}: {check.found}",
        f"         {check.fix}",
    ]
