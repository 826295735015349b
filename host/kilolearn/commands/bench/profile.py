# SPDX-License-Identifier: GPL-3.0-or-later
"""``kilolearn bench profile``."""

from __future__ import annotations

from kilolearn.bench_engine import FIRMWARES
from kilolearn.bench_profile import bench_profile
from kilolearn.commands.bench.options import Probes, Rounds, chosen
from kilolearn.commands.options import Json
from kilolearn.environment import describe_environment
from kilolearn.report import bench_json, bench_table, console

__all__ = ["run"]


def run(json: Json = False, rounds: Rounds = 5, firmware: Probes = None) -> None:
    """What a recorded run and its report cost, on five firmwares."""
    tell = console(stderr=True)
    names = chosen(firmware, FIRMWARES)
    rows, elfs = bench_profile(names, rounds, lambda line: tell.print(line, highlight=False))
    console().print(bench_table("a run recorded, beside one plain", rows, heading="firmware"))
    if json:
        print(bench_json("profile", describe_environment(elfs), rows))
