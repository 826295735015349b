# SPDX-License-Identifier: GPL-3.0-or-later
"""``kilolearn train``: train a chip, real or emulated, and test it on unseen samples."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kilolearn import datasets
from kilolearn.commands.options import (
    App,
    Baud,
    Config,
    Data,
    Epochs,
    LabelColumn,
    Mcu,
    PortUrl,
    Seed,
    SharedScale,
    Timeout,
)
from kilolearn.port import BAUD
from kilolearn.progress import training_progress
from kilolearn.quantise import QuantisedSplit
from kilolearn.recipes import recipe_for
from kilolearn.report import console
from kilolearn.target import open_target
from kilolearn.train import evaluate, train_on_chip
from kilolearn.weights import SavedModel, check_place, load_model

__all__ = ["run"]


def run(
    app: App,
    data: Data,
    port: PortUrl = None,
    mcu: Mcu = None,
    config: Config = None,
    label: LabelColumn = None,
    shared_scale: SharedScale = None,
    epochs: Epochs = None,
    seed: Seed = 0,
    baud: Baud = BAUD,
    timeout: Timeout = 1.0,
    save: Annotated[Path | None, typer.Option(help="Write the trained model here.")] = None,
    restore: Annotated[
        Path | None, typer.Option(help="Go on from this saved model instead of fresh weights.")
    ] = None,
) -> None:
    """Train on four fifths of the data, test on the rest."""
    if save is not None:
        check_place(save)
    before = load_model(restore) if restore is not None else None
    with open_target(app, config, port, mcu, baud, timeout) as (link, chip):
        about = link.description
        dataset = datasets.load(data, label, shared_scale)
        split = datasets.split(dataset, seed)
        scale = before.scale if before is not None else None
        quantised = QuantisedSplit.of(split, about.input_max, scale)
        if before is not None:
            before.put_into(link)
        recipe = recipe_for(about.name, seed, epochs)
        with training_progress(console(), f"training {about.name}", chip) as progress:
            train_on_chip(
                link,
                quantised.train_samples,
                quantised.train_labels,
                recipe,
                progress,
                reset=before is None,
            )
        accuracy, _ = evaluate(link, quantised.test_samples, quantised.test_labels)
        model = SavedModel(
            about, link.read_weights(), quantised.scale, dataset.class_names, dataset.name, seed
        )
    print(
        f"{accuracy:.2f} % right on {len(quantised.test_labels)} unseen samples of {dataset.name}"
    )
    if save is not None:
        model.save(save)
        print(f"saved {len(model.weights)} bytes of weights in {save}")
