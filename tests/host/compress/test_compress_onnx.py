# SPDX-License-Identifier: GPL-3.0-or-later
"""ONNX models answer as ONNX's own reference does; what is not supported is named by its node."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator
from skl2onnx import to_onnx
from sklearn.datasets import load_breast_cancer, load_iris
from sklearn.ensemble import (
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.linear_model import LogisticRegression, Perceptron, RidgeClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier

from kilolearn.compress.load import load_model
from kilolearn.compress.model import Model
from kilolearn.errors import KilolearnError, ModelError

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

RANDOM = np.random.default_rng(0)


def loaded(proto: Any, folder: Path) -> Model:
    (folder / "model.onnx").write_bytes(proto.SerializeToString())
    return load_model(folder / "model.onnx")


def graph(nodes: list[Any], shape: list[int], **arrays: Any) -> onnx.ModelProto:
    """A model of nodes from ``x`` to ``y``; arrays are its constants."""
    made = helper.make_graph(
        nodes,
        "test",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", *shape])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", "k"])],
        [numpy_helper.from_array(np.asarray(array), name) for name, array in arrays.items()],
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3)]
    return helper.make_model(made, opset_imports=opsets, ir_version=8)


def normal(*shape: int) -> Any:
    return RANDOM.normal(size=shape).astype(np.float32)


@pytest.mark.parametrize("load", [load_iris, load_breast_cancer], ids=["iris", "breast_cancer"])
@pytest.mark.parametrize(
    "estimator",
    [
        LogisticRegression(max_iter=50),
        LinearSVC(max_iter=50),
        Perceptron(),
        make_pipeline(MinMaxScaler(), RidgeClassifier()),
        MLPClassifier((5, 4), max_iter=20, random_state=0),
        DecisionTreeClassifier(max_depth=4, random_state=0),
        RandomForestClassifier(5, random_state=0),
        ExtraTreesClassifier(3, random_state=0),
        make_pipeline(StandardScaler(), MinMaxScaler(), LogisticRegression()),
        make_pipeline(StandardScaler(), RandomForestClassifier(5, random_state=0)),
    ],
    ids=lambda made: type(made).__name__,
)
def test_what_skl2onnx_writes_answers_as_scikit_learn(
    load: Any, estimator: Any, tmp_path: Path
) -> None:
    features, labels = load(return_X_y=True)
    features = features.astype(np.float32)
    estimator.fit(features, labels)
    model = loaded(to_onnx(estimator, features[:1]), tmp_path)
    assert model.labels == tuple(str(label) for label in np.unique(labels))
    agree = np.mean(model.body.answers(features) == estimator.predict(features))
    assert agree > 0.995  # floats of 32 bits, and ties of a forest


NETS = {
    "gemm": (
        [helper.make_node("Gemm", ["x", "w", "b"], ["h"], transB=1, alpha=0.5, beta=2.0),
         helper.make_node("Relu", ["h"], ["r"]),
         helper.make_node("Gemm", ["r", "v"], ["y"])],
        [6], {"w": (5, 6), "b": (5,), "v": (5, 3)},
    ),
    "normalised": (
        [helper.make_node("BatchNormalization", ["x", "g", "b", "m", "s"], ["n"]),
         helper.make_node("Mul", ["n", "f"], ["f1"]), helper.make_node("Add", ["m", "f1"], ["f2"]),
         helper.make_node("Div", ["f2", "s"], ["f3"]), helper.make_node("Sub", ["f3", "b"], ["f4"]),
         helper.make_node("MatMul", ["f4", "v"], ["o"]),
         helper.make_node("Softmax", ["o"], ["y"], axis=1)],
        [4], {"g": (4,), "b": (4,), "m": (4,), "s": (4,), "f": (1, 4), "v": (4, 3)},
    ),
    "convolution": (
        [helper.make_node("Reshape", ["x", "to_image"], ["i"]),
         helper.make_node("Conv", ["i", "k", "b"], ["c"], pads=[1, 0, 1, 2], strides=[2, 1]),
         helper.make_node("Relu", ["c"], ["r"]),
         helper.make_node("Conv", ["r", "k2"], ["c2"], group=2, dilations=[1, 2]),
         helper.make_node("Relu", ["c2"], ["r2"]), helper.make_node("Flatten", ["r2"], ["f"]),
         helper.make_node("Gemm", ["f", "v"], ["o"]), helper.make_node("Softmax", ["o"], ["y"])],
        [48], {"k": (4, 1, 3, 3), "b": (4,), "k2": (2, 2, 2, 2), "v": (24, 3)},
    ),
    "pixels": (
        [helper.make_node("Conv", ["x", "k"], ["c"]), helper.make_node("Relu", ["c"], ["r"]),
         helper.make_node("Reshape", ["r", "to_row"], ["f"]),
         helper.make_node("MatMul", ["f", "v"], ["y"])],
        [2, 4, 4], {"k": (3, 2, 2, 2), "v": (27, 4)},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", NETS)
def test_a_net_answers_as_the_reference_of_onnx(name: str, tmp_path: Path) -> None:
    nodes, shape, sizes = NETS[name]
    arrays = {key: 0.05 * np.abs(normal(*size)) if key == "s" else normal(*size)
              for key, size in sizes.items()}  # fmt: skip
    if name == "convolution":
        arrays["to_image"] = np.array([0, 1, 6, -1])
    if name == "pixels":
        arrays["to_row"] = np.array([-1, 27])
    proto = graph(nodes, shape, **arrays)
    samples = normal(200, *shape)
    if name == "convolution":
        assert ReferenceEvaluator(proto).run(None, {"x": samples[:1]})[0].shape == (1, 3)
    scores = ReferenceEvaluator(proto).run(None, {"x": samples})[0]
    answers = loaded(proto, tmp_path).body.answers(samples.reshape(200, -1).astype(np.float64))
    sure = np.diff(np.sort(scores, axis=1)[:, -2:])[:, 0] > 1e-4
    assert sure.mean() > 0.9
    np.testing.assert_array_equal(answers[sure], scores.argmax(axis=1)[sure])


@pytest.mark.parametrize("mode", ["BRANCH_LEQ", "BRANCH_LT", "BRANCH_GT", "BRANCH_GTE"])
def test_a_tree_compares_as_its_mode_says(mode: str, tmp_path: Path) -> None:
    proto = stump(mode)
    samples = np.array([[0.99999994], [1.0], [1.0000001]], np.float32)
    told = ReferenceEvaluator(proto).run(["label"], {"x": samples})[0]
    model = loaded(proto, tmp_path)
    np.testing.assert_array_equal(model.body.answers(samples.astype(np.float64)), told)


def stump(mode: str = "BRANCH_LEQ", **other: Any) -> onnx.ModelProto:
    values: dict[str, Any] = {
        "nodes_treeids": [0, 0, 0], "nodes_nodeids": [0, 1, 2], "nodes_featureids": [0, 0, 0],
        "nodes_modes": [mode, "LEAF", "LEAF"], "nodes_values": [1.0, 0.0, 0.0],
        "nodes_truenodeids": [1, 0, 0], "nodes_falsenodeids": [2, 0, 0],
        "class_treeids": [0, 0, 0], "class_nodeids": [1, 2, 2], "class_ids": [0, 1, 2],
        "class_weights": [1.0, 0.75, 0.25], "classlabels_int64s": [0, 1, 2],
        "post_transform": "NONE",
    }  # fmt: skip
    node = helper.make_node("TreeEnsembleClassifier", ["x"], ["label", "y"], "forest",
                            domain="ai.onnx.ml", **{**values, **other})  # fmt: skip
    made = graph([node], [1])
    made.graph.output.insert(0, helper.make_tensor_value_info("label", TensorProto.INT64, ["n"]))
    return made


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"nodes_modes": ["BRANCH_EQ", "LEAF", "LEAF"]}, "compares by BRANCH_EQ"),
        ({"nodes_truenodeids": [0, 0, 0]}, "two ways to its node 0"),
        ({"nodes_falsenodeids": [7, 0, 0]}, "there is no node 7"),
        ({"nodes_featureids": [3, 0, 0]}, "feature 3"),
        ({"nodes_values": [1.0]}, "different lengths"),
        ({"class_ids": [0, 1, 9]}, "class 9"),
        ({"class_weights": [1.0, -0.75, 0.25]}, "boosted"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_tree_that_is_none_is_refused(other: Any, said: str, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=said):
        loaded(stump(**other), tmp_path)


def test_boosted_trees_are_refused(tmp_path: Path) -> None:
    features, labels = load_iris(return_X_y=True)
    model = GradientBoostingClassifier(n_estimators=2, random_state=0).fit(features, labels)
    with pytest.raises(ModelError, match="boosted"):
        loaded(to_onnx(model, features[:1].astype(np.float32)), tmp_path)


@pytest.mark.parametrize(
    ("node", "said"),
    [
        (helper.make_node("LSTM", ["x", "w", "w"], ["y"], "memory"), r"'memory' \(LSTM\) is not"),
        (helper.make_node("MaxPool", ["x"], ["y"], kernel_shape=[2]), r"0 \(MaxPool\) is not"),
        (helper.make_node("Mul", ["x", "x"], ["y"]), "has 2 inputs"),
        (helper.make_node("Div", ["w", "x"], ["y"]), "has 1 inputs"),
        (helper.make_node("Gemm", ["x", "w"], ["y"], transA=1), "transA"),
        (helper.make_node("Cast", ["x"], ["y"], to=TensorProto.INT8), "a cast"),
        (helper.make_node("MatMul", ["x", "b"], ["y"]), "shapes do not fit"),
        (helper.make_node("Softmax", ["x"], ["y"], axis=0), "where it cannot"),
    ],
    ids=["lstm", "pool", "square", "inverse", "transposed", "cast", "shape", "axis"],
)
def test_an_unsupported_node_is_named(node: Any, said: str, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=said):
        loaded(graph([node], [4], w=normal(4, 3), b=normal(5, 3)), tmp_path)


def test_a_hidden_layer_without_relu_is_named(tmp_path: Path) -> None:
    nodes = [helper.make_node("Gemm", ["x", "w"], ["h"]),
             helper.make_node("Sigmoid", ["h"], ["s"], "squash"),
             helper.make_node("Gemm", ["s", "v"], ["y"], "after")]  # fmt: skip
    with pytest.raises(ModelError, match=r"'after' \(Gemm\) follows the scores.*Relu"):
        loaded(graph(nodes, [4], w=normal(4, 3), v=normal(3, 2)), tmp_path)


@pytest.mark.parametrize(
    ("node", "arrays"),
    [
        (helper.make_node("Conv", ["x", "k"], ["y"], pads=[10**6] * 4), {"k": normal(1, 1, 3, 3)}),
        (helper.make_node("MatMul", ["x", "k"], ["y"]), {"k": normal(1, 1, 15, 9000)}),
        (helper.make_node("Add", ["x", "k"], ["y"]), {"k": normal(1, 9000, 1, 1)}),
    ],
    ids=["pads", "units", "broadcast"],
)
def test_a_graph_that_would_fill_the_memory_is_refused(
    node: Any, arrays: Any, tmp_path: Path
) -> None:
    with pytest.raises(ModelError, match=r"node 0 \(.*expected"):
        loaded(graph([node], [1, 15, 15], **arrays), tmp_path)


def test_weights_in_another_file_are_refused(tmp_path: Path) -> None:
    proto = graph([helper.make_node("MatMul", ["x", "w"], ["y"])], [40], w=normal(40, 30))
    onnx.save_model(proto, tmp_path / "model.onnx", save_as_external_data=True, size_threshold=0,
                    location="weights.bin")  # fmt: skip
    with pytest.raises(ModelError, match="'w' lies in another file"):
        load_model(tmp_path / "model.onnx")


def test_what_the_checker_refuses_is_refused(tmp_path: Path) -> None:
    proto = graph([helper.make_node("Relu", ["x", "x"], ["y"])], [4])
    with pytest.raises(ModelError, match="checker"):
        loaded(proto, tmp_path)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, 10**6), value=st.integers(0, 255))
def test_a_damaged_file_ends_in_one_of_our_errors_or_in_a_model(
    place: int, value: int, tmp_path: Path
) -> None:
    proto = graph(NETS["gemm"][0], [6], w=normal(5, 6), b=normal(5), v=normal(5, 3))
    data = bytearray(proto.SerializeToString())
    data[place % len(data)] = value
    (tmp_path / "model.onnx").write_bytes(data)
    with suppress(KilolearnError):
        assert load_model(tmp_path / "model.onnx").body.width == 6
