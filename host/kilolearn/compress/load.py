# SPDX-License-Identifier: GPL-3.0-or-later
"""A model from a file, whatever wrote it; no pickle is ever loaded."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from kilolearn.compress.archive import check_file
from kilolearn.compress.estimators import read_skops
from kilolearn.compress.model import Model
from kilolearn.compress.onnx_file import load_onnx
from kilolearn.compress.state import load_npz, load_safetensors
from kilolearn.compress.torch_state import load_torch
from kilolearn.errors import ModelError

__all__ = ["LOADERS", "load_estimator", "load_model"]

LOADERS: dict[str, Callable[[Path], Model]] = {
    ".npz": load_npz,
    ".onnx": load_onnx,
    ".pt": load_torch,
    ".pth": load_torch,
    ".safetensors": load_safetensors,
    ".skops": lambda path: read_skops(path)[1],
}
"""By suffix."""

_PICKLES = (".dill", ".joblib", ".pickle", ".pkl")
_ADVICE = "a model of scikit-learn is saved by skops.io.dump(model, 'model.skops')"


def load_model(path: Path) -> Model:
    """Read a model.

    Raises:
        ModelError: No such file, a pickle, another kind of file, or one that its loader refuses.
        MissingExtraError: What reads it is not installed.
    """
    return LOADERS[_kind(path, LOADERS)](path)


def load_estimator(path: Path) -> Any:
    """Read a fitted estimator of scikit-learn from a .skops file; its numbers have been checked.

    Raises:
        ModelError: As for `load_model`.
        MissingExtraError: skops is not installed.
    """
    _kind(path, [".skops"])
    return read_skops(path)[0]


def _kind(path: Path, kinds: Collection[str]) -> str:
    """The suffix of a file that is there, no pickle, not too large, and of one of the kinds."""
    suffix = path.suffix.lower()
    if suffix in _PICKLES or (path.is_file() and _is_pickle(path)):
        raise ModelError(
            f"{path} is a pickle, which is never loaded: it could run anything on this machine; "
            f"expected {', '.join(kinds)}; {_ADVICE}"
        )
    if suffix not in kinds:
        raise ModelError(f"{path}: unknown kind {suffix!r}; expected {', '.join(kinds)}; {_ADVICE}")
    check_file(path)
    return suffix


def _is_pickle(path: Path) -> bool:
    """Whether it begins as pickles of protocol 2 to 5 do."""
    with path.open("rb") as file:
        head = file.read(2)
    return head[:1] == b"\x80" and head[1:] in (b"\x02", b"\x03", b"\x04", b"\x05")
