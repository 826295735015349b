# SPDX-License-Identifier: GPL-3.0-or-later
"""The command `kilolearn`.

Exit codes: 0 done; 1 it ran and the verdict is bad (twin differs, accuracy too low); 2 bad usage
or input, or nobody answers. Errors of ours are one message without a traceback.
"""

from __future__ import annotations

import sys

import typer

from kilolearn.commands import (
    bench,
    build,
    demo,
    distil,
    export,
    federate,
    infer,
    lm,
    meta,
    picture,
    pretrain,
    py,
    train,
    weights,
)
from kilolearn.errors import AccuracyError, KilolearnError, TwinMismatchError
from kilolearn.measure import emulator_errors

__all__ = ["app", "main"]

app = typer.Typer(
    help="Machine learning that trains on a chip with 1 KB of SRAM.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command(name="build")(build.run)
app.command(name="train")(train.run)
app.command(name="infer")(infer.run)
app.add_typer(weights.app, name="weights")
app.add_typer(lm.app, name="lm")
app.command(name="export")(export.run)
app.command(name="demo")(demo.run)
app.command(name="distil")(distil.run)
app.command(name="federate")(federate.run)
app.command(name="meta")(meta.run)
app.command(name="picture")(picture.run)
app.command(name="pretrain")(pretrain.run)
app.add_typer(py.app, name="py")
app.add_typer(bench.app, name="bench")


def main() -> None:
    """Run the command line and exit."""
    try:
        app()
    except (TwinMismatchError, AccuracyError) as verdict:
        _exit(verdict, 1)
    except KilolearnError as error:
        _exit(error, 2)
    except emulator_errors() as error:
        _exit(error, 2)


def _exit(error: Exception, code: int) -> None:
    sys.stderr.write(f"kilolearn: {error}\n")
    sys.exit(code)
