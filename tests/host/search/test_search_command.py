# SPDX-License-Identifier: GPL-3.0-or-later
"""``kilolearn search`` from a CSV to a report, a project and an exit code."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from kilolearn.classifier.cost import Cost
from kilolearn.cli import app
from kilolearn.commands import search as command
from kilolearn.errors import AccuracyError, BuildError, DatasetError, SearchError
from kilolearn.families.genes import Choice, Whole
from kilolearn.search import reference
from kilolearn.search.evaluate import Problem, Trial, evaluate, space
from kilolearn.search.executors import Here
from kilolearn.search.findings import choose, confusion, judge
from kilolearn.search.gene_text import parse_genes
from kilolearn.search.prepare import load_problem_data
from kilolearn.search.reference import Reference, reference_models
from kilolearn.search.undone import undo_steps
from kilolearn.search.watch import FrontSoFar

SMALL = ("--families", "tree,score", "--trials", "12", "--jobs", "1", "--mcu", "attiny13a")


@pytest.fixture(scope="module")
def weather(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rain where it is humid and the wind is not too strong; a missing cell, a word, a constant."""
    rng = np.random.default_rng(5)
    path = tmp_path_factory.mktemp("data") / "weather.csv"
    lines = ["humidity,wind,station,roof,sky"]
    for row in range(150):
        humidity, wind = rng.integers(0, 1000) / 10, rng.integers(0, 40)
        sky = "rain" if humidity > 60 and wind < 25 else "dry"
        cell = "" if row == 7 else f"{humidity:.1f}"
        lines.append(f"{cell},{wind},{'north' if row % 3 else 'south'},1,{sky}")
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def quick_references(monkeypatch: pytest.MonkeyPatch) -> None:
    """The grids of scikit-learn take most of so small a search; one test has them."""
    canned = Reference("LogisticRegression", {"C": 1.0}, 90.0, None)
    monkeypatch.setattr(command, "reference_models", lambda *_: iter([canned]))


def kilolearn(*words: object) -> Result:
    return CliRunner().invoke(app, ["search", *map(str, words)])


def last_line(done: Result) -> Any:
    return json.loads(done.stdout.splitlines()[-1])


def test_a_csv_becomes_a_report_and_a_project(
    weather: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reference, "FOLDS", 2)
    page, folder = tmp_path / "weather.html", tmp_path / "firmware"

    done = kilolearn(
        *(weather, "--target", "sky", *SMALL, "--accuracy", "0.85"),
        *("--report", page, "--emit", folder, "--json"),
    )

    assert done.exit_code == 0, done.output
    assert "roof: constant, dropped" in done.stdout
    assert "LogisticRegression of scikit-learn" in done.stdout
    assert "12 candidates were tried" in done.stdout
    told = last_line(done)
    assert told["reached"]
    assert told["tried"] == 12
    assert told["chosen"] in told["front"]
    assert told["chosen"]["accuracy"] >= 85
    assert told["chosen"]["flash"] == min(
        one["flash"] for one in told["front"] if one["accuracy"] >= 85
    )
    tested = told["tested"]
    right = sum(row[i] for i, row in enumerate(tested["confusion"]))
    assert tested["samples"] == 30 == sum(map(sum, tested["confusion"]))
    assert tested["accuracy"] == pytest.approx(100 * right / 30)
    assert told["command"] in page.read_text()
    assert f"{tested['accuracy']:.2f} %" in (folder / "README.md").read_text()
    assert "prepare.c" in (folder / "Makefile").read_text()
    golden = json.loads((folder / "tests/golden.json").read_text())
    assert golden["classes"] == ["dry", "rain"]


@pytest.mark.usefixtures("quick_references")
def test_a_candidate_is_built_again_by_its_genes(weather: Path) -> None:
    searched = last_line(kilolearn(weather, *SMALL, "--accuracy", "0.85", "--json"))
    genes = " ".join(f"{name}={value}" for name, value in searched["chosen"]["genes"].items())

    again = last_line(kilolearn(weather, "--mcu", "attiny13a", "--genes", genes, "--json"))

    assert again["chosen"] == searched["chosen"]
    assert again["tested"] == searched["tested"]
    assert again["tried"] == 1


@pytest.mark.usefixtures("quick_references")
def test_an_accuracy_out_of_reach_ends_with_the_front(weather: Path, tmp_path: Path) -> None:
    page, folder = tmp_path / "weather.html", tmp_path / "firmware"

    done = kilolearn(
        *(weather, *SMALL, "--accuracy", "1.0"), *("--report", page, "--emit", folder, "--json")
    )

    assert isinstance(done.exception, AccuracyError)  # the command ends with 1 for it
    assert "12 candidates were tried, and none has 100.00 % right" in str(done.exception)
    told = last_line(done)
    assert not told["reached"]
    assert told["front"]
    assert told["tested"] is None, "the test part stays unseen"
    assert page.exists()
    assert not folder.exists()


