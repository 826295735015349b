# SPDX-License-Identifier: GPL-3.0-or-later
"""``kilolearn py``: Python programs for a chip; a file a subcommand."""

from __future__ import annotations

import typer

from kilolearn.commands.py import build, check, profile, run

__all__ = ["app"]

app = typer.Typer(
    help="Python on the chip: check, build, run, upload, profile a program, or talk to it."
)
app.command(name="check")(check.run)
app.command(name="build")(build.run)
app.command(name="run")(run.run)
app.command(name="profile")(profile.run)
