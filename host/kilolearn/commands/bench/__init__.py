# SPDX-License-Identifier: GPL-3.0-or-later
"""``kilolearn bench``: the figures of this project, measured anew; a file a benchmark."""

from __future__ import annotations

import typer

from kilolearn.commands.bench import (
    charlm,
    codecs,
    digits,
    engine,
    examples,
    inference,
    kernels,
    kilobyte,
    nets,
    power_cut,
    profile,
    python,
    sensors,
    streams,
    tasks,
    xor,
)

__all__ = ["app"]

app = typer.Typer(help="Measure anew and print a table; --json ends with one object on one line.")
app.command(name="charlm")(charlm.run)
app.command(name="codecs")(codecs.run)
app.command(name="digits")(digits.run)
app.command(name="engine")(engine.run)
app.command(name="examples")(examples.run)
app.command(name="inference")(inference.run)
app.command(name="kernels")(kernels.run)
app.command(name="kilobyte")(kilobyte.run)
app.command(name="nets")(nets.run)
app.command(name="power-cut")(power_cut.run)
app.command(name="profile")(profile.run)
app.command(name="python")(python.run)
app.command(name="sensors")(sensors.run)
app.command(name="streams")(streams.run)
app.command(name="tasks")(tasks.run)
app.command(name="xor")(xor.run)
