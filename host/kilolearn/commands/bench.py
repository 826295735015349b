# SPDX-License-Identifier: GPL-3.0-or-later
"""``kilolearn bench``: the figures of this project, measured anew."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from itertools import product
from typing import Annotated

import typer

from kilolearn.bench_digits import DigitsRun, bench_digits, summarise
from kilolearn.bench_engine import FIRMWARES, absent_peers, bench_engine
from kilolearn.bench_inference import DATASETS, MODELS, InferenceResult, bench_inference
from kilolearn.bench_profile import bench_profile
from kilolearn.bench_xor import bench_xor
from kilolearn.commands.options import Epochs, Json
from kilolearn.environment import describe_environment
from kilolearn.inference_peers import describe_systems
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
def engine(json: Json = False, rounds: Rounds = 5, firmware: Probes = None) -> None:
    """The emulator's speed beside its peers', on five firmwares."""
    names = _chosen(firmware, FIRMWARES)
    tell = console(stderr=True)
    for name, hint in absent_peers().items():
        tell.print(f"{name} is not installed, its ratio stays empty: {hint}", markup=False)
    rows, elfs = bench_engine(names, rounds, lambda line: tell.print(line, highlight=False))
    console().print(bench_table("the engine, times as fast as", rows, heading="firmware"))
    if json:
        print(bench_json("engine", describe_environment(elfs), rows))


@app.command()
def inference(
    json: Json = False,
    splits: Splits = 5,
    dataset: Annotated[
        list[str] | None, typer.Option(help=f"Only this one, of {', '.join(DATASETS)}.")
    ] = None,
    jobs: Jobs = None,
) -> None:
    """Models of scikit-learn as C by four systems, on the ATmega328P."""
    names = _chosen(dataset, DATASETS)
    tell = console(stderr=True)

    def told(result: InferenceResult) -> None:
        verdict = f"{result.figures['accuracy']:.2f} %" if result.figures else result.status
        tell.print(
            f"{result.dataset} {result.model} by {result.system}, split {result.seed}: {verdict}",
            highlight=False,
            markup=False,
        )

    with _processes(jobs) as executor:
        rows = bench_inference(executor, splits, names, told)
    for name, model in product(names, MODELS):
        own = [row for row in rows if (row["dataset"], row["model"]) == (name, model)]
        console().print(bench_table(f"{name}, {model}", own, heading="system"))
    if json:
        print(bench_json("inference", describe_environment({}) | describe_systems(), rows))


@app.command()
def profile(json: Json = False, rounds: Rounds = 5, firmware: Probes = None) -> None:
    """What a recorded run and its report cost, on five firmwares."""
    tell = console(stderr=True)
    names = _chosen(firmware, FIRMWARES)
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


def _chosen(names: list[str] | None, known: Iterable[str]) -> list[str]:
    """All that are known, or those that the user named."""
    chosen = names or list(known)
    if strange := set(chosen) - set(known):
        raise typer.BadParameter(f"{', '.join(strange)}; choose of {', '.join(known)}")
    return chosen


def _processes(jobs: int | None) -> ProcessPoolExecutor:
    """Fresh processes: a forked one would inherit threads and open libraries."""
    return ProcessPoolExecutor(jobs or os.cpu_count(), multiprocessing.get_context("spawn"))
