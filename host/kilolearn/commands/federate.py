# SPDX-License-Identifier: GPL-3.0-or-later
"""``kilolearn federate``: several chips, each with samples of its own, share one model."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Annotated

import numpy as np
import typer

from kilolearn import datasets, firmware
from kilolearn.commands.options import Config, Data, Json, LinkBaud, Mcu, Seed, Timeout
from kilolearn.emulator import model_types
from kilolearn.environment import describe_environment
from kilolearn.errors import PortError
from kilolearn.federate import bits_of_weights, federate, shards_by_label
from kilolearn.port import BAUD
from kilolearn.quantise import QuantisedSplit
from kilolearn.report import bench_json, bench_table, console
from kilolearn.target import open_target
from kilolearn.train import TrainingRecipe, evaluate, train_on_chip

__all__ = ["run"]


def run(
    app: Annotated[str, typer.Argument(help="A learner whose model is weights.")] = "mlp",
    config: Config = "digits",
    data: Data = "digits",
    chips: Annotated[int, typer.Option(help="Emulated chips.", min=1, max=64)] = 8,
    mcu: Mcu = "attiny1634",
    ports: Annotated[
        list[str] | None, typer.Option(help="A board's pyserial URL, once a board: no emulation.")
    ] = None,
    rounds: Annotated[int, typer.Option(help="Passes over each shard.", min=1)] = 20,
    runs: Annotated[int, typer.Option(help="Runs of one label dealt to each chip.", min=1)] = 2,
    seed: Seed = 0,
    baud: LinkBaud = BAUD,
    timeout: Timeout = 1.0,
    json: Json = False,
) -> None:
    """Train on differing shards, averaging weights each round; against one chip alone."""
    if ports and len(set(ports)) != len(ports):
        raise PortError(f"--ports names {', '.join(ports)}; expected each board once")
    urls: list[str | None] = [*ports] if ports else [None] * chips
    tell = console(stderr=True)
    image = firmware.build(app, str(mcu), config)
    bits = bits_of_weights(model_types(image, str(mcu)), app)
    recipe = TrainingRecipe.falling(rounds, (0.75,), seed)
    with ExitStack() as stack:
        target = mcu if not ports else None
        links = [
            stack.enter_context(open_target(app, config, url, target, baud, timeout)).link
            for url in urls
        ]
        about = links[0].description
        split = QuantisedSplit.of(datasets.split(datasets.load(data), seed), about.input_max)
        draw = np.random.default_rng(seed)
        shards = shards_by_label(split.train_samples, split.train_labels, len(links), runs, draw)
        with ThreadPoolExecutor(len(links)) as executor:
            federate(
                links,
                shards,
                recipe.rate_shifts,
                seed,
                executor,
                bits,
                told=lambda done, _: tell.print(f"round {done + 1} of {rounds}", highlight=False),
            )
        test = split.test_samples, split.test_labels
        together, _ = evaluate(links[0], *test)
        train_on_chip(links[0], *shards[0], recipe)
        alone, _ = evaluate(links[0], *test)
        train_on_chip(links[0], split.train_samples, split.train_labels, recipe)
        everything, _ = evaluate(links[0], *test)
    row = {
        "learner": about.name,
        "chips": len(links),
        "rounds": rounds,
        "accuracy": round(together, 3),
        "accuracy_one_shard": round(alone, 3),
        "accuracy_all_data": round(everything, 3),
    }
    console().print(bench_table("one model of several chips", [row], heading="learner"))
    if json:
        print(bench_json("federate", describe_environment({}), [row]))
