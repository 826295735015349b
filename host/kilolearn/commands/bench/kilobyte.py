# SPDX-License-Identifier: GPL-3.0-or-later
"""``kilolearn bench kilobyte``."""

from __future__ import annotations

from typing import Annotated

import typer

from kilolearn.bench_kilobyte import IMAGES, bench_kilobyte
from kilolearn.commands.bench.options import Jobs, chosen, processes
from kilolearn.commands.options import Json
from kilolearn.environment import describe_environment
from kilolearn.parts import image_parts
from kilolearn.report import bench_json, bench_table, console, parts_table

__all__ = ["run"]


def run(
    json: Json = False,
    image: Annotated[
        list[str] | None, typer.Option(help="Only this one; a source in avr/kilobyte.")
    ] = None,
    seeds: Annotated[
        int, typer.Option(help="Starts tried; tests use fewer.", min=1, max=65535)
    ] = 300,
    parts: Annotated[
        bool, typer.Option("--parts", help="Only the bytes of each part, function or label.")
    ] = False,
    jobs: Jobs = None,
) -> None:
    """Whole programs that learn in about 1 KB of flash, from many seeds."""
    names = chosen(image, [known.name for known in IMAGES])
    images = [known for known in IMAGES if known.name in names]
    if parts:
        for shown in images:
            for mcu in shown.chips:
                sizes = image_parts(shown.build(mcu))
                console().print(parts_table(f"{shown.name} on {mcu}", sizes))
        return
    with processes(jobs) as executor:
        rows, elfs = bench_kilobyte(executor, images, seeds)
    console().print(bench_table("learning in a kilobyte of flash", rows))
    if json:
        print(bench_json("kilobyte", describe_environment(elfs), rows))
