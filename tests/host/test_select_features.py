# SPDX-License-Identifier: GPL-3.0-or-later
"""Features are chosen by bytes and errors: the telling ones, the cheap one of two alike."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from kilolearn.cli import app
from kilolearn.errors import BuildError, SearchError
from kilolearn.search.mdl import coded_error_bits, description_bits
from kilolearn.search.prepare import Prepared, load_problem_data
from kilolearn.select_features import SAMPLES, Selection, select_features


@pytest.fixture(scope="module")
def planted(tmp_path_factory) -> Prepared:
    """`a` and `b` tell the class; `scrambled` is `a` with its tens in disorder, so that a tree
    needs many more cuts of it; six columns are noise."""
    random = np.random.default_rng(11)
    a, b = random.integers(0, 200, (2, 300))
    kind = 2 * (a >= 100) + (b >= 90)
    scrambled = random.permutation(20)[a // 10] * 10 + a % 10
    noise = random.integers(0, 200, (6, 300))
    names = ["scrambled", "a", "b", *(f"noise {n}" for n in range(6)), "kind"]
    rows = np.stack([scrambled, a, b, *noise, kind], axis=1)
    path = tmp_path_factory.mktemp("planted") / "planted.csv"
    np.savetxt(path, rows, "%d", ",", header=",".join(names), comments="")
    return load_problem_data(str(path), "kind")


def selected(planted: Prepared, leaves: int, **more: Any) -> Selection:
    return select_features(
        planted, "tree", {"leaves": leaves}, "attiny85", folds=3, patience=1, **more
    )


def test_the_cheap_and_telling_features_are_chosen(planted):
    names = planted.train.features
    found = selected(planted, 24)
    assert {names[column] for column in found.best.columns} == {"a", "b"}
    assert found.test_accuracy > 97


def test_a_feature_that_says_the_same_with_more_bytes_is_left_alone(planted):
    """Beside `b`, `scrambled` would do as well as `a`, for more flash."""
    dear = selected(only(planted, ["scrambled", "b"]), 24).best
    assert dear.accuracy > 85
    assert dear.cost.flash > 1.5 * selected(planted, 24).best.cost.flash


def only(planted: Prepared, names: list[str]) -> Prepared:
    """The same data with only some columns."""
    wanted = [planted.train.features.index(name) for name in names]
    preparation, columns = planted.preparation.narrowed(wanted)
    return replace(
        planted,
        train=planted.train.columns(wanted),
        test=planted.test.columns(wanted),
        train_raw=planted.train_raw[:, columns],
        test_raw=planted.test_raw[:, columns],
        preparation=preparation,
    )


def test_each_step_is_one_feature_and_its_description_is_the_two_part_code(planted):
    heard = []
    found = selected(planted, 4, told=heard.append)
    assert tuple(heard) == found.steps
    names = planted.train.features
    before: set[str] = set()
    for step in found.steps:
        assert before.isdisjoint(step.added)
        assert before.issuperset(step.dropped)
        before = before - set(step.dropped) | set(step.added)
        assert before == {names[column] for column in step.after.columns}
    assert len({step.after.columns for step in found.steps}) == len(found.steps)
    samples = len(planted.train.labels)
    for one in (step.after for step in found.steps):
        wrong = round(samples * (1 - one.accuracy / 100))
        answers = np.zeros(samples, np.int64)
        answers[:wrong] = 1
        bits = coded_error_bits(np.zeros(samples, np.int64), answers, 4) * SAMPLES / samples
        assert one.description_bits == pytest.approx(description_bits(one.cost.flash, bits))
    assert found.best.description_bits == min(s.after.description_bits for s in found.steps)


def test_the_more_samples_a_chip_meets_the_more_bytes_an_error_is_worth():
    names = ["worst radius", "mean concavity", "mean perimeter"]
    cells = only(load_problem_data("breast_cancer"), names)
    few, many = (
        select_features(cells, "score", {"terms": 3}, "attiny85", samples=samples, patience=1).best
        for samples in (1, 100_000)
    )
    assert few.cost.flash < many.cost.flash
    assert few.accuracy < many.accuracy


def test_of_breast_cancers_thirty_features_a_few_are_enough():
    found = select_features(
        load_problem_data("breast_cancer"), "tree", {"leaves": 4}, "attiny85", candidates=3
    )
    assert len(found.best.columns) <= 4
    assert found.best.accuracy > 90
    assert found.best.cost.flash < found.everything.cost.flash / 2


@pytest.mark.parametrize(
    ("family", "genes", "message"),
    [
        ("oracle", {}, "unknown family 'oracle'"),
        ("tree", {"leavs": 3}, "unknown gene 'leavs'; a tree has level_bits, leaves"),
        ("tree", {"leaves": "many"}, "gene leaves is 'many'; expected 2"),
        ("tree", {"leaves": 1}, "gene leaves is 1; expected 2"),
        ("score", {"weight_max": 3}, "gene weight_max is 3; expected one of 1, 2, 4, 8"),
    ],
)
def test_what_there_is_not_is_answered_with_what_there_is(planted, family, genes, message):
    with pytest.raises(SearchError, match=message):
        select_features(planted, family, genes, "attiny85")


def test_an_unknown_chip_is_refused(planted):
    with pytest.raises(BuildError, match="no chip 'attiny99'"):
        select_features(planted, "tree", {}, "attiny99")


def test_the_command_prints_the_steps_and_ends_with_json():
    words = ["features", "iris", "--mcu", "attiny85", "--gene", "leaves=4", "--json"]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.output
    report = json.loads(result.output.splitlines()[-1])
    assert report["bench"] == "features"
    assert report["rows"][-1]["step"] == "best"
    assert report["rows"][-1]["accuracy"] > 90
    assert "by L1 path: petal" in result.output


def test_the_command_refuses_a_gene_without_a_value():
    result = CliRunner().invoke(app, ["features", "iris", "--mcu", "attiny85", "--gene", "leaves"])
    assert isinstance(result.exception, SearchError)


def test_a_chip_that_nobody_knows_ends_before_the_data_are_read() -> None:
    result = CliRunner().invoke(app, ["features", "iris", "--mcu", "z80"])
    assert isinstance(result.exception, BuildError)
    assert not result.stdout
