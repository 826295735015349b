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

from kilolearn.bench_codecs import CHIPS, SplitRun, bench_codecs
from kilolearn.bench_codecs import summarise as summarise_codecs
from kilolearn.bench_digits import DigitsRun, bench_digits, summarise
from kilolearn.bench_engine import FIRMWARES, absent_peers, bench_engine
from kilolearn.bench_inference import DATASETS, MODELS, InferenceResult, bench_inference
from kilolearn.bench_kernels import bench_kernels
from kilolearn.bench_nets import TASKS, bench_nets
from kilolearn.bench_profile import bench_profile
from kilolearn.bench_sensors import SENSORS, SensorRun, bench_sensors
from kilolearn.bench_sensors import summarise as summarise_sensors
from kilolearn.bench_streams import CASES, bench_streams
from kilolearn.bench_tasks import bench_tasks
from kilolearn.bench_xor import bench_xor
from kilolearn.codecs.designs import DESIGNS
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
    """Digits trained on two chips with 1 KB of SRAM and one with 512 bytes."""
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
    names = _chosen(firmware, FIRMWARES)
    tell = console(stderr=True)
    for name, hint in absent_peers().items():
        tell.print(f"{name} is not installed, its ratio stays empty: {hint}", markup=False)
    rows, elfs = bench_engine(names, rounds, lambda line: tell.print(line, highlight=False))
    console().print(bench_table("the engine, times as fast as", rows, heading="firmware"))
    if json:
        print(bench_json("engine", describe_environment(elfs), rows))


@app.command()
def nets(
    json: Json = False,
    seeds: Annotated[int, typer.Option(help="Of each accuracy; tests use fewer.", min=1)] = 5,
    task: Annotated[
        list[str] | None, typer.Option(help=f"Only this one, of {', '.join(TASKS)}.")
    ] = None,
    jobs: Jobs = None,
) -> None:
    """Deep nets, attention, distillation, federation, meta-learning: trained on the chip."""
    if strange := set(task or ()) - set(TASKS):
        raise typer.BadParameter(f"{', '.join(strange)}; choose of {', '.join(TASKS)}")
    with _processes(jobs) as executor:
        rows, elfs = bench_nets(executor, seeds, task)
    for row in rows:
        console().print(bench_table(str(row["task"]), [row], heading="learner"))
    if json:
        print(bench_json("nets", describe_environment(elfs), rows))


@app.command()
def kernels(
    json: Json = False,
    draws: Annotated[int, typer.Option(help="Random operands; tests use fewer.", min=1)] = 20,
) -> None:
    """Kernels in C and in assembly, with and without MUL."""
    rows, elfs = bench_kernels(draws)
    console().print(bench_table("kernels", rows))
    if json:
        print(bench_json("kernels", describe_environment(elfs), rows))


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
def streams(
    json: Json = False,
    seeds: Annotated[int, typer.Option(help="Streams of each; tests use fewer.", min=1)] = 20,
    on_chip: Annotated[int, typer.Option(help="How many the chip learns too.", min=1)] = 1,
    config: Annotated[list[str] | None, typer.Option(help="Only this, e.g. tree-plane.")] = None,
    jobs: Jobs = None,
) -> None:
    """Ensembles, trees and replay, each sample sent once."""
    cases = tuple(case for case in CASES if not config or case.name in config)
    if not cases:
        names = ", ".join(dict.fromkeys(case.name for case in CASES))
        raise typer.BadParameter(f"{', '.join(config or [])}; choose of {names}")
    tell = console(stderr=True)

    def told(row: dict[str, object]) -> None:
        tell.print(f"{row['config']}, {row['task']}: {row['accuracy']} %", highlight=False)

    with _processes(jobs) as executor:
        rows, elfs = bench_streams(executor, seeds, on_chip, cases, told)
    for task in dict.fromkeys(row["task"] for row in rows):
        own = [row for row in rows if row["task"] == task]
        console().print(bench_table(f"streams: {task}", own, heading="learner"))
    if json:
        print(bench_json("streams", describe_environment(elfs), rows))


@app.command()
def sensors(
    json: Json = False,
    dataset: Annotated[
        list[str] | None, typer.Option(help=f"Only this one, of {', '.join(SENSORS)}.")
    ] = None,
    epochs: Epochs = None,
    jobs: Jobs = None,
) -> None:
    """Motions, power, speakers and streams, learned on a chip with 1 KB of SRAM."""
    names = _chosen(dataset, SENSORS)
    tell = console(stderr=True)

    def told(run: SensorRun) -> None:
        verdict = "same bits as the twin" if run.difference is None else run.difference
        tell.print(f"{run.dataset}: {run.accuracy:.2f} %, {verdict}", highlight=False)

    with _processes(jobs) as executor:
        runs, elfs = bench_sensors(executor, names, epochs, told)
    rows = summarise_sensors(runs)
    console().print(bench_table("sensors and streams, learned on the chip", rows, "dataset"))
    if json:
        print(bench_json("sensors", describe_environment(elfs), rows))


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


@app.command()
def tasks(
    json: Json = False,
    seeds: Annotated[int, typer.Option(help="Draws of each task; tests use fewer.", min=1)] = 200,
    jobs: Jobs = None,
) -> None:
    """Lines, anomalies and rules learned from voltages in a few dozen bytes."""
    with _processes(jobs) as executor:
        rows, elfs = bench_tasks(executor, seeds)
    for task in dict.fromkeys(str(row["task"]) for row in rows):
        own = [row for row in rows if row["task"] == task]
        console().print(bench_table(f"{task}, learned from voltages", own, heading="learner"))
    if json:
        print(bench_json("tasks", describe_environment(elfs), rows))


def _chosen(names: list[str] | None, known: Iterable[str]) -> list[str]:
    """All that are known, or those that the user named."""
    chosen = names or list(known)
    if strange := set(chosen) - set(known):
        raise typer.BadParameter(f"{', '.join(sorted(strange))}; choose of {', '.join(known)}")
    return chosen


def _processes(jobs: int | None) -> ProcessPoolExecutor:
    """Fresh processes: a forked one would inherit threads and open libraries."""
    return ProcessPoolExecutor(jobs or os.cpu_count(), multiprocessing.get_context("spawn"))
