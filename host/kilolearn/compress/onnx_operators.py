# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators of ONNX that are affine, each applied to a batch of probes.

A probe batch has shape (1 + inputs, ...): what the graph makes of a sample of zeros, and then of
each unit sample. An operator that is affine takes it to the next one; the differences from the
first are the weights. So every operator here is written for samples and needs no weights of its
own form.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kilolearn.errors import ModelError

__all__ = ["AFFINE", "UNITS_MAX", "Attributes", "Values"]

Values = NDArray[np.float64]
Attributes = Mapping[str, Any]

UNITS_MAX = 4096
"""Numbers that a sample is anywhere in the graph."""

_REACH_MAX = 16
_FLOATS = (1, 10, 11, 16)
"""float, float16, double and bfloat16 of TensorProto.DataType."""


def _gemm(attributes: Attributes, x: Values, weight: Values, bias: Any = 0.0) -> Values:
    if attributes.get("transA", 0):
        raise ModelError("transA is set; expected samples in rows")
    matrix = weight.T if attributes.get("transB", 0) else weight
    _check_units(matrix.shape[-1])
    scaled = attributes.get("alpha", 1.0) * (_flat(x) @ matrix)
    return np.asarray(scaled + attributes.get("beta", 1.0) * bias)


def _matmul(attributes: Attributes, x: Values, weight: Values) -> Values:
    return _gemm(attributes, x, weight)


def _flat(x: Values) -> Values:
    if x.ndim != 2:
        raise ModelError(f"a sample of shape {x.shape[1:]}; expected a row: flatten it before")
    return x


def _elementwise(of: Callable[[Any, Any], Any]) -> Callable[..., Values]:
    def apply(attributes: Attributes, x: Values, y: Values) -> Values:  # noqa: ARG001
        sizes = np.broadcast_shapes(x.shape, y.shape)
        _check_units(int(np.prod(sizes[1:])))
        if len(sizes) and sizes[0] != max(len(x) if x.ndim else 1, len(y) if y.ndim else 1):
            raise ModelError("a constant with a row a sample; expected one for all")
        return np.asarray(of(x, y))

    return apply


def _batch_normalization(
    attributes: Attributes, x: Values, scale: Values, bias: Values, mean: Values, spread: Values
) -> Values:
    form = (1, -1) + (1,) * (x.ndim - 2)
    factor = scale / np.sqrt(spread + attributes.get("epsilon", 1e-5))
    return np.asarray(x * factor.reshape(form) + (bias - mean * factor).reshape(form))


def _cast(attributes: Attributes, x: Values) -> Values:
    if attributes.get("to") not in _FLOATS:
        raise ModelError("a cast of numbers to another type than floats")
    return x


def _flatten(attributes: Attributes, x: Values) -> Values:
    if attributes.get("axis", 1) != 1:
        raise ModelError(f"axis={attributes['axis']}; expected 1: samples stay apart")
    return x.reshape(len(x), -1)


def _reshape(attributes: Attributes, x: Values, shape: Values) -> Values:  # noqa: ARG001
    """0 in a shape is the size that there was."""
    sizes = [int(size) for size in np.atleast_1d(shape)]
    if len(sizes) < 2 or len(sizes) > 4 or sizes[0] not in (-1, 0, 1):
        raise ModelError(f"shape {sizes[:8]}; expected (-1, ...): samples stay apart")
    return x.reshape(len(x), *(n if n else x.shape[1 + at] for at, n in enumerate(sizes[1:])))


def _scaler(attributes: Attributes, x: Values) -> Values:
    offset = np.asarray(attributes.get("offset", [0.0]), np.float64)
    scale = np.asarray(attributes.get("scale", [1.0]), np.float64)
    return np.asarray((_flat(x) - offset) * scale)


def _convolution(
    attributes: Attributes, x: Values, weight: Values, bias: Values | None = None
) -> Values:
    """X (rows, channels, height, width), weight (out, channels / groups, kernel, kernel)."""
    if x.ndim != 4 or weight.ndim != 4:
        raise ModelError(f"weights {weight.shape}; supported: two-dimensional convolutions")
    if attributes.get("auto_pad", "NOTSET") not in ("NOTSET", "VALID"):
        raise ModelError(f"auto_pad={attributes['auto_pad']}; expected pads that are written out")
    strides = _reach(attributes, "strides", [1, 1])
    dilations = _reach(attributes, "dilations", [1, 1])
    top, left, bottom, right = _reach(attributes, "pads", [0, 0, 0, 0], least=0)
    groups = int(attributes.get("group", 1))
    outs, channels, *kernel = weight.shape
    if groups < 1 or outs % groups or x.shape[1] != channels * groups:
        raise ModelError(f"weights {weight.shape} in {groups} groups for {x.shape[1]} channels")
    x = np.pad(x, ((0, 0), (0, 0), (top, bottom), (left, right)))
    sizes = [(x.shape[2 + axis] - dilations[axis] * (kernel[axis] - 1) - 1) // strides[axis] + 1
             for axis in (0, 1)]  # fmt: skip
    if min(sizes) < 1:
        raise ModelError(f"a kernel of {kernel} on {x.shape[2:]} pixels; expected a smaller one")
    _check_units(outs * sizes[0] * sizes[1])
    parts = []
    for group in range(groups):
        own = weight[group * (outs // groups) : (group + 1) * (outs // groups)]
        here = x[:, group * channels : (group + 1) * channels]
        total = np.zeros((len(x), len(own), *sizes))
        for i, j in np.ndindex(*kernel):
            down, along = (dilations[0] * i, dilations[1] * j)
            seen = here[:, :, down :: strides[0], along :: strides[1]][..., : sizes[0], : sizes[1]]
            total += np.einsum("rchw,oc->rohw", seen, own[:, :, i, j], optimize=True)
        parts.append(total)
    made = np.concatenate(parts, axis=1)
    return made if bias is None else np.asarray(made + bias.reshape(1, -1, 1, 1))


def _reach(attributes: Attributes, name: str, default: list[int], least: int = 1) -> list[int]:
    values = list(attributes.get(name, default))
    if len(values) != len(default) or not all(least <= value <= _REACH_MAX for value in values):
        raise ModelError(
            f"{name}={values[:8]}; expected {len(default)} numbers of {least}..{_REACH_MAX}"
        )
    return values


def _check_units(units: int) -> None:
    if units > UNITS_MAX:
        raise ModelError(f"makes {units:,} numbers of a sample; expected at most {UNITS_MAX:,}")


def _same(attributes: Attributes, x: Values, *_: Any) -> Values:  # noqa: ARG001
    return x


AFFINE: Mapping[str, Callable[..., Values]] = {
    "Add": _elementwise(np.add),
    "BatchNormalization": _batch_normalization,
    "Cast": _cast,
    "Conv": _convolution,
    "Div": _elementwise(np.divide),
    "Dropout": _same,
    "Flatten": _flatten,
    "Gemm": _gemm,
    "Identity": _same,
    "MatMul": _matmul,
    "Mul": _elementwise(np.multiply),
    "Reshape": _reshape,
    "Scaler": _scaler,
    "Sub": _elementwise(np.subtract),
}
"""By operator: ``apply(attributes, x, *others)``, x a batch of probes, the others constants."""
