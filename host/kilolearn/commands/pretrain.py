# SPDX-License-Identifier: GPL-3.0-or-later
"""``kilolearn pretrain``: a language model for a chip's flash, trained on the PC."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kilolearn.commands.options import Seed
from kilolearn.errors import DatasetError
from kilolearn.pretrain.family import FAMILIES, form_of
from kilolearn.pretrain.operations import Numpy
from kilolearn.pretrain.progress import pretraining_progress
from kilolearn.pretrain.scoring import bits_a_character
from kilolearn.pretrain.teacher import Teacher
from kilolearn.pretrain.text import Corpus
from kilolearn.pretrain.training import Recipe, train
from kilolearn.pretrain.weights import PretrainedWeights
from kilolearn.report import console

__all__ = ["run"]


def run(
    text: Annotated[Path, typer.Argument(help="What it learns; the last tenth is held out.")],
    out: Annotated[Path, typer.Option(help="Where the weights go, .npz.")],
    family: Annotated[str, typer.Option(help=f"{', '.join(FAMILIES)}.")] = "transformer",
    form: Annotated[str, typer.Option(help="16k, 32k, or teacher: floats for --teacher.")] = "16k",
    minutes: Annotated[float, typer.Option(help="Of training.", min=0.01, max=100_000)] = 5.0,
    steps: Annotated[
        int | None, typer.Option(help="In place of minutes: repeats to the bit.", min=1)
    ] = None,
    rate: Annotated[float, typer.Option(help="Adam's largest step.", min=1e-6, max=1)] = 0.014,
    fall: Annotated[
        float, typer.Option(help="Power by which the step falls to 0: 1 a line.", min=0, max=9)
    ] = 2.0,
    seed: Seed = 0,
    start: Annotated[Path | None, typer.Option(help="Weights to go on from.")] = None,
    teacher: Annotated[Path | None, typer.Option(help="A teacher, or other weights.")] = None,
    share: Annotated[float, typer.Option(help="Of the teacher in a target.", min=0, max=1)] = 0.5,
    dropout: Annotated[float, typer.Option(help="For a teacher, 0-0.9.", min=0, max=0.9)] = 0.0,
    compiled: Annotated[
        bool, typer.Option("--compile", help="A minute of waiting, then steps three times as fast.")
    ] = False,
    cut: Annotated[
        bool, typer.Option("--cut", help="A weight's gradient ends where its range does.")
    ] = False,
    whole: Annotated[
        bool, typer.Option("--whole", help="Learn from the validation part too: the last run.")
    ] = False,
    score: Annotated[
        bool, typer.Option("--score", help="Score the held-out end too: once, at the end.")
    ] = False,
) -> None:
    """Train a family's model as a chip will hold it, and write its weights."""
    if not out.parent.is_dir():
        raise DatasetError(f"{out.parent} is no folder; give a place to write the weights to")
    corpus = Corpus.read(text)
    alphabet = corpus.alphabet
    model = form_of(family, form, len(alphabet))
    floats = form == "teacher"
    lesson = Teacher.load(teacher, len(alphabet)) if teacher else None
    first = PretrainedWeights.load(start) if start else None
    recipe = Recipe(
        steps=steps,
        minutes=minutes,
        seed=seed,
        rate=rate,
        fall=fall,
        compiled=compiled,
        share=share,
        cut=cut,
        rounds=not floats,
        dropout=dropout,
    )
    learned = corpus.train + corpus.validation if whole else corpus.train
    with pretraining_progress(console(), f"{family} {form}") as show:
        parameters = train(model, learned, alphabet, recipe, show, lesson, first)
    if floats:
        real = parameters.arrays()
        Teacher(model, real).save(out)
    else:
        weights = parameters.weights(alphabet)
        weights.save(out)
        real = weights.real()
        print(f"{model.layout.flash_bytes:,} bytes of weights")
    parts = [("validation", corpus.train, corpus.validation)]
    if score:
        parts.append(("held-out", corpus.train + corpus.validation, corpus.held_out))
    for name, before, part in parts:
        symbols = corpus.symbols(before + part)
        bits = bits_a_character(model, real, symbols, len(before), Numpy(rounds=not floats))
        print(f"{name} {bits:.4f} bits a character")
