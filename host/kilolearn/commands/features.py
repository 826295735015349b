# SPDX-License-Identifier: GPL-3.0-or-later
"""``kilolearn features``: which features a model on a chip is worth its bytes with."""

from __future__ import annotations

from typing import Annotated

import typer

from kilolearn.classifier.image import chip_of
from kilolearn.commands.options import Json, Seed, SharedScale
from kilolearn.environment import describe_environment
from kilolearn.errors import SearchError
from kilolearn.families.genes import Genes
from kilolearn.report import bench_json
from kilolearn.search.prepare import load_problem_data
from kilolearn.search.ranking import RANKINGS, rank
from kilolearn.select_features import SAMPLES, FeatureSet, Step, select_features

__all__ = ["run"]

_RANKED_SHOWN = 6


def run(
    data: Annotated[
        str,
        typer.Argument(
            help="A .csv or .npz file, or digits, iris, wine, breast_cancer, BasicMotions."
        ),
    ],
    mcu: Annotated[str, typer.Option(help="Chip that the bytes are counted on, e.g. attiny85.")],
    target: Annotated[
        str | None, typer.Option(help="CSV column of the class: name or number; default last.")
    ] = None,
    family: Annotated[str, typer.Option(help="Kind of model, e.g. tree or score.")] = "tree",
    gene: Annotated[
        list[str] | None, typer.Option(help="Of the model: NAME=VALUE, e.g. leaves=6; repeated.")
    ] = None,
    samples: Annotated[
        int, typer.Option(help="That the chip will meet: what an error weighs.", min=1)
    ] = SAMPLES,
    folds: Annotated[int, typer.Option(help="Of the cross-validation.", min=2)] = 5,
    candidates: Annotated[int, typer.Option(help="Features that a step tries.", min=1)] = 12,
    seed: Seed = 0,
    shared_scale: SharedScale = None,
    json: Json = False,
) -> None:
    """Rank the features, then add and drop them by bytes and errors."""
    genes = _genes(gene or [])
    chip_of(mcu)
    prepared = load_problem_data(data, target, seed, shared_scale)
    names = prepared.train.features
    for sentence in prepared.said:
        print(sentence)
    for by in RANKINGS:
        first = rank(prepared.train, by, seed)[:_RANKED_SHOWN]
        print(f"by {by}: {', '.join(names[column] for column in first)}")
    print(f"\n{'':40}  accuracy  features  flash, B  description, bits")

    def told(step: Step) -> None:
        _print(_moves(step), step.after)

    found = select_features(
        prepared,
        family,
        genes,
        mcu,
        samples=samples,
        folds=folds,
        seed=seed,
        candidates=candidates,
        told=told,
    )
    if found.everything is not None:
        _print("all features", found.everything)
    _print("shortest description", found.best)
    chosen = ", ".join(names[column] for column in found.best.columns)
    print(
        f"\n{chosen}: {found.test_accuracy:.2f} % right on the test part; {found.tried} sets of "
        f"features were built for the {mcu}"
    )
    if json:
        steps = [{"step": _moves(step), **_row(step.after)} for step in found.steps]
        best = {"step": "best", "features": chosen, "test_accuracy": round(found.test_accuracy, 2)}
        rows = [*steps, {**best, **_row(found.best)}]
        print(bench_json("features", describe_environment({}), rows))


def _moves(step: Step) -> str:
    return " ".join([f"+{name}" for name in step.added] + [f"-{name}" for name in step.dropped])


def _print(step: str, after: FeatureSet) -> None:
    print(
        f"{step[:40]:40}  {after.accuracy:6.2f} %  {len(after.columns):8}  {after.cost.flash:8,}  "
        f"{after.description_bits:17,.0f}"
    )


def _row(after: FeatureSet) -> dict[str, object]:
    return {
        "accuracy": round(after.accuracy, 2),
        "count": len(after.columns),
        "flash": after.cost.flash,
        "sram_high_water": after.cost.sram_high_water,
        "cycles": round(after.cost.cycles),
        "description_bits": round(after.description_bits),
    }


def _genes(given: list[str]) -> Genes:
    genes: dict[str, int | str] = {}
    for text in given:
        name, found, value = text.partition("=")
        if not found or not name or not value:
            raise SearchError(f"--gene {text}; expected NAME=VALUE, e.g. leaves=6")
        genes[name] = value
    return genes
