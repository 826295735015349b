# SPDX-License-Identifier: GPL-3.0-or-later
"""``kilolearn search``: the smallest firmware that explains a data set."""

from __future__ import annotations

import json
import os
import shlex
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from kilolearn.classifier.image import chip_of
from kilolearn.commands.options import Json, Seed, SharedScale
from kilolearn.errors import AccuracyError, SearchError
from kilolearn.families import FAMILIES
from kilolearn.search.chosen_project import chosen_project
from kilolearn.search.engine import OBJECTIVES, require_searchable
from kilolearn.search.evaluate import Problem
from kilolearn.search.executors import executor_for
from kilolearn.search.findings import Findings
from kilolearn.search.pipeline import Wish, judge_genes, run_search
from kilolearn.search.prepare import Prepared, load_problem_data
from kilolearn.search.project import emit, require_free
from kilolearn.search.reference import Reference, fold_count, reference_models
from kilolearn.search.report import render_page
from kilolearn.search.summary import summary
from kilolearn.search.watch import FrontSoFar, front_table, watch_search
from kilolearn.search.wording import verdict

__all__ = ["run"]

_ALL_FAMILIES = ",".join(FAMILIES)
INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it."""


def run(
    data: Annotated[str | None, typer.Argument(help="A CSV or .npz file; or give --data.")] = None,
    name: Annotated[
        str | None, typer.Option("--data", help="A data set by name: iris, digits, BasicMotions...")
    ] = None,
    target: Annotated[
        str | None, typer.Option(help="CSV column of the class, by name or number; default last.")
    ] = None,
    mcu: Annotated[str, typer.Option(help="The chip, e.g. attiny85.")] = "attiny85",
    accuracy: Annotated[
        float | None,
        typer.Option(
            help="Share of right answers, cross-validated, that is enough: 0.97. Default: half a "
            "point less than the best of scikit-learn's."
        ),
    ] = None,
    minimise: Annotated[
        str, typer.Option(help=f"Of {', '.join(OBJECTIVES)}; the first decides.")
    ] = "flash",
    trials: Annotated[int, typer.Option(help="Candidates to try.", min=1)] = 300,
    families: Annotated[str, typer.Option(help="Kinds of models to try.")] = _ALL_FAMILIES,
    jobs: Annotated[
        int | None, typer.Option(help="Processes; default one a core.", min=1, max=256)
    ] = None,
    scheduler: Annotated[
        str | None, typer.Option(help="A Dask scheduler instead, tcp://HOST:8786.")
    ] = None,
    seed: Seed = 0,
    shared_scale: SharedScale = None,
    journal: Annotated[
        Path | None, typer.Option(help="Keeps each result; a search goes on with it.")
    ] = None,
    report: Annotated[Path | None, typer.Option(help="Write a page of HTML.")] = None,
    emit_to: Annotated[
        Path | None, typer.Option("--emit", help="Write the chosen firmware as a project.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite a project.")] = False,
    genes: Annotated[
        str | None, typer.Option(help="No search: this candidate, as a report names it.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Find the smallest firmware that is accurate enough, and say what else there is.

    Exit codes: 1 no candidate is accurate enough; 130 interrupted.
    """
    console = Console(soft_wrap=True, highlight=False, markup=False)
    place = _source(data, name)
    wish = Wish(
        tuple(minimise.split(",")),
        _percent(accuracy),
        _asked(place, name is not None, target, mcu, seed, shared_scale),
        _options(accuracy, minimise, trials, families),
    )
    chip_of(mcu)
    for path, what in ((report, "report"), (journal, "journal")):
        _require_place(path, what)
    if emit_to is not None:
        require_free(emit_to, force)
    prepared = load_problem_data(place, target, seed, shared_scale)
    folds = fold_count(prepared.train.labels)
    problem = Problem(
        prepared.train,
        mcu,
        folds,
        seed,
        tuple(families.split(",")),
        prepared.preparation,
        prepared.train_raw,
    )
    require_searchable(problem, wish.minimise)
    for sentence in prepared.said:
        console.print(sentence)
    if genes is not None:
        found = judge_genes(prepared, problem, wish, genes)
    else:
        front = FrontSoFar(wish.minimise, mcu)
        try:
            with executor_for(jobs or len(os.sched_getaffinity(0)), scheduler) as executor:
                references = _references(console, prepared, seed)
                with watch_search(console, front, trials, wish.wanted(references)) as told:
                    found = run_search(
                        prepared, problem, wish, references, executor, trials, seed, journal, told
                    )
        except KeyboardInterrupt:
            _tell_interrupt(console, front, wish, journal)
            raise typer.Exit(INTERRUPTED) from None
    _tell(console, found)
    if report is not None:
        _write(report, render_page(found))
        console.print(f"report: {report}")
    if emit_to is not None and found.chosen is not None:
        emit(chosen_project(found), emit_to, force)
        console.print(f"project: {emit_to}; its tests: make -C {emit_to} test")
    if as_json:
        print(json.dumps(summary(found)))
    if found.chosen is None:
        raise AccuracyError(
            f"{verdict(found)} Ask for less --accuracy, or try more --trials or a larger chip"
        )


