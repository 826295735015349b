# SPDX-License-Identifier: GPL-3.0-or-later
"""``kilolearn compress`` from a file of a model to C, which runs here and on the emulated chip."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import cffi
import numpy as np
import pytest
import skops.io
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Perceptron
from sklearn.tree import DecisionTreeClassifier

from kilolearn import cli, datasets
from kilolearn.classifier.cost import cost
from kilolearn.classifier.table import Table
from kilolearn.compress import hunt as hunting
from kilolearn.compress.compressor import Goal, compress
from kilolearn.compress.estimators import of_estimator
from kilolearn.compress.firmware_folder import c_files
from kilolearn.compress.judge import Judge
from kilolearn.compress.model import Model, Network
from kilolearn.compress.plans import NetChain
from kilolearn.datasets import Dataset
from kilolearn.errors import AccuracyError, BuildError, ModelError
from kilolearn.nets.representation import Representation
from kilolearn.quantise import InputScale

IRIS = datasets.split(datasets.load("iris"), 0)


def run(monkeypatch: pytest.MonkeyPatch, *words: object) -> int:
    """The command, and its exit code."""
    monkeypatch.setattr(sys, "argv", ["kilolearn", "compress", *map(str, words)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return int(ended.value.code or 0)


def test_a_tree_from_skops_becomes_c_that_answers_as_reported(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    tree = DecisionTreeClassifier(random_state=0).fit(IRIS.train_features, IRIS.train_labels)
    skops.io.dump(tree, tmp_path / "flower.skops")
    out = tmp_path / "firmware"
    code = run(monkeypatch, tmp_path / "flower.skops", "--mcu", "attiny13a", "--flash", 200,
               "--data", "iris", "--name", "flower", "--out", out, "--json")  # fmt: skip
    shown = capfd.readouterr().out.splitlines()
    assert code == 0
    assert any(line.endswith("cycles: 1 of the trees as they are") for line in shown)
    report = json.loads(shown[-1])
    assert report == json.loads((out / "flower.json").read_text())
    assert report["reached"]
    assert report["test"]["flash"] <= 200
    methods = {row["method"]: row for row in report["trials"]}
    assert methods["1 of the trees as they are"]["flash"] > report["test"]["flash"]
    weights = methods["distilled to no hidden units, int8"]["bits_per_weight"]
    assert weights == 8
    chosen = report["chosen"]
    assert chosen["accuracy_after"] >= report["held_out_before"] - 0.5
    assert report["lost"] <= 0.5

    levels = report["levels"]
    scale = InputScale(np.array(levels["minimum"]), np.array(levels["maximum"]), levels["max"])
    samples = scale.apply(IRIS.test_features)
    answers = native_answers(out, "flower", samples)
    assert 100 * np.mean(answers == IRIS.test_labels) == pytest.approx(
        report["test"]["accuracy"], abs=1e-3
    )
    text = (out / "flower.c").read_text()
    assert cost(_for_harness(text, "flower"), "attiny13a", samples, answers, (out,)).flash <= 210


def _for_harness(text: str, name: str) -> str:
    """The file's own function in the place of the one that the harness calls."""
    calls = f"static uint8_t classify(const uint8_t *s) {{ return {name}_predict(s); }}"
    return "\n".join([text.replace("classify(", "inner("), calls, ""])


def native_answers(folder: Path, name: str, samples: Any) -> Any:
    """Of the C, compiled for this machine; undefined behaviour ends the process."""
    library = folder / f"{name}.so"
    command = ["gcc", "-std=c11", "-shared", "-fPIC", "-fsanitize=undefined", "-Wall", "-Wextra"]
    command += ["-Werror", "-fno-sanitize-recover=all", str(folder / f"{name}.c"), "-o"]
    subprocess.run([*command, str(library)], check=True)
    ffi = cffi.FFI()
    ffi.cdef(f"uint8_t {name}_predict(const uint8_t *sample);")
    predict = getattr(ffi.dlopen(str(library)), f"{name}_predict")
    return np.array([predict(ffi.from_buffer("uint8_t[]", row)) for row in samples], np.int64)


