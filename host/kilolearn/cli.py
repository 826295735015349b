# SPDX-License-Identifier: GPL-3.0-or-later
"""The command `kilolearn`.

Exit codes: 0 done; 1 it ran and the verdict is bad (twin differs, accuracy too low); 2 bad usage
or input, or nobody answers; 10 a board could not be programmed. Errors of ours are one message
without a traceback.
"""

from __future__ import annotations

import sys

import typer

from kilolearn.commands.group import CommandGroup
from kilolearn.emulator import emulator_errors
from kilolearn.errors import AccuracyError, FlashError, KilolearnError, TwinMismatchError

__all__ = ["app", "main"]


class _Commands(CommandGroup):
    package = "kilolearn.commands"
    names = (
        "build",
        "train",
        "infer",
        "weights",
        "lm",
        "export",
        "compress",
        "search",
        "features",
        "library",
        "flash",
        "devices",
        "doctor",
        "monitor",
        "demo",
        "distil",
        "federate",
        "meta",
        "picture",
        "pretrain",
        "py",
        "bench",
    )


app = typer.Typer(cls=_Commands, pretty_exceptions_enable=False, add_completion=False)


@app.callback(no_args_is_help=True)
def kilolearn() -> None:
    """Machine learning that trains on a chip with 1 KB of SRAM."""


def main() -> None:
    """Run the command line and exit."""
    try:
        app()
    except (TwinMismatchError, AccuracyError) as verdict:
        _exit(verdict, 1)
    except FlashError as error:
        _exit(error, 10)
    except KilolearnError as error:
        _exit(error, 2)
    except emulator_errors() as error:
        _exit(error, 2)


def _exit(error: Exception, code: int) -> None:
    sys.stderr.write(f"kilolearn: {error}\n")
    sys.exit(code)
