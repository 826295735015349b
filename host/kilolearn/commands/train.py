# SPDX-License-Identifier: GPL-3.0-or-later
"""``kilolearn train``: train a chip, real or emulated, and test it on unseen samples."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kilolearn import datasets
from kilolearn.commands.options import (
    App,
    Config,
    Epochs,
    LabelColumn,
    LinkBaud,
    Mcu,
    PortUrl,
    Seed,
    SharedScale,
    Timeout,
)
from kilolearn.datasets import Dataset
from kilolearn.errors import ContractMismatchError, DatasetError, LinkError, TwinMismatchError
from kilolearn.lesson import recordings_lesson, split_lesson, stream_lesson
from kilolearn.outcome import first_difference
from kilolearn.port import BAUD
from kilolearn.progress import training_progress
from kilolearn.recordings import RECORDINGS
from kilolearn.report import console
from kilolearn.rescue import Rescue
from kilolearn.sensor_datasets import STREAMS, load_stream
from kilolearn.target import open_target
from kilolearn.twin import Twin
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
    baud: LinkBaud = BAUD,
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
    The native twin of an emulated chip trains beside it and must give the same bits.
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
    twin = Twin(app, config)
    with open_target(app, config, port, mcu, baud, timeout) as (link, chip):
        about = link.description
        if about != twin.description:
            raise ContractMismatchError(
                f"the chip is {about.in_words()}; {twin.description.in_words()} was asked for: "
                f"name the app and config that it was built from, or flash it anew"
            )
        if prequential:
            lesson = stream_lesson(twin, _table(data, label, shared_scale), seed)
        elif data in RECORDINGS:
            _refuse_label(data, label)
            lesson = recordings_lesson(twin, RECORDINGS[data], seed, epochs, before)
        else:
            lesson = split_lesson(twin, _table(data, label, shared_scale), seed, epochs, before)

        called = Path(data).stem

        def model(weights: bytes) -> SavedModel:
            return SavedModel(about, weights, lesson.scale, lesson.class_names, called, seed)

        with training_progress(console(), f"training {about.name}", chip) as progress:
            rescue = Rescue(link, progress)
            try:
                learned = lesson.give(link, progress if save is None else rescue)
            except LinkError as error:
                if save is None or rescue.weights is None:
                    raise
                model(rescue.weights).save(save)
                raise LinkError(
                    f"{error}; the weights after {rescue.samples:,} samples are saved in {save}: "
                    f"go on from there with --restore {save}"
                ) from error
    print(f"{learned.accuracy:.2f} % right on {lesson.tested} of {called}")
    if save is not None:
        model(learned.weights).save(save)
        print(f"saved {len(learned.weights)} bytes of weights in {save}")
    if mcu is not None:
        difference = first_difference(learned, lesson.give(twin, None))
        if difference is not None:
            raise TwinMismatchError(f"the chip and its native twin differ: {difference}")
        print(f"its native twin gives the same bits; values saturated {twin.saturations:,} times")
    twin.write_weights(learned.weights)
    at_limit = twin.weights_at_limit()
    if at_limit is not None:
        print(f"{at_limit:,} weights stand at the limit of their range")


def _table(data: str, label: str | None, shared_scale: bool | None) -> Dataset:
    """A stream by its name, or what `datasets.load` knows."""
    if data not in STREAMS:
        return datasets.load(data, label, shared_scale)
    _refuse_label(data, label)
    return load_stream(data)


def _refuse_label(data: str, label: str | None) -> None:
    if label is not None:
        raise DatasetError(f"--label {label}: {data} knows its classes; leave it out")
