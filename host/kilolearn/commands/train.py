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
    Epochs,
    LabelColumn,
    Mcu,
    PortUrl,
    Seed,
    SharedScale,
    Timeout,
)
from kilolearn.datasets import Dataset
from kilolearn.errors import DatasetError
from kilolearn.learner import Learner
from kilolearn.port import BAUD
from kilolearn.prequential import stream_scale, train_prequentially
from kilolearn.progress import training_progress
from kilolearn.quantise import QuantisedSplit
from kilolearn.recipes import falls_for, recipe_for
from kilolearn.recordings import RECORDINGS, fit_recordings
from kilolearn.report import console
from kilolearn.sensor_datasets import STREAMS, load_stream, load_windows
from kilolearn.target import open_target
from kilolearn.train import evaluate, train_on_chip
from kilolearn.weights import SavedModel, check_place, load_model

__all__ = ["run"]

_NAMES = sorted({*datasets.NAMES, *STREAMS, *RECORDINGS})


def run(
    app: App,
    data: Annotated[str, typer.Option("--data", help=f"{', '.join(_NAMES)}, or a .csv or .npz.")],
    port: PortUrl = None,
    mcu: Mcu = None,
    config: Config = None,
    label: LabelColumn = None,
    shared_scale: SharedScale = None,
    epochs: Epochs = None,
    seed: Seed = 0,
    baud: Baud = BAUD,
    timeout: Timeout = 1.0,
    prequential: Annotated[
        bool, typer.Option("--prequential", help="One pass, each sample answered, then learned.")
    ] = False,
    save: Annotated[Path | None, typer.Option(help="Write the trained model here.")] = None,
    restore: Annotated[
        Path | None, typer.Option(help="Go on from this saved model instead of fresh weights.")
    ] = None,
) -> None:
    """Train on four fifths of the data, or its published training part; test on the rest.

    With --prequential: one pass in the data's own order, each sample answered before it is learned.
    """
    if save is not None:
        check_place(save)
    if prequential and (restore is not None or epochs is not None or data in RECORDINGS):
        raise typer.BadParameter(
            "it is one pass over a table or stream, from fresh weights; leave out --epochs and "
            f"--restore, and choose other data than {', '.join(RECORDINGS)}",
            param_hint="--prequential",
        )
    before = load_model(restore) if restore is not None else None
    with open_target(app, config, port, mcu, baud, timeout) as (link, chip):
        about = link.description
        if prequential:
            dataset = _table(data, label, shared_scale)
            scale = stream_scale(dataset, about.input_max)
            samples, falls = scale.apply(dataset.features), falls_for(about.name)
            with training_progress(console(), f"training {about.name}", chip) as progress:
                run = train_prequentially(link, samples, dataset.labels, falls, seed, progress)
            accuracy, tested = run.accuracy, f"{len(samples)} samples, each before it was learned,"
            names = dataset.class_names
        else:
            learner, quantised, names = _parts(link, data, label, shared_scale, seed, before)
            scale = quantised.scale
            if before is not None:
                before.put_into(link)
            recipe = recipe_for(about.name, seed, epochs)
            with training_progress(console(), f"training {about.name}", chip) as progress:
                train_on_chip(
                    learner,
                    quantised.train_samples,
                    quantised.train_labels,
                    recipe,
                    progress,
                    reset=before is None,
                )
            accuracy, _ = evaluate(learner, quantised.test_samples, quantised.test_labels)
            tested = f"{len(quantised.test_labels)} unseen samples"
        called = Path(data).stem
        model = SavedModel(about, link.read_weights(), scale, names, called, seed)
    print(f"{accuracy:.2f} % right on {tested} of {called}")
    if save is not None:
        model.save(save)
        print(f"saved {len(model.weights)} bytes of weights in {save}")


def _table(data: str, label: str | None, shared_scale: bool | None) -> Dataset:
    """A stream by its name, or what `datasets.load` knows."""
    if data not in STREAMS:
        return datasets.load(data, label, shared_scale)
    _refuse_label(data, label)
    return load_stream(data)


def _parts(
    link: Learner,
    data: str,
    label: str | None,
    shared_scale: bool | None,
    seed: int,
    before: SavedModel | None,
) -> tuple[Learner, QuantisedSplit, tuple[str, ...] | None]:
    """Training and test part, the learner that takes such samples, and the names of the classes."""
    if data in RECORDINGS:
        _refuse_label(data, label)
        return *fit_recordings(link, *load_windows(RECORDINGS[data])), None
    dataset = _table(data, label, shared_scale)
    scale = before.scale if before is not None else None
    split = datasets.split(dataset, seed)
    parts = QuantisedSplit.of(split, link.description.input_max, scale)
    return link, parts, dataset.class_names


def _refuse_label(data: str, label: str | None) -> None:
    if label is not None:
        raise DatasetError(f"--label {label}: {data} knows its classes; leave it out")
