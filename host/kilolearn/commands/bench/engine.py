# SPDX-License-Identifier: GPL-3.0-or-later
"""``kilolearn bench engine``."""

from __future__ import annotations

from kilolearn.bench_engine import FIRMWARES, absent_peers, bench_engine
from kilolearn.commands.bench.options import Probes, Rounds, chosen
from kilolearn.commands.options import Json
from kilolearn.environment import describe_environment
from kilolearn.report import bench_json, bench_table, console

__all__ = ["run"]


def run(json: Json = False, rounds: Rounds = 5, firmware: Probes = None) -> None:
    """The emulator's speed beside its peers', on five firmwares."""
    names = chosen(firmware, FIRMWARES)
    tell = console(stderr=True)
    for name, hint in absent_peers().items():
        tell.print(f"{name} is not installed, its ratio stays empty: {hint}", markup=False)
    rows, elfs = bench_engine(names, rounds, lambda line: tell.print(line, highlight=False))
    console().print(bench_table("the engine, times as fast as", rows, heading="firmware"))
    if json:
        print(bench_json("engine", describe_environment(elfs), rows))