def _source(data: str | None, name: str | None) -> str:
    if (data is None) == (name is None):
        found = "none" if data is None else f"{data} and --data {name}"
        raise SearchError(f"data: found {found}; expected a file, or --data and a name")
    return str(data if name is None else name)


def _require_place(path: Path | None, what: str) -> None:
    """See that a file may be there, before the search has taken its time."""
    if path is not None and path.is_dir():
        raise SearchError(f"{path} is a folder; expected a file for the {what}: give it a name")
    if path is not None and not path.parent.is_dir():
        raise SearchError(f"{path.parent} is no folder; name another place for the {what}")


def _percent(accuracy: float | None) -> float | None:
    if accuracy is not None and not 0 < accuracy <= 1:
        raise SearchError(f"--accuracy {accuracy:g}; expected a share above 0 up to 1, e.g. 0.97")
    return None if accuracy is None else 100 * accuracy


def _asked(
    place: str, named: bool, target: str | None, mcu: str, seed: int, shared_scale: bool | None
) -> str:
    words = ["kilolearn", "search", *(["--data"] if named else []), place]
    words += ["--target", target] if target is not None else []
    words += ["--mcu", mcu]
    words += ["--seed", str(seed)] if seed else []
    if shared_scale is not None:
        words.append("--shared-scale" if shared_scale else "--own-scales")
    return shlex.join(words)


def _options(accuracy: float | None, minimise: str, trials: int, families: str) -> str:
    words = ["--accuracy", f"{accuracy:g}"] if accuracy is not None else []
    words += ["--minimise", minimise, "--trials", str(trials)]
    words += ["--families", families] if families != _ALL_FAMILIES else []
    return shlex.join(words)


def _references(console: Console, prepared: Prepared, seed: int) -> list[Reference]:
    references = []
    for one in reference_models(prepared.train_values, prepared.train.labels, seed):
        console.print(f"reference: {one.accuracy:.2f} % right, {one.name} of scikit-learn")
        references.append(one)
    return references


def _tell(console: Console, found: Findings) -> None:
    if found.moved_aside is not None:
        console.print(f"the journal could not be read; it is now {found.moved_aside}")
    console.print(front_table(found.front, found.chosen))
    if found.chosen is not None:
        console.print(verdict(found))


def _tell_interrupt(console: Console, front: FrontSoFar, wish: Wish, journal: Path | None) -> None:
    console.print(front_table(front.trials, None))
    console.print(f"interrupted after {front.tried} candidates; this was their front")
    if journal is None:
        console.print("nothing of it is kept: a search with --journal FILE can go on")
    else:
        console.print(f"to go on: {wish.asked} {wish.options} --journal {journal}")


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise SearchError(
            f"{path}: cannot be written ({error.strerror}); name another place for the report"
        ) from error
