# SPDX-License-Identifier: GPL-3.0-or-later
"""``kilolearn compress``: a fitted model to the shortest firmware that answers as well."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kilolearn import datasets
from kilolearn.commands.options import Data, Json, LabelColumn, Seed, SharedScale
from kilolearn.compress.compressor import Goal, compress
from kilolearn.compress.firmware_folder import c_files
from kilolearn.compress.load import load_model
from kilolearn.compress.summary import report_json, summary_lines, trials_table
from kilolearn.compress.watch import watch_compress
from kilolearn.export import c_name, make_folder
from kilolearn.report import console

__all__ = ["run"]


def run(
    model: Annotated[
        Path, typer.Argument(help="A fitted model: .skops, .onnx, .pt, .safetensors or .npz.")
    ],
    mcu: Annotated[str, typer.Option(help="The chip, e.g. attiny85.")],
    flash: Annotated[int, typer.Option(help="Bytes of flash that it may take.", min=1)],
    data: Data,
    label: LabelColumn = None,
    shared_scale: SharedScale = None,
    levels: Annotated[
        int | None,
        typer.Option(
            help="Highest level of a sample; default: the pixels', else 63.", min=1, max=255
        ),
    ] = None,
    accuracy_drop: Annotated[
        float, typer.Option(help="Points of accuracy that may be lost.", min=0, max=100)
    ] = 0.5,
    name: Annotated[str, typer.Option(help="Prefix of the C names, and of the files.")] = "model",
    out: Annotated[
        Path | None, typer.Option(help="Folder to write NAME.c, NAME.h, NAME.json into.")
    ] = None,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Find the chain of compression steps that keeps the accuracy in the fewest bytes."""
    c_name(name)
    given = load_model(model)
    dataset = datasets.load(data, label, shared_scale)
    goal = Goal(mcu, flash, accuracy_drop, levels, seed)
    if out is not None:
        make_folder(out)
    shown = console()
    with watch_compress(shown) as told:
        made = compress(given, dataset, goal, told)
    shown.print(trials_table(made))
    for line in summary_lines(made):
        shown.print(line, highlight=False)
    report = report_json(made, dataset.name)
    if out is not None:
        for path in c_files(made, name).write(out, report):
            print(path)
    if json:
        print(report)
    made.check()