@pytest.fixture
def few_plans(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two methods instead of all."""
    plans = [NetChain((), False, (Representation(name),)) for name in ("int16", "int8")]
    monkeypatch.setattr(hunting, "first_plans", lambda *_: plans)
    monkeypatch.setattr(hunting, "ROUNDS_MAX", 0)


@pytest.mark.usefixtures("few_plans")
def test_too_few_bytes_end_with_the_best_and_how_far_off_it_is(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    weight, bias = np.array([[0.0, 0.0, 0.0, 1.0]]), np.array([-1.6])
    save_two_classes(tmp_path)
    np.savez(tmp_path / "line.npz", weight_0=weight, bias_0=bias)
    code = run(monkeypatch, tmp_path / "line.npz", "--mcu", "attiny85", "--flash", 10,
               "--data", tmp_path / "two.npz", "--accuracy-drop", 5, "--json")  # fmt: skip
    shown = capfd.readouterr()
    assert code == 1, shown.err
    assert not json.loads(shown.out.splitlines()[-1])["reached"]
    assert "more than --flash 10" in shown.err


def save_two_classes(folder: Path) -> Path:
    """Two of the three irises."""
    iris = datasets.load("iris")
    kept = iris.labels > 0
    np.savez(folder / "two.npz", X=iris.features[kept], y=iris.labels[kept] - 1)
    return folder / "two.npz"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["absent.onnx"], "no such file"),
        (["model.pkl"], "a pickle, which is never loaded"),
        (["line.npz", "--mcu", "z80"], "z80"),
        (["line.npz", "--data", "wine"], "wine has 13 and 3"),
        (["line.npz", "--name", "3d"], "no name in C"),
        (["line.npz", "--out", "line.npz/firmware"], "cannot be written"),
    ],
    ids=["absent", "pickle", "chip", "data", "name", "place"],
)
def test_bad_words_end_in_one_message(
    words: list[str], said: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    np.savez(tmp_path / "line.npz", weight_0=np.ones((1, 4)), bias_0=np.zeros(1))
    (tmp_path / "model.pkl").write_bytes(b"")
    monkeypatch.chdir(tmp_path)
    defaults = {"--mcu": "attiny85", "--flash": "200", "--data": "iris"}
    given = [word for key, value in defaults.items() if key not in words for word in (key, value)]
    assert run(monkeypatch, *words, *given) == 2
    shown = capfd.readouterr().err
    assert said in shown
    assert "Traceback" not in shown


def linear(rows: int = 3) -> Network:
    return Network(((np.ones((rows, 4)), np.zeros(rows)),))


def test_a_model_of_other_units_is_refused() -> None:
    with pytest.raises(ModelError, match="in the units, that it was fitted on"):
        compress(Model(linear(), "a model"), datasets.load("iris"), Goal("attiny85", 100))


def test_a_model_of_other_labels_is_refused() -> None:
    model = Model(linear(), "a model", ("rose", "lily", "tulip"))
    with pytest.raises(ModelError, match=r"answers rose, lily, tulip; expected .*setosa"):
        compress(model, datasets.load("iris"), Goal("attiny85", 100))


@pytest.mark.usefixtures("few_plans")
def test_names_of_classes_decide_their_order() -> None:
    """The data count b, a; the model a, b."""
    random = np.random.default_rng(0)
    features = random.normal(size=(120, 2))
    b_first = (features[:, 0] < 0).astype(np.int64)  # 1 is a
    data = Dataset("signs", features, b_first, class_names=("b", "a"))
    words = np.array(["b", "a"])[b_first]
    model = of_estimator(Perceptron().fit(features, words))
    assert model.labels == ("a", "b")
    made = compress(model, data, Goal("attiny13a", 200, accuracy_drop=5.0))
    assert made.class_names == ("a", "b")
    assert made.accuracy > 90
    header = c_files(made, "signs").header
    assert "Classes: 0 a, 1 b." in " ".join(header.replace("*", "").split())
    assert made.hunt.best is not None
    with pytest.raises(AccuracyError, match="more than --flash 3"):
        compress(model, data, Goal("attiny13a", 3, accuracy_drop=5.0)).check()


@pytest.mark.parametrize(
    "estimator",
    [DecisionTreeClassifier(random_state=0), RandomForestClassifier(3, random_state=0),
     LogisticRegression()],
    ids=["tree", "forest", "linear"],
)  # fmt: skip
def test_a_kind_is_fitted_anew_where_the_file_does_not_say_how(estimator: Any) -> None:
    """The given one has learned by heart what the folds hold out; another of its kind has not."""
    random = np.random.default_rng(0)
    features = random.normal(size=(150, 6))
    labels = ((features[:, 0] > 0) ^ (random.random(150) < 0.3)).astype(np.int64)
    model = replace(of_estimator(estimator.fit(features, labels)), refit=None)
    scale = InputScale.fit(features, 255)
    table = Table(scale.apply(features), labels, 2, 255, tuple("abcdef"))
    judge = Judge.of(model, table, features, scale, "attiny85", 0)
    assert judge.before < 80
    assert judge.given.body is not judge.refitted[0].body
    if not isinstance(estimator, LogisticRegression):
        assert np.mean(judge.given.answers(table) == labels) > 0.9


def test_a_chip_that_nobody_knows_ends_before_the_hunt() -> None:
    with pytest.raises(BuildError, match="attiny9000"):
        compress(Model(linear(), "a model"), datasets.load("iris"), Goal("attiny9000", 100))
