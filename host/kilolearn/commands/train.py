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
from kilolearn.errors import ContractMismatchError, TwinMismatchError
from kilolearn.outcome import first_difference, train_and_test
from kilolearn.port import BAUD
from kilolearn.progress import training_progress
from kilolearn.quantise import QuantisedSplit
from kilolearn.recipes import recipe_for
from kilolearn.report import console
from kilolearn.target import open_target
from kilolearn.twin import Twin
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
    """Train on four fifths of the data, test on the rest.

    The native twin of an emulated chip trains beside it and must give the same bits.
    """
    if save is not None:
        check_place(save)
    before = load_model(restore) if restore is not None else None
    twin = Twin(app, config)
    with open_target(app, config, port, mcu, baud, timeout) as (link, chip):
        about = link.description
        if about != twin.description:
            raise ContractMismatchError(
                f"the chip is {about.in_words()}; {twin.description.in_words()} was asked for: "
                f"name the app and config that it was built from, or flash it anew"
            )
        dataset = datasets.load(data, label, shared_scale)
        split = datasets.split(dataset, seed)
        scale = before.scale if before is not None else None
        quantised = QuantisedSplit.of(split, about.input_max, scale)
        if before is not None:
            before.put_into(link)
            before.put_into(twin)
        recipe = recipe_for(about.name, seed, epochs)
        with training_progress(console(), f"training {about.name}", chip) as progress:
            learned = train_and_test(link, quantised, recipe, progress, reset=before is None)
    model = SavedModel(
        about, learned.weights, quantised.scale, dataset.class_names, dataset.name, seed
    )
    print(
        f"{learned.accuracy:.2f} % right on {len(quantised.test_labels)} unseen samples of "
        f"{dataset.name}"
    )
    if save is not None:
        model.save(save)
        print(f"saved {len(model.weights)} bytes of weights in {save}")
    if mcu is not None:
        beside = train_and_test(twin, quantised, recipe, reset=before is None)
        difference = first_difference(learned, beside)
        if difference is not None:
            raise TwinMismatchError(f"the chip and its native twin differ: {difference}")
        print(f"its native twin gives the same bits; values saturated {twin.saturations:,} times")
    twin.write_weights(learned.weights)
    at_limit = twin.weights_at_limit()
    if at_limit is not None:
        print(f"{at_limit:,} weights stand at the limit of their range")
