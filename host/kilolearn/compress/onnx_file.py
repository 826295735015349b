# SPDX-License-Identifier: GPL-3.0-or-later
"""ONNX files: dense layers, convolutions and trees, as a model in real numbers.

The graph is walked once. A value in it is a constant, or what a sample has become: rectified layers
and, since the last rectifier, something affine (`onnx_operators`). Nothing of the file is run.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kilolearn.compress.archive import check_file
from kilolearn.compress.model import PARAMETERS_MAX, WIDTH_MAX, Model, Network, Trees
from kilolearn.compress.onnx_operators import AFFINE, Attributes, Values
from kilolearn.compress.onnx_trees import trees_of
from kilolearn.errors import MissingExtraError, ModelError
from kilolearn.export.layers import Affine

__all__ = ["load_onnx"]

_SCORES = ("ArgMax", "LogSoftmax", "Sigmoid", "Softmax", "ZipMap")
"""What turns scores into an answer; the highest score stays the highest."""
_AFTER = ("ArgMax", "ArrayFeatureExtractor", "Cast", "Concat", "Identity", "Normalizer", "Reshape",
          "Sub", "ZipMap")  # fmt: skip
"""What only writes the answer in another way."""
_CLASSIFIERS = ("LinearClassifier", "TreeEnsembleClassifier")
_SUPPORTED = sorted({*AFFINE, *_SCORES, *_AFTER, *_CLASSIFIERS, "Concat", "Constant", "Relu"})
_NODES_MAX = 1000


@dataclass(frozen=True)
class _Seen:
    """What a sample has become.

    Attributes:
        layers: Rectified layers that are done.
        probes: (1 + inputs, ...) since then; see `onnx_operators`.
    """

    layers: tuple[Affine, ...]
    probes: Values

    def affine(self) -> Affine:
        """Weights (outputs, inputs) and biases (outputs,) since the last rectifier."""
        rows = self.probes.reshape(len(self.probes), -1)
        return (rows[1:] - rows[0]).T, rows[0]

    def rectified(self) -> _Seen:
        """After a rectifier, which ends a layer."""
        outputs = self.probes[0].size
        unit = np.vstack([np.zeros(outputs), np.eye(outputs)])
        return _Seen(
            (*self.layers, self.affine()), unit.reshape(1 + outputs, *self.probes.shape[1:])
        )


class _Answer:
    """What follows the scores; nothing more is computed from it."""


_Value = NDArray[Any] | _Seen | _Answer


def load_onnx(path: Path) -> Model:
    """Read an ONNX model.

    Raises:
        ModelError: Damaged, too large, external data, or an operator that is not supported; the
            message names the node.
        MissingExtraError: onnx is not installed.
    """
    try:
        import onnx  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise MissingExtraError(
            f"onnx is not installed ({error}); run: pip install 'kilolearn[models]'"
        ) from error
    check_file(path)
    try:
        proto = onnx.load(path, format="protobuf", load_external_data=False)
    except Exception as error:
        raise ModelError(
            f"{path}: not a readable ONNX file ({type(error).__name__}); export the model again"
        ) from error
    _refuse_external(path, proto.graph)
    try:
        onnx.checker.check_model(proto)
    except (onnx.checker.ValidationError, ValueError, TypeError) as error:
        reason = " ".join(str(error).split())[:200]
        raise ModelError(f"{path}: the ONNX checker refuses it ({reason})") from error
    try:
        return _Walk(path, proto.graph).model()
    except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        raise ModelError(f"{path}: shapes do not fit each other ({error})") from error


def _refuse_external(path: Path, graph: Any) -> None:
    for tensor in graph.initializer:
        if tensor.data_location == tensor.EXTERNAL:
            raise ModelError(
                f"{path}: {tensor.name!r} lies in another file; expected all weights in this one: "
                f"save it without external data"
            )
    if len(graph.node) > _NODES_MAX:
        raise ModelError(f"{path}: {len(graph.node):,} nodes; expected at most {_NODES_MAX:,}")


class _Walk:
    """One walk through a graph."""

    def __init__(self, path: Path, graph: Any) -> None:
        self._path = path
        self._graph = graph
        self._body: Network | Trees | None = None
        self._labels: tuple[str, ...] | None = None
        self._values: dict[str, _Value] = {
            tensor.name: self._array(tensor.name, tensor) for tensor in graph.initializer
        }

    def model(self) -> Model:
        """Walk it."""
        given = [entry for entry in self._graph.input if entry.name not in self._values]
        if len(given) != 1:
            raise ModelError(f"{self._path}: {len(given)} inputs; expected one, the samples")
        shape = self._sample_shape(given[0])
        width = math.prod(shape)
        unit = np.vstack([np.zeros(width), np.eye(width)])
        self._values[given[0].name] = _Seen((), unit.reshape(1 + width, *shape))
        for number, node in enumerate(self._graph.node):
            self._step(node, f"{self._path}: node {node.name or number!r} ({node.op_type})")
        for output in self._graph.output:
            last = self._values.get(output.name)
            if isinstance(last, _Seen) and self._body is None:
                self._end(f"{self._path}: output {output.name!r}", last)
        if self._body is None:
            raise ModelError(f"{self._path}: no output depends on the sample; expected scores")
        return Model(self._body, self._path.name, self._labels)

    def _sample_shape(self, entry: Any) -> tuple[int, ...]:
        sizes = [dimension.dim_value for dimension in entry.type.tensor_type.shape.dim]
        shape = tuple(sizes[1:])
        if not shape or min(shape) < 1 or math.prod(shape) > WIDTH_MAX:
            raise ModelError(
                f"{self._path}: input {entry.name!r} has shape {tuple(sizes)} (0: not said); "
                f"expected (samples, ...) with 1..{WIDTH_MAX} numbers a sample: export it with a "
                f"fixed shape"
            )
        return shape

    def _array(self, name: str, tensor: Any) -> NDArray[Any]:
        from onnx import numpy_helper  # noqa: PLC0415 - an extra

        if (count := math.prod(tensor.dims)) > PARAMETERS_MAX:
            raise ModelError(
                f"{self._path}: {name!r} has {count:,} numbers; expected at most "
                f"{PARAMETERS_MAX:,}: distil the model into a smaller one first"
            )
        return np.asarray(numpy_helper.to_array(tensor))

    def _step(self, node: Any, name: str) -> None:
        import onnx  # noqa: PLC0415 - an extra

        attributes = {entry.name: _text(onnx.helper.get_attribute_value(entry))
                      for entry in node.attribute}  # fmt: skip
        kind = node.op_type
        if kind == "Constant":
            self._values[node.output[0]] = self._constant(name, attributes)
            return
        absent = [entry for entry in node.input if entry and entry not in self._values]
        if absent:
            raise ModelError(f"{name} takes {absent[0]!r}, which nothing gives; expected a graph")
        inputs = [self._values[entry] for entry in node.input if entry]
        made: _Value = _Answer()
        seen = [entry for entry in inputs if isinstance(entry, _Seen)]
        if kind == "ZipMap":
            self._labels = _labels(attributes, "classlabels_strings", "classlabels_int64s")
        if any(isinstance(entry, _Answer) for entry in inputs):
            self._after(kind, name, inputs)
        elif kind == "Relu" and len(seen) == 1:
            made = seen[0].rectified()
        elif kind == "Concat" and len(seen) == len(inputs) > 0:
            made = _side_by_side(name, seen, attributes)
        elif kind in AFFINE and len(seen) == 1 and (seen[0] is inputs[0] or kind in ("Add", "Mul")):
            made = self._affine(kind, name, inputs, attributes)
        elif kind in _SCORES and len(seen) == 1 and attributes.get("axis", -1) in (1, -1):
            self._end(name, seen[0])
        elif kind in _CLASSIFIERS and len(seen) == 1:
            self._classifier(kind, name, seen[0], attributes)
        elif kind not in _SUPPORTED:
            raise ModelError(f"{name} is not supported; supported: {', '.join(_SUPPORTED)}")
        else:
            raise ModelError(
                f"{name} has {len(seen)} inputs that depend on the sample where it cannot; "
                f"supported: one path from the sample to the scores"
            )
        for output in node.output:
            self._values[output] = made

    def _constant(self, name: str, attributes: Attributes) -> NDArray[Any]:
        ((kind, value),) = attributes.items()
        if kind == "value":
            return self._array(name, value)
        if kind not in ("value_float", "value_floats", "value_int", "value_ints"):
            raise ModelError(f"{name} holds {kind}; supported: numbers")
        return np.asarray(value, np.float64)

    def _affine(self, kind: str, name: str, inputs: list[_Value], attributes: Attributes) -> _Seen:
        before = next(entry for entry in inputs if isinstance(entry, _Seen))
        arrays = [entry.probes if isinstance(entry, _Seen) else np.asarray(entry, np.float64)
                  for entry in inputs]  # fmt: skip
        try:
            return _Seen(before.layers, AFFINE[kind](attributes, *arrays))
        except ModelError as error:
            raise ModelError(f"{name}: {error}") from error
        except (ValueError, TypeError, IndexError) as error:
            raise ModelError(f"{name}: shapes do not fit each other ({error})") from error

    def _after(self, kind: str, name: str, inputs: list[_Value]) -> None:
        constants = [entry for entry in inputs if isinstance(entry, np.ndarray)]
        if kind not in _AFTER or (kind == "Sub" and not np.all(np.asarray(inputs[0]) == 1)):
            raise ModelError(
                f"{name} follows the scores; expected them at the end (hidden layers: Relu)"
            )
        if kind == "ArrayFeatureExtractor" and constants and constants[0].size > 1:
            self._labels = tuple(str(label) for label in constants[0].ravel())

    def _classifier(self, kind: str, name: str, seen: _Seen, attributes: Attributes) -> None:
        labels = _labels(
            attributes, "classlabels_strings", "classlabels_ints", "classlabels_int64s"
        )
        if labels is None:
            raise ModelError(f"{name} has no class labels; expected them")
        self._labels = labels
        weight, bias = seen.affine()
        if kind == "LinearClassifier":
            matrix = np.asarray(attributes["coefficients"], np.float64).reshape(-1, len(bias))
            offsets = np.asarray(attributes.get("intercepts", [0.0] * len(matrix)), np.float64)
            probes = seen.probes.reshape(len(seen.probes), -1) @ matrix.T + offsets
            self._end(name, _Seen(seen.layers, probes))
            return
        factor = np.diagonal(weight)
        if seen.layers or not np.array_equal(np.diag(factor), weight) or not (factor > 0).all():
            raise ModelError(f"{name} follows layers; supported: trees on scaled features")
        self._finish(name, trees_of(name, attributes, len(labels), factor, bias))

    def _end(self, name: str, seen: _Seen) -> None:
        self._finish(name, Network((*seen.layers, seen.affine())))

    def _finish(self, name: str, body: Network | Trees) -> None:
        if self._body is not None and not _same_body(self._body, body):
            raise ModelError(f"{name}: a second set of scores; expected one")
        self._body = body


def _same_body(one: Network | Trees, other: Network | Trees) -> bool:
    if isinstance(one, Trees) or isinstance(other, Trees):
        return False
    return all(
        np.array_equal(a, b)
        for layer, twin in zip(one.layers, other.layers, strict=True)
        for a, b in zip(layer, twin, strict=True)
    )


def _side_by_side(name: str, parts: list[_Seen], attributes: Attributes) -> _Seen:
    """Scores of two classes made of one: its negative and itself, say."""
    if attributes.get("axis") not in (1, -1) or any(
        part.layers is not parts[0].layers for part in parts
    ):
        raise ModelError(f"{name}: puts together what is not of one layer; expected scores")
    return _Seen(parts[0].layers, np.concatenate([part.probes for part in parts], axis=1))


def _labels(attributes: Attributes, *names: str) -> tuple[str, ...] | None:
    for name in names:
        if attributes.get(name):
            return tuple(str(label) for label in attributes[name])
    return None


def _text(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, list) and value and isinstance(value[0], bytes):
        return [_text(entry) for entry in value]
    return value
