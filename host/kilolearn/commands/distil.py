# SPDX-License-Identifier: GPL-3.0-or-later
"""``kilolearn distil``: a float net on the PC teaches the chip by its soft answers."""

from __future__ import annotations

from typing import Annotated

import typer

from kilolearn import datasets
from kilolearn.commands.options import (
    Config,
    Data,
    Epochs,
    Json,
    LinkBaud,
    Mcu,
    PortUrl,
    Seed,
    Timeout,
)
from kilolearn.distil import Lesson, spoil, teach_on_chip, teacher_answers
from kilolearn.environment import describe_environment
from kilolearn.port import BAUD
from kilolearn.quantise import QuantisedSplit
from kilolearn.recipes import recipe_for
from kilolearn.report import bench_json, bench_table, console
from kilolearn.target import open_target
from kilolearn.train import evaluate, train_on_chip

__all__ = ["run"]


def run(
    app: Annotated[str, typer.Argument(help="A learner that takes TEACH.")] = "mlp",
    config: Config = "digits",
    data: Data = "digits",
    mcu: Mcu = None,
    port: PortUrl = None,
    noise: Annotated[float, typer.Option(help="Share of wrong labels.", min=0, max=0.9)] = 0.3,
    each: Annotated[
        int | None, typer.Option(help="Labelled samples a class; all when not given.", min=1)
    ] = None,
    temperature: Annotated[float, typer.Option(help="Softens the teacher.")] = 1.0,
    share: Annotated[float, typer.Option(help="Of the teacher in a target.")] = 1.0,
    epochs: Epochs = None,
    seed: Seed = 0,
    baud: LinkBaud = BAUD,
    timeout: Timeout = 1.0,
    json: Json = False,
) -> None:
    """Train a chip on bad labels, then on what a teacher made of them; test both."""
    lesson = Lesson(temperature, share)
    with open_target(app, config, port, mcu, baud, timeout) as (link, _):
        link.require_teach()
        about = link.description
        split = QuantisedSplit.of(datasets.split(datasets.load(data), seed), about.input_max)
        samples = split.train_samples
        about.check_samples(samples, split.train_labels)
        labels, known = spoil(split.train_labels, about.classes, noise, each, seed)
        recipe = recipe_for(about.name, seed, epochs)
        train_on_chip(link, samples[known], labels[known], recipe)
        alone, _ = evaluate(link, split.test_samples, split.test_labels)
        chances = teacher_answers(samples[known], labels[known], samples, about.classes, seed)
        labels[~known] = -1
        teach_on_chip(link, samples, lesson.targets(chances, labels), recipe)
        taught, _ = evaluate(link, split.test_samples, split.test_labels)
    row = {
        "learner": about.name,
        "labels": int(known.sum()),
        "noise": noise,
        "accuracy_alone": round(alone, 3),
        "accuracy_taught": round(taught, 3),
    }
    console().print(bench_table("a chip alone, and taught", [row], heading="learner"))
    if json:
        print(bench_json("distil", describe_environment({}), [row]))