@pytest.mark.usefixtures("quick_references")
def test_what_was_interrupted_goes_on_where_it_was(
    weather: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = (weather, *SMALL, "--accuracy", "0.85", "--json")
    whole = last_line(kilolearn(*words))
    journal = tmp_path / "search.journal"
    add = FrontSoFar.add

    def interrupted_at_the_sixth(front: FrontSoFar, trial: Trial) -> None:
        add(front, trial)
        if front.tried == 6:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(FrontSoFar, "add", interrupted_at_the_sixth)
        done = kilolearn(*words, "--journal", journal)
    assert done.exit_code == 130
    assert "interrupted after 6 candidates" in done.stdout
    assert f"--journal {journal}" in done.stdout
    assert journal.stat().st_size > 0

    assert last_line(kilolearn(*words, "--journal", journal)) == whole


@pytest.mark.usefixtures("quick_references")
def test_a_journal_that_cannot_be_read_is_moved_aside(weather: Path, tmp_path: Path) -> None:
    journal = tmp_path / "search.journal"
    journal.write_text("nothing of ours\n")

    done = kilolearn(weather, *SMALL, "--accuracy", "0.85", "--journal", journal)

    assert done.exit_code == 0, done.output
    assert f"it is now {journal}.corrupt-1" in done.stdout
    assert (tmp_path / "search.journal.corrupt-1").read_text() == "nothing of ours\n"


@pytest.mark.parametrize(
    ("words", "error", "message"),
    [
        ([], SearchError, "expected a file, or --data"),
        (["a.csv", "--data", "iris"], SearchError, "found a.csv and --data iris"),
        (["absent.csv"], DatasetError, "absent.csv"),
        (["--data", "iris", "--accuracy", "97"], SearchError, "--accuracy 97; expected a share"),
        (["--data", "iris", "--minimise", "weight"], SearchError, "unknown 'weight'"),
        (["--data", "iris", "--families", "oak"], SearchError, "unknown family 'oak'"),
        (["--data", "iris", "--report", "/no/where.html"], SearchError, "/no is no folder"),
        (["--data", "iris", "--report", "/"], SearchError, "/ is a folder; expected a file"),
        (["--data", "iris", "--journal", "/no/j"], SearchError, "/no is no folder"),
        (["--data", "iris", "--mcu", "z80"], BuildError, "z80"),
        (["--data", "iris", "--scheduler", "tcp://"], SearchError, "no Dask scheduler"),
        (["--data", "iris", "--genes", "leaves"], SearchError, "are not understood"),
        (["--data", "iris", "--target", "sky"], Exception, "sky"),
    ],
)
@pytest.mark.usefixtures("quick_references")
def test_what_cannot_be_searched_is_refused(
    words: list[str], error: type[Exception], message: str
) -> None:
    done = kilolearn(*words, "--jobs", "1", "--trials", "1")

    assert isinstance(done.exception, error)
    assert message in str(done.exception)
    assert "reference" not in done.stdout, "they take minutes"


def test_a_project_folder_in_use_is_refused_before_the_search(
    weather: Path, tmp_path: Path
) -> None:
    (tmp_path / "mine.c").write_text("")

    done = kilolearn(weather, *SMALL, "--emit", tmp_path)

    assert isinstance(done.exception, SearchError)
    assert "candidates" not in done.stdout


def test_a_candidate_is_judged_by_the_labels_of_the_test_part(weather: Path) -> None:
    prepared = load_problem_data(str(weather), "sky")
    problem = Problem(prepared.train, "attiny13a", families=("tree",))
    genes = parse_genes(
        "family=tree ranking=all level_bits=8 tree.leaves=3 tree.leaf_samples=2", space(problem)
    )
    inverted = replace(prepared.test, labels=1 - prepared.test.labels)

    judged = judge(problem, prepared, genes)
    against = judge(problem, replace(prepared, test=inverted), genes)

    assert judged.accuracy > 75
    assert against.accuracy == pytest.approx(100 - judged.accuracy)
    assert judged.confusion.sum(axis=1).tolist() == np.bincount(prepared.test.labels).tolist()


def test_a_step_undone_is_a_candidate_that_can_be_built_by_its_genes(weather: Path) -> None:
    """Without its choice of features and its coarse levels, each alone."""
    prepared = load_problem_data(str(weather), "sky")
    problem = Problem(prepared.train, "attiny13a", families=("tree",))
    chosen = evaluate(
        problem,
        parse_genes(
            "family=tree ranking=mutual information features=2 level_bits=3 tree.leaves=4 "
            "tree.leaf_samples=2",
            space(problem),
        ),
    )

    undone = undo_steps(problem, chosen, Here())

    assert [(one.gene, one.taken, one.plain) for one in undone] == [
        ("ranking", "mutual information", "all"),
        ("level_bits", 3, 8),
    ]
    everything, fine = (one.trial for one in undone)
    assert "features" not in everything.genes
    assert everything.genes["level_bits"] == 3
    assert fine == evaluate(problem, {**chosen.genes, "level_bits": 8})
    assert fine.accuracy != chosen.accuracy


def trial(accuracy: float, flash: int, sram: int) -> Trial:
    cost = Cost(flash, sram, 10.0, 12)
    return Trial({"family": f"{accuracy} {flash}"}, accuracy, (accuracy,), cost, 1.0, None, 0.0)


@pytest.mark.parametrize(
    ("wanted", "minimise", "expected"),
    [
        (80.0, ("flash", "sram"), 1),
        (80.0, ("sram", "flash"), 3),
        (93.0, ("flash",), 2),
        (95.0, ("flash",), 2),
        (95.1, ("flash",), None),
        (0.0, ("flash",), 0),
        (80.0, ("cycles", "flash"), 1),
    ],
)
def test_the_choice_is_the_smallest_that_is_accurate_enough(
    wanted: float, minimise: tuple[str, ...], expected: int | None
) -> None:
    front = [trial(60, 20, 9), trial(90, 40, 9), trial(95, 80, 9), trial(85, 40, 2)]
    front[3] = trial(85, 44, 2)

    found = choose(front, minimise, wanted, "attiny85")

    assert found == (None if expected is None else front[expected])


def test_of_equally_small_ones_the_more_accurate_is_chosen() -> None:
    front = [trial(90, 40, 9), trial(92, 40, 9)]

    assert choose(front, ("flash",), 80, "attiny85") == front[1]


def test_a_confusion_counts_rows_by_class_and_columns_by_answer() -> None:
    counts = confusion(np.array([0, 0, 1, 2, 2]), np.array([0, 1, 1, 0, 0]), 3)

    assert counts.tolist() == [[1, 1, 0], [0, 1, 0], [2, 0, 0]]


SPACE = {
    "family": Choice(("tree", "net")),
    "ranking": Choice(("all", "mutual information")),
    "features": Whole(1, 3),
    "level_bits": Whole(2, 8),
    "tree.leaves": Whole(2, 64),
    "net.sizes": Choice((4, 8)),
}


def test_genes_are_read_as_a_key_has_them() -> None:
    text = "family=net ranking=mutual information features=2 level_bits=4 net.sizes=8"

    assert parse_genes(text, SPACE) == {
        "family": "net",
        "ranking": "mutual information",
        "features": 2,
        "level_bits": 4,
        "net.sizes": 8,
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not understood"),
        ("tree", "not understood"),
        ("level_bits=4", "not understood"),
        ("family=oak level_bits=4", "family is 'oak'"),
        ("family=tree ranking=all level_bits=9 tree.leaves=2", r"expected 2\.\.8"),
        ("family=tree ranking=all level_bits=x tree.leaves=2", r"expected 2\.\.8"),
        ("family=tree ranking=all level_bits=4", "'tree.leaves' is missing"),
        ("family=tree ranking=mutual information level_bits=4 tree.leaves=2", "'features' is"),
        ("family=tree ranking=all level_bits=4 tree.leaves=2 height=2", "no gene 'height'"),
        ("family=net ranking=all level_bits=4 net.sizes=5", "expected one of 4, 8"),
    ],
)
def test_genes_that_are_none_are_refused(text: str, message: str) -> None:
    with pytest.raises(SearchError, match=message):
        parse_genes(text, SPACE)


def test_a_reference_is_judged_by_rows_that_it_was_not_fitted_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Labels by chance: a forest knows its own rows by heart, and others not at all."""
    monkeypatch.setattr(reference, "FOLDS", 2)
    rng = np.random.default_rng(0)
    features, labels = rng.normal(size=(80, 5)), rng.integers(0, 2, 80)

    *_, forest = reference_models(features, labels, 0)

    assert forest.name == "RandomForestClassifier"
    assert forest.accuracy < 70
    assert forest.model.score(features, labels) == 1.0
