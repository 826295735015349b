# SPDX-License-Identifier: GPL-3.0-or-later
"""The ``pyavr-sim`` command. Each subcommand is a function in :mod:`pyavr_sim.commands`.

A command prints its result and returns, or raises ``typer.Exit`` with an
:class:`~pyavr_sim.exit_codes.ExitCode`. Errors are left to :class:`_Commands`.
"""

from __future__ import annotations

import os
import sys
from importlib import metadata
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from pyavr_sim.commands.chips import list_chips
from pyavr_sim.commands.coverage import coverage
from pyavr_sim.commands.debug import debug
from pyavr_sim.commands.doctor import doctor
from pyavr_sim.commands.profile import profile
from pyavr_sim.commands.programmer import programmer
from pyavr_sim.commands.run import run
from pyavr_sim.commands.serve import serve
from pyavr_sim.commands.size import size
from pyavr_sim.errors import PyavrSimError
from pyavr_sim.exit_codes import ExitCode, exit_code_of

__all__ = ["app", "main"]


class _Commands(TyperGroup):
    """The one place that turns errors into a line on stderr and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except PyavrSimError as error:
            _exit(str(error), exit_code_of(error))
        except BrokenPipeError:
            # Python flushes stdout once more when it exits.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(ExitCode.BROKEN_PIPE) from None
        except OSError as error:
            where = f"{error.filename}: " if error.filename else ""
            _exit(f"{where}{error.strerror or error}", ExitCode.USAGE)
        except KeyboardInterrupt:
            raise typer.Exit(ExitCode.INTERRUPTED) from None
        return result


def _exit(message: str, code: ExitCode) -> None:
    typer.echo(f"pyavr-sim: {' '.join(message.split())}", err=True)
    raise typer.Exit(code)


app = typer.Typer(
    name="pyavr-sim",
    cls=_Commands,
    help="Emulated AVR chips for tests.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("run")(run)
app.command("profile")(profile)
app.command("size")(size)
app.command("coverage")(coverage)
app.command("debug")(debug)
app.command("serve")(serve)
app.command("programmer")(programmer)
app.command("chips")(list_chips)
app.command("doctor")(doctor)


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
    if sys.stdout is not None:
        sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    app()
