# SPDX-License-Identifier: GPL-3.0-or-later
"""``kilolearn meta``: first weights from which a chip learns a new task in ten samples."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import typer

from kilolearn import datasets
from kilolearn.commands.options import Json, LinkBaud, Mcu, PortUrl, Seed, Timeout
from kilolearn.environment import describe_environment
from kilolearn.meta import PASSES, SEARCH_TASKS, compare, digit_families, search
from kilolearn.port import BAUD
from kilolearn.report import bench_json, bench_table, console
from kilolearn.target import open_target
from kilolearn.twin import Twin

__all__ = ["run"]


def run(
    mcu: Mcu = None,
    port: PortUrl = None,
    tasks: Annotated[int, typer.Option(help="Unseen tasks to be tested on.", min=1)] = 60,
    search_tasks: Annotated[
        int, typer.Option("--search", help="Tasks of the search.", min=1)
    ] = SEARCH_TASKS,
    seed: Seed = 0,
    baud: LinkBaud = BAUD,
    timeout: Timeout = 1.0,
    json: Json = False,
) -> None:
    """Search on the twin over pairs of digits; adapt on the chip to pairs of other digits."""
    seen, unseen = digit_families(datasets.load("digits"))
    with open_target("mlp", "pair", port, mcu, baud, timeout) as (link, _):
        weights = search(Twin("mlp", "pair"), seen, search_tasks, seed)
        ours, random = compare(link, weights, unseen, tasks, seed)
        name = link.description.name
    row = {
        "learner": name,
        "tasks": tasks,
        "samples": 10,
        "passes": PASSES,
        "accuracy": round(float(np.mean(ours)), 3),
        "accuracy_p5": round(float(np.percentile(ours, 5)), 3),
        "accuracy_random_start": round(float(np.mean(random)), 3),
    }
    console().print(bench_table("after ten samples of a new task", [row], heading="learner"))
    if json:
        print(bench_json("meta", describe_environment({}), [row]))
