# SPDX-License-Identifier: GPL-3.0-or-later
"""Named arrays as a network: what torch, safetensors and .npz files hold.

A state says the weights of its layers and not what stands between them: rectifiers are taken.
"""

from __future__ import annotations

import json
import math
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from kilolearn.compress.archive import check_file, open_archive
from kilolearn.compress.model import PARAMETERS_MAX, Model, Network
from kilolearn.errors import ModelError

__all__ = ["checked_shape", "load_npz", "load_safetensors", "network_of"]

Floats = NDArray[np.float64]

_SAFE_TYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2"}


def load_npz(path: Path) -> Model:
    """Read ``weight_0, bias_0, weight_1, bias_1, ...``; weights are (outputs, inputs).

    Raises:
        ModelError: Damaged, too large, an array of objects (a pickle), or other names.
    """
    arrays: dict[str, Floats] = {}
    with open_archive(path) as archive:
        for name in archive.namelist():
            with archive.open(name) as member:
                arrays[name.removesuffix(".npy")] = _npy(path, name, member)
    order = sorted(arrays, key=lambda name: (_number(name), not name.startswith("weight_")))
    named = {}
    for name in order:
        kind, _, number = name.partition("_")
        if kind not in ("weight", "bias") or not number.isdecimal():
            raise ModelError(
                f"{path}: holds {name!r}; expected weight_0, bias_0, weight_1, bias_1, ..."
            )
        named[f"{number}.{kind}"] = arrays[name]
    return network_of(path, named)


def _number(name: str) -> int:
    digits = name.rpartition("_")[2]
    return int(digits) if digits.isdecimal() and len(digits) < 5 else -1


def _npy(path: Path, name: str, member: Any) -> Floats:
    """One array; its header is looked at before there is room for it."""
    form = np.lib.format
    try:
        version = form.read_magic(member)
        read = form.read_array_header_1_0 if version == (1, 0) else form.read_array_header_2_0
        shape, fortran, dtype = read(member)
        if dtype.kind not in "fiu":
            raise ModelError(
                f"{path}: {name} holds {dtype}, not numbers; expected floats (an array of objects "
                f"is a pickle, and none is loaded)"
            )
        count = checked_shape(path, name, shape)
        data = member.read(count * dtype.itemsize)
        array = np.frombuffer(data, dtype, count).reshape(shape, order="F" if fortran else "C")
    except (ValueError, zlib.error) as error:
        raise ModelError(f"{path}: {name} is damaged ({error}); save it again") from error
    return array.astype(np.float64)


def load_safetensors(path: Path) -> Model:
    """Read a safetensors file: eight bytes of length, a JSON header, raw numbers.

    Raises:
        ModelError: Damaged, too large, or types that are no floats.

    Source: https://github.com/huggingface/safetensors, "Format".
    """
    check_file(path)
    data = path.read_bytes()
    start = 8 + int.from_bytes(data[:8], "little")
    try:
        if len(data) < 8 or start > len(data):
            raise ValueError(f"{len(data)} bytes for a header of {start - 8}")
        header = json.loads(data[8:start])
        if not isinstance(header, dict):
            raise ValueError("the header is no object")
        header.pop("__metadata__", None)
        order = sorted(header, key=lambda name: header[name]["data_offsets"][0])
        arrays = {name: _safe_tensor(path, name, header[name], data[start:]) for name in order}
    except (ValueError, TypeError, KeyError, IndexError, RecursionError) as error:
        raise ModelError(
            f"{path}: not a readable safetensors file ({error}); save it again"
        ) from error
    return network_of(path, dict(sorted(arrays.items(), key=lambda item: _natural(item[0]))))


def _safe_tensor(path: Path, name: str, entry: Mapping[str, Any], data: bytes) -> Floats:
    if entry["dtype"] not in _SAFE_TYPES:
        raise ModelError(
            f"{path}: {name} holds {entry['dtype']}; expected {', '.join(_SAFE_TYPES)}"
        )
    first, end = entry["data_offsets"]
    checked_shape(path, name, entry["shape"])
    numbers = np.frombuffer(data[first:end], _SAFE_TYPES[entry["dtype"]])
    return cast("Floats", numbers.reshape(entry["shape"]).astype(np.float64))


def _natural(name: str) -> list[tuple[int, str]]:
    """``2.weight`` before ``10.weight``, and a layer's weight before its bias."""
    layer, _, part = name.rpartition(".")
    key = [(int(word), "") if word.isdecimal() else (-1, word) for word in layer.split(".")]
    return [*key, (part != "weight", part)]


def checked_shape(path: Path, name: str, shape: Any) -> int:
    """How many numbers a shape has.

    Raises:
        ModelError: No shape, or more than `PARAMETERS_MAX`.
    """
    sizes = tuple(shape)
    if any(not isinstance(size, int) or size < 0 for size in sizes) or len(sizes) > 8:
        raise ModelError(f"{path}: {name} has shape {sizes}; expected whole numbers")
    count: int = math.prod(sizes)
    if count > PARAMETERS_MAX:
        raise ModelError(
            f"{path}: {name} has {count:,} numbers; expected at most {PARAMETERS_MAX:,}: distil "
            f"the model into a smaller one first"
        )
    return count


def network_of(path: Path, arrays: Mapping[str, Floats]) -> Model:
    """Pair ``LAYER.weight`` (outputs, inputs) with ``LAYER.bias`` (outputs,), in the given order.

    Raises:
        ModelError: An array that belongs to no dense layer, a layer without its weight, or layers
            that do not follow each other.
    """
    layers: dict[str, dict[str, Floats]] = {}
    for name, array in arrays.items():
        layer, _, part = name.rpartition(".")
        dimensions = {"weight": 2, "bias": 1}.get(part)
        if dimensions is None or array.ndim != dimensions:
            raise ModelError(
                f"{path}: layer {layer or name!r} has {part or name} {array.shape}, which is no "
                f"dense layer's; supported: dense layers (weight (outputs, inputs), bias "
                f"(outputs,)) with rectifiers between; give others as ONNX"
            )
        layers.setdefault(layer, {})[part] = array
    if not layers:
        raise ModelError(f"{path}: holds no arrays; expected weights and biases of layers")
    pairs = []
    for layer, parts in layers.items():
        if "weight" not in parts:
            raise ModelError(f"{path}: layer {layer!r} has a bias and no weight; expected both")
        weight = parts["weight"]
        pairs.append((weight, parts.get("bias", np.zeros(len(weight)))))
    return Model(Network(tuple(pairs)), path.name)
