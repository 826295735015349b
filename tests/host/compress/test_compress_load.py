# SPDX-License-Identifier: GPL-3.0-or-later
"""Models from files are read to the number, and what could do harm is refused by name."""

from __future__ import annotations

import io
import json
import pickle
import struct
import zipfile
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import skops.io
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_breast_cancer, load_iris
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Perceptron, RidgeClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MaxAbsScaler,
    MinMaxScaler,
    PolynomialFeatures,
    StandardScaler,
)
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier

from kilolearn.compress.estimators import of_estimator
from kilolearn.compress.load import load_estimator, load_model
from kilolearn.compress.model import Network, Trees
from kilolearn.errors import KilolearnError, ModelError

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

HERE = Path(__file__).parent
ESTIMATORS = [
    LogisticRegression(max_iter=50),
    LinearSVC(max_iter=50),
    Perceptron(),
    make_pipeline(MinMaxScaler(), RidgeClassifier()),
    MLPClassifier((5, 4), max_iter=20, random_state=0),
    MLPClassifier((5,), activation="identity", max_iter=20, random_state=0),
    DecisionTreeClassifier(max_depth=4, random_state=0),
    RandomForestClassifier(5, max_depth=3, random_state=0),
    ExtraTreesClassifier(3, random_state=0),
    make_pipeline(StandardScaler(), MinMaxScaler(), LogisticRegression()),
    make_pipeline(MaxAbsScaler(), "passthrough", RandomForestClassifier(4, random_state=0)),
]


@pytest.mark.parametrize("load", [load_iris, load_breast_cancer], ids=["iris", "breast_cancer"])
@pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda made: type(made).__name__)
def test_an_estimator_answers_as_scikit_learn_live_and_from_skops(
    load: Any, estimator: Any, tmp_path: Path
) -> None:
    features, labels = load(return_X_y=True)
    estimator.fit(features, labels)
    skops.io.dump(estimator, tmp_path / "model.skops")
    for model in (of_estimator(estimator), load_model(tmp_path / "model.skops")):
        np.testing.assert_array_equal(model.body.answers(features), estimator.predict(features))


def test_an_estimator_is_fitted_anew_on_numbered_classes() -> None:
    features, labels = load_iris(return_X_y=True)
    words = np.array(["a", "b", "c"])[labels]
    model = of_estimator(DecisionTreeClassifier(random_state=0).fit(features, words))
    assert model.labels == ("a", "b", "c")
    assert model.refit is not None
    again = model.refit(features[::2], labels[::2])
    same = DecisionTreeClassifier(random_state=0).fit(features[::2], labels[::2])
    np.testing.assert_array_equal(again.body.answers(features), same.predict(features))


@pytest.mark.parametrize(
    ("estimator", "named"),
    [
        (GaussianNB(), "GaussianNB"),
        (make_pipeline(PolynomialFeatures(), Perceptron()), "PolynomialFeatures"),
        (MLPClassifier((3,), activation="tanh", max_iter=5), "activation='tanh'"),
    ],
    ids=["naive_bayes", "polynomials", "tanh"],
)
def test_another_kind_is_refused_by_its_name(estimator: Any, named: str) -> None:
    estimator.fit(*load_iris(return_X_y=True))
    with pytest.raises(ModelError, match=named):
        of_estimator(estimator)


def test_an_estimator_that_is_not_fitted_is_refused() -> None:
    with pytest.raises(ModelError, match="not fitted"):
        of_estimator(LogisticRegression())


def test_trees_with_other_shares_than_classes_are_refused(tmp_path: Path) -> None:
    forest = RandomForestClassifier(2, random_state=0).fit(*load_iris(return_X_y=True))
    forest.classes_ = np.arange(2)
    skops.io.dump(forest, tmp_path / "model.skops")
    with pytest.raises(ModelError, match=r"holds shares \(1, 3\); expected \(1, 2\)"):
        load_estimator(tmp_path / "model.skops")


def test_skops_with_a_type_that_is_not_trusted_is_refused_by_its_name(tmp_path: Path) -> None:
    skops.io.dump(make_pipeline(FunctionTransformer(_own), Perceptron()), tmp_path / "model.skops")
    with pytest.raises(ModelError, match="_own"):
        load_model(tmp_path / "model.skops")


def _own(features: Any) -> Any:
    raise AssertionError("it was run")


