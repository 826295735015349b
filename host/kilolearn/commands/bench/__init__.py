# SPDX-License-Identifier: GPL-3.0-or-later
"""``kilolearn bench``: the figures of this project, measured anew; a file a benchmark."""

from __future__ import annotations

import typer

from kilolearn.commands.group import CommandGroup

__all__ = ["app"]


class _Benchmarks(CommandGroup):
    package = __name__
    names = (
        "charlm",
        "codecs",
        "compress",
        "digits",
        "engine",
        "examples",
        "frames",
        "inference",
        "kernels",
        "kilobyte",
        "layers",
        "link",
        "nets",
        "power-cut",
        "profile",
        "python",
        "search",
        "sensors",
        "streams",
        "tasks",
        "transformer",
        "xor",
    )


app = typer.Typer(cls=_Benchmarks)


@app.callback()
def bench() -> None:
    """Measure anew and print a table; --json ends with one object on one line."""
