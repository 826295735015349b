# SPDX-License-Identifier: GPL-3.0-or-later
"""``kilolearn py``: Python programs for a chip; a file a subcommand."""

from __future__ import annotations

import typer

from kilolearn.commands.py import build, check, disassemble, profile, repl, run, upload

__all__ = ["app"]

app = typer.Typer(
    help="Python on the chip: check, build, run, upload, profile a program, or talk to it."
)
app.command(name="check")(check.run)
app.command(name="build")(build.run)
app.command(name="run")(run.run)
app.command(name="upload")(upload.run)
app.command(name="repl")(repl.run)
app.command(name="profile")(profile.run)
app.command(name="disassemble")(disassemble.run)