@pytest.mark.parametrize("name", ["m.pkl", "m.joblib", "m.pickle", "m.onnx", "m.npz", "m.pt"])
def test_a_pickle_is_never_loaded_whatever_its_name(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(pickle.dumps(_Bomb()))
    for load in (load_model, load_estimator):
        with pytest.raises(ModelError, match=r"never loaded.*skops"):
            load(tmp_path / name)


@pytest.mark.parametrize("name", ["m.onnx", "m.txt"])
def test_an_estimator_comes_from_skops_alone(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("text")
    with pytest.raises(ModelError, match=r"unknown kind.*expected \.skops.*skops\.io\.dump"):
        load_estimator(tmp_path / name)


class _Bomb:
    def __reduce__(self) -> Any:
        return _own, (0,)


def test_npz_layers_are_read_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    sizes = [4, *([3] * 10), 2]
    arrays = {}
    for number, (inputs, outputs) in enumerate(pairwise(sizes)):
        arrays[f"weight_{number}"] = random.normal(size=(outputs, inputs)).astype(np.float32)
        arrays[f"bias_{number}"] = random.normal(size=outputs)
    np.savez_compressed(tmp_path / "net.npz", **arrays)
    body = load_model(tmp_path / "net.npz").body
    assert isinstance(body, Network)
    for number, (weight, bias) in enumerate(body.layers):
        np.testing.assert_array_equal(weight, arrays[f"weight_{number}"])
        np.testing.assert_array_equal(bias, arrays[f"bias_{number}"])


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({"weight_0": np.zeros((2, 4)), "other": np.zeros(2)}, "'other'"),
        ({"weight_0": np.zeros((2, 4, 3))}, "layer '0' has weight"),
        ({"bias_0": np.zeros(2)}, "no weight"),
        ({"weight_0": np.zeros((2, 4)), "weight_1": np.zeros((2, 3))}, "layer 1"),
        ({"weight_0": np.full((2, 4), np.nan)}, "NaN"),
        ({"weight_0": np.array([[None]])}, "pickle"),
        ({"weight_0": np.zeros((2, 300))}, "300 features"),
        ({}, "no arrays"),
    ],
    ids=["name", "shape", "bias", "chain", "nan", "objects", "wide", "empty"],
)
def test_another_npz_is_refused_with_what_is_wrong(
    arrays: dict[str, Any], said: str, tmp_path: Path
) -> None:
    np.savez(tmp_path / "net.npz", **arrays)
    with pytest.raises(ModelError, match=said):
        load_model(tmp_path / "net.npz")


def test_an_npz_whose_header_claims_a_terabyte_gets_no_room(tmp_path: Path) -> None:
    member = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        member, {"descr": "<f8", "fortran_order": False, "shape": (1 << 20, 1 << 17)}
    )
    with zipfile.ZipFile(tmp_path / "net.npz", "w") as archive:
        archive.writestr("weight_0.npy", member.getvalue())
    with pytest.raises(ModelError, match="numbers; expected at most"):
        load_model(tmp_path / "net.npz")


def test_an_archive_that_unpacks_to_more_than_the_limit_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "net.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("weight_0.npy", bytes(65 << 20))
    assert (tmp_path / "net.npz").stat().st_size < 1 << 20
    with pytest.raises(ModelError, match="unpacked"):
        load_model(tmp_path / "net.npz")


