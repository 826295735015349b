# SPDX-License-Identifier: GPL-3.0-or-later
"""The ``pyavr-sim`` command. Each subcommand is a function in :mod:`pyavr_sim.commands`."""

from __future__ import annotations

from importlib import metadata
from typing import Annotated

import typer

from pyavr_sim.commands.chips import list_chips

__all__ = ["app", "main"]

app = typer.Typer(
    name="pyavr-sim",
    help="Emulated AVR chips for tests.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("chips")(list_chips)


def _print_version(is_wanted: bool) -> None:
    if is_wanted:
        typer.echo(f"pyavr-sim {metadata.version('kilolearn')}")
        raise typer.Exit


@app.callback()
def _options(
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version, and stop."
        ),
    ] = False,
) -> None:
    """Emulated AVR chips for tests."""


def main() -> None:
    """Run the command line."""
    app()
