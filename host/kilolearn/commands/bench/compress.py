# SPDX-License-Identifier: GPL-3.0-or-later
"""``kilolearn bench compress``."""

from __future__ import annotations

from importlib import metadata
from typing import Annotated

import typer

from kilolearn.bench_compress import DATASETS, MCU, CompressRun, bench_compress
from kilolearn.classifier.image import FLAGS
from kilolearn.commands.bench.options import Jobs, chosen, processes
from kilolearn.commands.options import Json
from kilolearn.environment import describe_environment
from kilolearn.report import bench_json, bench_table, console

__all__ = ["run"]


def run(
    json: Json = False,
    splits: Annotated[
        int | None, typer.Option(help="Held-out parts of each, at most; tests use fewer.", min=1)
    ] = None,
    dataset: Annotated[
        list[str] | None, typer.Option(help=f"Only this one, of {', '.join(DATASETS)}.")
    ] = None,
    jobs: Jobs = None,
) -> None:
    """The smallest firmware as accurate as scikit-learn's best, beside emlearn's."""
    names = chosen(dataset, DATASETS)
    tell = console(stderr=True)

    def told(found: CompressRun) -> None:
        for system, one in found.systems.items():
            tell.print(
                f"{found.dataset} by {system}, split {found.seed}: {one.cost.flash:,} B, "
                f"{one.accuracy:.2f} % ({max(found.reference.values()):.2f} %), {one.model}, "
                f"{one.seconds:.0f} s",
                highlight=False,
                markup=False,
            )

    with processes(jobs) as executor:
        rows = bench_compress(executor, names, splits, told)
    for name in names:
        own = [row for row in rows if row["dataset"] == name]
        console().print(bench_table(name, own, heading="system"))
    if json:
        facts = describe_environment({}) | {
            "chip_flags": {MCU: " ".join(FLAGS)},
            "peers": {"emlearn": metadata.version("emlearn")},
        }
        print(bench_json("compress", facts, rows))
