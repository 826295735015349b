# SPDX-License-Identifier: GPL-3.0-or-later
"""``kilolearn weights``: take a model off a chip, or put one on it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kilolearn.checkpoint import Checkpoint, Kept, load_checkpoint
from kilolearn.commands.options import LinkBaud, Timeout
from kilolearn.link import open_link
from kilolearn.port import BAUD
from kilolearn.weights import SavedModel, check_place, load_model

__all__ = ["app"]

app = typer.Typer(help="Read the weights of a chip into a file, or write them back.")

File = Annotated[Path, typer.Argument(help="A weights file (.npz).")]


@app.command()
def read(
    file: File,
    port: Annotated[str, typer.Option("--port", help="Any pyserial URL.")],
    baud: LinkBaud = BAUD,
    timeout: Timeout = 1.0,
) -> None:
    """Save what the chip has learned (without the input scale, which only training knows)."""
    with open_link(port, baud, timeout) as link:
        model = SavedModel(link.description, link.read_weights())
    model.save(file)
    print(f"read {len(model.weights)} bytes of weights of {model.description.name} into {file}")


@app.command()
def write(
    file: File,
    port: Annotated[str, typer.Option("--port", help="Any pyserial URL.")],
    baud: LinkBaud = BAUD,
    timeout: Timeout = 1.0,
) -> None:
    """Give a saved model to the chip, and check that it holds it."""
    model = load_model(file)
    with open_link(port, baud, timeout) as link:
        model.put_into(link)
    print(f"wrote {len(model.weights)} bytes of weights of {model.description.name}")


CheckpointFile = Annotated[Path, typer.Argument(help="A checkpoint file.")]


@app.command()
def checkpoint(
    file: CheckpointFile,
    port: Annotated[str, typer.Option("--port", help="Any pyserial URL.")],
    every: Annotated[
        int | None,
        typer.Option(help="From now on it does so each so many steps, 0: never.", min=0, max=65534),
    ] = None,
    baud: LinkBaud = BAUD,
    timeout: Timeout = 1.0,
) -> None:
    """Let the chip keep its weights and progress through a power cut, and save the same here."""
    check_place(file)
    with open_link(port, baud, timeout) as link:
        made, kept = Checkpoint.read_from(link, every)
    made.save(file)
    print(f"{_in_words(kept)}; the same in {file}")


@app.command()
def resume(
    file: CheckpointFile,
    port: Annotated[str, typer.Option("--port", help="Any pyserial URL.")],
    baud: LinkBaud = BAUD,
    timeout: Timeout = 1.0,
) -> None:
    """Give a saved checkpoint to the chip, which keeps it and goes on from there."""
    given = load_checkpoint(file)
    with open_link(port, baud, timeout) as link:
        kept = given.put_into(link)
    print(_in_words(kept))


def _in_words(kept: Kept) -> str:
    return f"{kept.progress.steps:,} steps kept in {kept.slots.in_words()}"
