# SPDX-License-Identifier: GPL-3.0-or-later
"""``kilolearn bench codecs``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kilolearn.bench_codecs import CHIPS, SplitRun, bench_codecs
from kilolearn.bench_codecs import summarise as summarise_codecs
from kilolearn.bench_packed_digits import bench_packings, bench_rates
from kilolearn.bench_packed_text import bench_text, bench_weights
from kilolearn.codecs.designs import DESIGNS
from kilolearn.commands.bench.options import Jobs, Splits, chosen, processes
from kilolearn.commands.options import Json
from kilolearn.environment import describe_environment
from kilolearn.report import bench_json, bench_table, console

__all__ = ["run"]


def run(
    json: Json = False,
    splits: Splits = 5,
    representation: Annotated[
        list[str] | None, typer.Option(help=f"Only this one, of {', '.join(DESIGNS)}.")
    ] = None,
    text: Annotated[
        list[Path] | None,
        typer.Option(
            help="A text to pack too; may be given several times.", exists=True, dir_okay=False
        ),
    ] = None,
    packed: Annotated[bool, typer.Option(help="Pack training images and weights too.")] = True,
    peers: Annotated[bool, typer.Option(help="Pack the texts by heatshrink2 too.")] = True,
    jobs: Jobs = None,
) -> None:
    """One digits net under twelve representations of its weights; packed images and texts."""
    names = chosen(representation, DESIGNS)
    tell = console(stderr=True)

    def told(run: SplitRun) -> None:
        verdict = "same bits everywhere" if run.exact else "chip, twin and NumPy DIFFER"
        line = f"{run.representation}, split {run.seed}: {run.accuracy:.2f} %, {verdict}"
        tell.print(line, highlight=False)

    with processes(jobs) as executor:
        runs, elfs = bench_codecs(executor, splits, names, told)
    rows = summarise_codecs(runs)
    for mcu in CHIPS:
        shown = [row for row in rows if row["chip"] == mcu]
        console().print(bench_table(f"digits on {mcu}", shown, heading="representation"))
    for path in text or []:
        rows += _shown(f"{path.name}, packed", bench_text(path, peers), "codec")
    if packed:
        rows += _shown("weights, packed", bench_weights(), "data")
        rows += _shown("digits by step of the transform", bench_rates(splits), "step")
        learned, images = bench_packings(splits)
        rows += _shown("digits learned from a packed set", learned, "packing")
        elfs |= images
    if json:
        print(bench_json("codecs", describe_environment(elfs), rows))


def _shown(title: str, rows: list[dict[str, object]], heading: str) -> list[dict[str, object]]:
    console().print(bench_table(title, rows, heading=heading))
    return rows
