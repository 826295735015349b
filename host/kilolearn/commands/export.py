# SPDX-License-Identifier: GPL-3.0-or-later
"""``kilolearn export``: a fitted scikit-learn model as C."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kilolearn import datasets
from kilolearn.commands.options import LabelColumn, SharedScale
from kilolearn.compress.load import load_estimator
from kilolearn.export import export
from kilolearn.quantise import InputScale

__all__ = ["run"]


def run(
    model: Annotated[Path, typer.Argument(help="A fitted estimator, written by skops.io.dump.")],
    data: Annotated[
        str | None,
        typer.Option(
            help="The data that it was fitted on (digits, iris, wine, breast_cancer, a .csv or "
            ".npz): gives the range of each feature. Without: it was fitted on levels 0..255."
        ),
    ] = None,
    label: LabelColumn = None,
    shared_scale: SharedScale = None,
    levels: Annotated[
        int, typer.Option(help="Highest level of a sample, with --data.", min=1, max=255)
    ] = 63,
    weight_bits: Annotated[
        int, typer.Option(help="Of linear models and perceptrons: 16, or 8 for half the cycles.")
    ] = 16,
    name: Annotated[str, typer.Option(help="Prefix of the C names, and of the files.")] = "model",
    out: Annotated[Path, typer.Option(help="Folder to write into.")] = Path(),
) -> None:
    """Write NAME.c and NAME.h with one function, NAME_predict."""
    estimator = load_estimator(model)
    scale = samples = None
    if data is not None:
        dataset = datasets.load(data, label, shared_scale)
        scale = InputScale.fit(dataset.features, levels, dataset.shared_scale)
        samples = scale.apply(dataset.features)
    for path in export(estimator, name, scale, samples, weight_bits).write(out):
        print(path)
