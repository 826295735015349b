# SPDX-License-Identifier: GPL-3.0-or-later
"""``kilolearn bench``: the figures of this project, measured anew."""

from __future__ import annotations

import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from typing import Annotated

import typer

from kilolearn.bench_codecs import CHIPS, SplitRun, bench_codecs
from kilolearn.bench_codecs import summarise as summarise_codecs
from kilolearn.bench_digits import DigitsRun, bench_digits, summarise
from kilolearn.bench_engine import FIRMWARES, absent_peers, bench_engine
from kilolearn.bench_profile import bench_profile
from kilolearn.bench_xor import bench_xor
from kilolearn.codecs.designs import DESIGNS
from kilolearn.commands.options import Epochs, Json
from kilolearn.environment import describe_environment
from kilolearn.report import bench_json, bench_table, console

__all__ = ["app"]

app = typer.Typer(help="Measure anew and print a table; --json ends with one object on one line.")

Splits = Annotated[
    int, typer.Option(help="Stratified splits, seeds from 0; tests use fewer.", min=1)
]
Rounds = Annotated[int, typer.Option(help="Runs of each; the best counts.", min=1)]
Probes = Annotated[
    list[str] | None, typer.Option(help=f"Only this one, of {', '.join(FIRMWARES)}.")
]
Jobs = Annotated[int | None, typer.Option(help="Processes at once; default: one a core.", min=1)]


@app.command()
def digits(
    json: Json = False, splits: Splits = 5, epochs: Epochs = None, jobs: Jobs = None
) -> None:
    """Digits trained on two chips with 1 KB of SRAM."""
    tell = console(stderr=True)

    def told(run: DigitsRun) -> None:
        verdict = "same bits as the twin" if run.difference is None else run.difference
        tell.print(f"{run.mcu}, split {run.seed}: {run.accuracy:.2f} %, {verdict}", highlight=False)

    with _processes(jobs) as executor:
        runs, elfs = bench_digits(executor, splits, epochs, told)
    rows = summarise(runs)
    console().print(bench_table("digits, trained on the chip", rows))
    if json:
        print(bench_json("digits", describe_environment(elfs), rows))


@app.command()
def codecs(
    json: Json = False,
    splits: Splits = 5,
    representation: Annotated[
        list[str] | None, typer.Option(help=f"Only this one, of {', '.join(DESIGNS)}.")
    ] = None,
    jobs: Jobs = None,
) -> None:
    """One digits net under eleven representations of its weights."""
    if strange := set(representation or ()) - set(DESIGNS):
        raise typer.BadParameter(f"{', '.join(strange)}; choose of {', '.join(DESIGNS)}")
    tell = console(stderr=True)

    def told(run: SplitRun) -> None:
        verdict = "same bits everywhere" if run.exact else "chip, twin and NumPy DIFFER"
        line = f"{run.representation}, split {run.seed}: {run.accuracy:.2f} %, {verdict}"
        tell.print(line, highlight=False)

    with _processes(jobs) as executor:
        runs, elfs = bench_codecs(executor, splits, representation, told)
    rows = summarise_codecs(runs)
    for mcu in CHIPS:
        shown = [row for row in rows if row["chip"] == mcu]
        console().print(bench_table(f"digits on {mcu}", shown, heading="representation"))
    if json:
        print(bench_json("codecs", describe_environment(elfs), rows))


@app.command()
def engine(json: Json = False, rounds: Rounds = 5, firmware: Probes = None) -> None:
    """The emulator's speed beside its peers', on five firmwares."""
    names = _probes(firmware)
    tell = console(stderr=True)
    for name, hint in absent_peers().items():
        tell.print(f"{name} is not installed, its ratio stays empty: {hint}", markup=False)
    rows, elfs = bench_engine(names, rounds, lambda line: tell.print(line, highlight=False))
    console().print(bench_table("the engine, times as fast as", rows, heading="firmware"))
    if json:
        print(bench_json("engine", describe_environment(elfs), rows))


@app.command()
def profile(json: Json = False, rounds: Rounds = 5, firmware: Probes = None) -> None:
    """What a recorded run and its report cost, on five firmwares."""
    tell = console(stderr=True)
    names = _probes(firmware)
    rows, elfs = bench_profile(names, rounds, lambda line: tell.print(line, highlight=False))
    console().print(bench_table("a run recorded, beside one plain", rows, heading="firmware"))
    if json:
        print(bench_json("profile", describe_environment(elfs), rows))


@app.command()
def xor(
    json: Json = False,
    seeds: Annotated[int, typer.Option(help="Starts tried; tests use fewer.", min=1)] = 300,
    jobs: Jobs = None,
) -> None:
    """Exclusive or learned by backpropagation, from many seeds."""
    with _processes(jobs) as executor:
        rows, elfs = bench_xor(executor, seeds)
    console().print(bench_table("exclusive or, learned on the chip", rows))
    if json:
        print(bench_json("xor", describe_environment(elfs), rows))


def _probes(firmware: list[str] | None) -> list[str]:
    names = firmware or list(FIRMWARES)
    if strange := set(names) - set(FIRMWARES):
        raise typer.BadParameter(f"{', '.join(strange)}; choose of {', '.join(FIRMWARES)}")
    return names


def _processes(jobs: int | None) -> ProcessPoolExecutor:
    """Fresh processes: a forked one would inherit threads and open libraries."""
    return ProcessPoolExecutor(jobs or os.cpu_count(), multiprocessing.get_context("spawn"))
