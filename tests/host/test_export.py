# SPDX-License-Identifier: GPL-3.0-or-later
"""Exported models answer as scikit-learn does, natively under sanitizers and on emulated chips."""

from __future__ import annotations

import subprocess
import tempfile
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import cffi
import numpy as np
import pytest
import skops.io
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.datasets import load_breast_cancer, load_digits, load_wine
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier

from kilolearn.compress.load import load_estimator
from kilolearn.errors import ExportError
from kilolearn.export import Export, export
from kilolearn.export.layers import quantise_layers
from kilolearn.export.levels import Levels
from kilolearn.inference_peers import Task, build_image
from kilolearn.measure import run_inference
from kilolearn.quantise import InputScale

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

WARNINGS = ["-Wall", "-Wextra", "-Werror"]
few = settings(max_examples=8, deadline=None)
numbers = count()


def answers_of(made: Export, samples: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Of the C, compiled for this machine; undefined behaviour ends the process."""
    with tempfile.TemporaryDirectory() as folder:
        source, _ = made.write(Path(folder))
        library = Path(folder) / f"{made.name}_{next(numbers)}.so"
        command = ["gcc", "-std=c11", "-shared", "-fPIC", "-fsanitize=undefined", *WARNINGS]
        command += ["-fno-sanitize-recover=all", str(source), "-o", str(library)]
        subprocess.run(command, check=True)
        ffi = cffi.FFI()
        ffi.cdef(f"uint8_t {made.name}_predict(const uint8_t *sample);")
        predict = getattr(ffi.dlopen(str(library)), f"{made.name}_predict")
        rows = np.ascontiguousarray(samples)
        return np.array([predict(ffi.from_buffer("uint8_t[]", row)) for row in rows])


def cloud(seed: int, width: int, classes: int, input_max: int = 255) -> tuple[Any, Any, Any]:
    """Levels to fit on, their labels, and other levels to ask for, the ends of the range too."""
    random = np.random.default_rng(seed)
    samples = random.integers(0, input_max + 1, (150, width))
    labels = np.concatenate([np.arange(classes), random.integers(0, classes, 150 - classes)])
    asked = random.integers(0, input_max + 1, (300, width))
    asked[:100] = np.clip(samples[:100] + random.integers(-1, 2, (100, width)), 0, input_max)
    asked[-2:] = [[0] * width, [input_max] * width]
    return samples.astype(np.uint8), labels, asked.astype(np.uint8)


shapes = st.tuples(st.integers(0, 2**32 - 1), st.integers(1, 9), st.integers(2, 6))


@few
@given(shape=shapes, depth=st.integers(1, 30))
def test_a_tree_answers_as_scikit_learn(shape: tuple[int, int, int], depth: int) -> None:
    samples, labels, asked = cloud(*shape)
    model = DecisionTreeClassifier(max_depth=depth, random_state=0).fit(samples, labels)
    np.testing.assert_array_equal(answers_of(export(model, "m"), asked), model.predict(asked))


@few
@given(shape=shapes, input_max=st.integers(1, 255))
def test_a_tree_of_raw_features_decides_as_at_the_values_of_the_levels(
    shape: tuple[int, int, int], input_max: int
) -> None:
    samples, labels, _ = cloud(*shape)
    random = np.random.default_rng(shape[0])
    raw = samples * 10.0 ** random.integers(-6, 6, shape[1]) + random.normal(size=shape[1])
    raw[:, 0] = 3.7  # constant: level 0 stands for it
    model = DecisionTreeClassifier(random_state=0).fit(raw, labels)
    scale = InputScale.fit(raw, input_max)
    asked = np.random.default_rng(1).integers(0, input_max + 1, (200, shape[1])).astype(np.uint8)
    values = Levels.of(shape[1], scale).values(asked)
    np.testing.assert_array_equal(
        answers_of(export(model, "m", scale), asked), model.predict(values)
    )


@few
@given(shape=shapes, depth=st.sampled_from([1, 4, None]))
def test_a_forest_of_pure_leaves_is_exact_and_another_right_to_a_255th(
    shape: tuple[int, int, int], depth: int | None
) -> None:
    samples, labels, asked = cloud(*shape)
    model = RandomForestClassifier(7, max_depth=depth, random_state=0).fit(samples, labels)
    answers = answers_of(export(model, "m"), asked)
    if all(np.isin(tree.predict_proba(samples), (0, 1)).all() for tree in model.estimators_):
        np.testing.assert_array_equal(answers, model.predict(asked))
    shares = model.predict_proba(asked)
    chosen = shares[np.arange(len(asked)), answers]
    assert np.all(shares.max(axis=1) - chosen <= 1 / 255 + 1e-9)


@few
@given(
    shape=shapes, input_max=st.sampled_from([1, 15, 63, 255]), weight_bits=st.sampled_from([8, 16])
)
def test_a_linear_model_is_right_to_the_rounding_of_its_weights(
    shape: tuple[int, int, int], input_max: int, weight_bits: int
) -> None:
    samples, labels, asked = cloud(*shape, input_max)
    scale = InputScale(np.zeros(shape[1]), np.full(shape[1], 1.0), input_max)
    model = LogisticRegression(C=100, max_iter=300).fit(samples / input_max, labels)
    answers = answers_of(export(model, "m", scale, weight_bits=weight_bits), asked)

    weight, bias = model.coef_ / input_max, model.intercept_
    layer = quantise_layers([(weight, bias)], input_max, asked[:0], weight_bits)[0]
    if len(bias) > 1:
        weight = weight - (weight.max(axis=0) + weight.min(axis=0)) / 2
    unit = np.abs(weight).max() / np.abs(layer.weight).max()  # real size of a 1
    # Half a unit an input and for the bias, and a sum's floor.
    bound = 1.01 * unit * ((asked.sum(axis=1) + 1) / 2 + 2**layer.fraction)
    scores = model.decision_function(asked / input_max)
    if scores.ndim == 1:
        scores = np.stack([-scores, scores], axis=1)
    chosen = scores[np.arange(len(asked)), answers]
    assert np.all(scores.max(axis=1) - chosen <= 2 * bound)


@few
@given(
    seed=st.integers(0, 2**32 - 1),
    hidden=st.lists(st.integers(1, 25), min_size=1, max_size=2),
    width=st.integers(1, 12),
    classes=st.integers(2, 12),
    input_max=st.sampled_from([1, 16, 63]),
    weight_bits=st.sampled_from([8, 16]),
)
def test_a_perceptron_computes_its_formula(
    seed: int, hidden: list[int], width: int, classes: int, input_max: int, weight_bits: int
) -> None:
    """Against unbounded integers; the weights are noise of any size."""
    samples, labels, asked = cloud(seed, width, classes, input_max)
    model = MLPClassifier(hidden, max_iter=1, solver="lbfgs").fit(samples, labels)
    random = np.random.default_rng(seed)
    sizes = 10 ** random.uniform(-3, 3, len(model.coefs_))
    model.coefs_ = [random.normal(0, z, c.shape) for z, c in zip(sizes, model.coefs_, strict=True)]
    sums = np.cumprod(sizes)
    model.intercepts_ = [
        random.normal(0, z, len(b)) for z, b in zip(sums, model.intercepts_, strict=True)
    ]
    scale = InputScale(np.zeros(width), np.full(width, float(input_max)), input_max)
    parts = [(c.T, b) for c, b in zip(model.coefs_, model.intercepts_, strict=True)]

    values = asked.astype(np.int64)
    for layer in quantise_layers(parts, input_max, samples, weight_bits):
        values = layer.apply(values)
    assert np.abs(values).max() <= 32767
    expected = values.argmax(axis=1) if classes > 2 else values[:, 0] > 0
    made = export(model, "m", scale, samples, weight_bits)
    np.testing.assert_array_equal(answers_of(made, asked), expected)


REAL = {
    "tree": DecisionTreeClassifier(random_state=0),
    "forest": RandomForestClassifier(5, random_state=0),
    "mixed": RandomForestClassifier(5, max_depth=3, random_state=0),
    "logistic": LogisticRegression(C=10, max_iter=2000),
    "svc": LinearSVC(random_state=0),
    "mlp": MLPClassifier(11, solver="lbfgs", alpha=1, max_iter=100, random_state=0),
}
SETS = {"wine": load_wine, "breast_cancer": load_breast_cancer, "digits": load_digits}


def fitted(kind: str, dataset: str) -> tuple[Task, NDArray[np.uint8]]:
    """A model of real data at 64 levels, its input scale folded in, and samples it has not seen."""
    features, labels = SETS[dataset](return_X_y=True)
    samples = InputScale.fit(features, 63, dataset == "digits").apply(features)
    model = REAL[kind].fit(samples[::2] / 63, labels[::2])
    if hasattr(model, "coefs_"):
        model.coefs_[0] /= 63
    elif hasattr(model, "coef_"):
        model.coef_ /= 63
    else:
        model = REAL[kind].fit(samples[::2], labels[::2])
    return Task(model, samples[::2], 63, len(model.classes_)), samples[1::2]


@pytest.mark.parametrize("kind", REAL)
@pytest.mark.parametrize("dataset", ["wine", "breast_cancer"])
def test_real_models_keep_their_answers_and_have_the_same_on_chips_and_natively(
    kind: str, dataset: str, tmp_path: Path
) -> None:
    task, unseen = fitted(kind, dataset)
    scale = InputScale(np.zeros(task.width), np.full(task.width, 63.0), 63)
    native = answers_of(export(task.model, "m", scale, task.samples), unseen)
    expected = task.model.predict(unseen)
    if kind in ("tree", "forest"):
        np.testing.assert_array_equal(native, expected)
    assert np.mean(native == expected) >= 0.98
    for mcu in ("atmega328p", "attiny1634"):
        image = build_image("kilolearn", task, tmp_path / mcu, mcu)
        run = run_inference(image, mcu, unseen[:40])
        np.testing.assert_array_equal(run.answers, native[:40])


@pytest.mark.parametrize("kind", ["logistic", "mlp"])
def test_digits_keep_their_answers_on_the_chip(kind: str, tmp_path: Path) -> None:
    task, unseen = fitted(kind, "digits")
    for weight_bits, agreement, cycles_max in ((8, 0.98, 6_000), (16, 1, 10_000)):
        image = build_image("kilolearn", replace(task, weight_bits=weight_bits), tmp_path)
        run = run_inference(image, "atmega328p", unseen[:200])
        assert np.mean(run.answers == task.model.predict(unseen[:200])) >= agreement
        assert run.cycles < cycles_max


def test_labels_may_be_words_and_the_header_tells_them(tmp_path: Path) -> None:
    samples, labels, asked = cloud(1, 3, 3)
    words = np.array(["ant", "bee */ int x;", "cat"])
    model = DecisionTreeClassifier().fit(samples, words[labels])
    made = export(model, "animal")
    np.testing.assert_array_equal(words[answers_of(made, asked)], model.predict(asked))
    _, header = made.write(tmp_path)
    assert "0 ant, 1 bee" in made.header
    for language in ("c", "c++"):
        check = ["gcc", "-fsyntax-only", *WARNINGS, "-x", language, "-include", str(header)]
        subprocess.run([*check, "/dev/null"], check=True)


def test_equal_data_make_equal_files() -> None:
    samples, labels, _ = cloud(1, 4, 3)
    models = [RandomForestClassifier(3, random_state=0).fit(samples, labels) for _ in range(2)]
    assert export(models[0], "m") == export(models[1], "m")


def spoiled() -> LogisticRegression:
    model = LogisticRegression().fit([[0.0], [1.0]], [0, 1])
    model.coef_ = np.array([[np.nan]])
    return model


X, Y, _ = cloud(1, 3, 2)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: export(ExtraTreesClassifier(2).fit(X, Y), "m"), "ExtraTreesClassifier has no ex"),
        (lambda: export("model", "m"), "a str has no export"),
        (lambda: export(spoiled(), "m", weight_bits=4), "weight_bits is 4; expected 8 or 16"),
        (lambda: export(DecisionTreeClassifier(), "m"), "not fitted"),
        (lambda: export(DecisionTreeClassifier().fit(X, Y), "1m"), "no name in C"),
        (lambda: export(DecisionTreeClassifier().fit(X, Y), "m", InputScale.fit(X[:, :2], 9)),
         "the scale has 2 features"),
        (lambda: export(DecisionTreeClassifier().fit(X, np.c_[Y, Y]), "m"), "2 outputs"),
        (lambda: export(DecisionTreeClassifier().fit(np.zeros((2, 256)), [0, 1]), "m"),
         "256 features"),
        (lambda: export(DecisionTreeClassifier().fit(
            np.arange(768)[:, None], np.arange(768) // 3), "m"), "256 classes"),
        (lambda: export(DecisionTreeClassifier(random_state=0).fit(
            np.arange(250)[:, None], np.arange(250) % 2), "m"), "decisions deep"),
        (lambda: export(RandomForestClassifier(256, max_depth=1).fit(X, Y), "m"), "256 trees"),
        (lambda: export(spoiled(), "m"), "NaN or infinite"),
        (lambda: export(LogisticRegression().fit(np.eye(255), np.arange(255) % 2), "m"),
         "smaller input_max"),
        (lambda: export(MLPClassifier(2, solver="lbfgs", max_iter=2).fit(X, Y), "m",
                        weight_bits=8), "found none"),
        (lambda: export(MLPClassifier(2, solver="lbfgs", max_iter=2).fit(X, Y), "m",
                        samples=X[:, :2], weight_bits=8), r"expected \(samples, 3\)"),
        (lambda: export(MLPClassifier(2, activation="tanh", solver="lbfgs", max_iter=2)
                        .fit(X, Y), "m", samples=X), "expected 'relu'"),
        (lambda: export(MLPClassifier(256, solver="lbfgs", max_iter=1).fit(X, Y), "m",
                        samples=X), "127 units"),
        (lambda: export(MLPClassifier(2, solver="lbfgs", max_iter=2).fit(X, np.eye(2)[Y]), "m",
                        samples=X), "several labels"),
    ],
)  # fmt: skip
def test_what_has_no_export_is_refused(make: Any, message: str) -> None:
    with pytest.raises(ExportError, match=message):
        make()


def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("text")
    made = export(DecisionTreeClassifier().fit(X, Y), "m")
    with pytest.raises(ExportError, match="cannot be written"):
        made.write(tmp_path / "text")


def test_a_model_on_disk_comes_back(tmp_path: Path) -> None:
    fitted = DecisionTreeClassifier(random_state=0).fit(X, Y)
    skops.io.dump(fitted, tmp_path / "m.skops")
    assert export(load_estimator(tmp_path / "m.skops"), "m") == export(fitted, "m")
