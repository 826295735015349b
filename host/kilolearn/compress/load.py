# SPDX-License-Identifier: GPL-3.0-or-later
"""A model from a file, whatever wrote it; no pickle is ever loaded."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from kilolearn.compress.archive import check_file
from kilolearn.compress.estimators import load_skops
from kilolearn.compress.model import Model
from kilolearn.compress.onnx_file import load_onnx
from kilolearn.compress.state import load_npz, load_safetensors
from kilolearn.compress.torch_state import load_torch
from kilolearn.errors import ModelError

__all__ = ["LOADERS", "load_model"]

LOADERS: dict[str, Callable[[Path], Model]] = {
    ".npz": load_npz,
    ".onnx": load_onnx,
    ".pt": load_torch,
    ".pth": load_torch,
    ".safetensors": load_safetensors,
    ".skops": load_skops,
}
"""By suffix."""

_PICKLES = (".dill", ".joblib", ".pickle", ".pkl")
_ADVICE = (
    "save a scikit-learn model by skops.io.dump(model, 'model.skops'), another as ONNX, "
    "safetensors or .npz"
)


def load_model(path: Path) -> Model:
    """Read a model.

    Raises:
        ModelError: No such file, a pickle, another kind of file, or one that its loader refuses.
        MissingExtraError: What reads it is not installed.
    """
    suffix = path.suffix.lower()
    if suffix in _PICKLES or (path.is_file() and _is_pickle(path)):
        raise ModelError(
            f"{path} is a pickle, which is never loaded: it could run anything on this machine; "
            f"{_ADVICE}"
        )
    if suffix not in LOADERS:
        raise ModelError(f"{path}: unknown kind {suffix!r}; expected {', '.join(LOADERS)}")
    check_file(path)
    return LOADERS[suffix](path)


def _is_pickle(path: Path) -> bool:
    """Whether it begins as pickles of protocol 2 to 5 do, or is packed as joblib packs."""
    with path.open("rb") as file:
        head = file.read(2)
    return head[:1] == b"\x80" and head[1:] in (b"\x02", b"\x03", b"\x04", b"\x05")