def safetensors(arrays: dict[str, np.ndarray]) -> bytes:
    """As the format says: a length, a header in JSON, the numbers."""
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    data = b""
    for name, array in arrays.items():
        code = {"float32": "F32", "float64": "F64", "float16": "F16"}[array.dtype.name]
        ends = [len(data), len(data) + array.nbytes]
        header[name] = {"dtype": code, "shape": list(array.shape), "data_offsets": ends}
        data += array.tobytes()
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def test_safetensors_are_read_whatever_their_order(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    arrays = {
        "10.bias": random.normal(size=3),
        "10.weight": random.normal(size=(3, 5)).astype(np.float32),
        "2.weight": random.normal(size=(5, 4)).astype(np.float16),
        "2.bias": random.normal(size=5),
    }
    (tmp_path / "net.safetensors").write_bytes(safetensors(arrays))
    body = load_model(tmp_path / "net.safetensors").body
    assert isinstance(body, Network)
    np.testing.assert_array_equal(body.layers[0][0], arrays["2.weight"])
    np.testing.assert_array_equal(body.layers[1][0], arrays["10.weight"])
    np.testing.assert_array_equal(body.layers[1][1], arrays["10.bias"])


def test_a_torch_state_is_read_to_the_number_strides_and_all() -> None:
    for name in ("state.pt", "state_bfloat16.pt"):  # the numbers are whole eighths
        body = load_model(HERE / name).body
        assert isinstance(body, Network)
        first, last = body.layers
        np.testing.assert_array_equal(first[0], (np.arange(20).reshape(5, 4) - 7) / 8)
        np.testing.assert_array_equal(first[1], np.arange(5) / 4 - 0.5)
        np.testing.assert_array_equal(last[0], (np.arange(15).reshape(3, 5) - 6) / 8)
        np.testing.assert_array_equal(last[1], np.arange(3) / 4 - 0.5)


def test_a_whole_torch_module_is_refused() -> None:
    with pytest.raises(ModelError, match=r"more than a state.*state_dict"):
        load_model(HERE / "module.pt")


def test_a_torch_pickle_that_would_run_something_is_refused_by_its_name(tmp_path: Path) -> None:
    program = b"\x80\x02cposix\nsystem\n(X\x02\x00\x00\x00lstR."
    with zipfile.ZipFile(tmp_path / "m.pt", "w") as archive:
        archive.writestr("m/data.pkl", program)
    with pytest.raises(ModelError, match=r"calls posix\.system, which is not loaded"):
        load_model(tmp_path / "m.pt")


@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, 2504), value=st.integers(0, 255), end=st.integers(0, 2505))
def test_a_damaged_file_ends_in_one_of_our_errors_or_in_a_model(
    place: int, value: int, end: int, tmp_path: Path
) -> None:
    """In the program of a torch state, and in an archive cut short."""
    with zipfile.ZipFile(HERE / "state.pt") as archive:
        members = {name: bytearray(archive.read(name)) for name in archive.namelist()}
    program = members["state/data.pkl"]
    program[place % len(program)] = value
    with zipfile.ZipFile(tmp_path / "bad.pt", "w") as archive:
        for name, data in members.items():
            archive.writestr(name, bytes(data))
    (tmp_path / "cut.pt").write_bytes((HERE / "state.pt").read_bytes()[:end])
    for name in ("bad.pt", "cut.pt"):
        try:
            model = load_model(tmp_path / name)
        except KilolearnError:
            continue
        assert isinstance(model.body, Network)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=200), suffix=st.sampled_from([".npz", ".onnx", ".pt", ".skops",
                                                             ".safetensors", ".txt"]))  # fmt: skip
def test_noise_of_any_name_ends_in_one_of_our_errors(
    data: bytes, suffix: str, tmp_path: Path
) -> None:
    (tmp_path / f"noise{suffix}").write_bytes(data)
    with pytest.raises(KilolearnError):
        load_model(tmp_path / f"noise{suffix}")


@pytest.mark.parametrize(
    "header",
    [b"[]", b"{", b'{"a": 1}', b'{"0.weight": {"dtype": "F32", "shape": [2, 2]}}',
     b'{"0.weight": {"dtype": "I8", "shape": [2], "data_offsets": [0, 2]}}',
     b'{"0.weight": {"dtype": "F32", "shape": [9000, 9000], "data_offsets": [0, 4]}}',
     b'{"0.weight": {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 12]}}', b"[" * 9999],
)  # fmt: skip
def test_damaged_safetensors_are_refused(header: bytes, tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    path.write_bytes(struct.pack("<Q", len(header)) + header + bytes(16))
    with pytest.raises(ModelError):
        load_model(path)


def test_no_such_file_and_no_such_kind_say_what_is_expected(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no such file"):
        load_model(tmp_path / "absent.onnx")
    (tmp_path / "model.h5").write_bytes(b"")
    with pytest.raises(ModelError, match=r"unknown kind '\.h5'; expected \.npz, \.onnx"):
        load_model(tmp_path / "model.h5")


def test_trees_of_a_forest_add_up_their_shares() -> None:
    body = Trees(((0.4, 0.6), (0.9, 0.1)), 1, 2)
    np.testing.assert_array_equal(body.answers(np.zeros((2, 1))), [0, 0])
