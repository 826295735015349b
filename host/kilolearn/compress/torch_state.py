# SPDX-License-Identifier: GPL-3.0-or-later
"""A torch state (``torch.save(model.state_dict(), path)``) read as data: no pickle is loaded.

The file is a zip archive: raw numbers in ``data/KEY``, and a pickle program that says which tensor
is where in them. Here a small machine reads that program. It knows the instructions that a state
needs, imports and calls nothing, and refuses all else.

Source: torch/serialization.py; the instructions: ``pickletools`` of Python.
"""

from __future__ import annotations

import math
import pickletools
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kilolearn.compress.archive import open_archive
from kilolearn.compress.model import Model
from kilolearn.compress.state import checked_shape, network_of
from kilolearn.errors import ModelError

__all__ = ["load_torch"]

_STORAGES = {"DoubleStorage": "<f8", "FloatStorage": "<f4", "HalfStorage": "<f2",
             "BFloat16Storage": "<u2"}  # fmt: skip
_ADVICE = "expected what torch.save(model.state_dict(), path) writes"
_PROGRAM_MAX = 1 << 20


def load_torch(path: Path) -> Model:
    """Read a state of dense layers; rectifiers are taken to stand between them.

    Raises:
        ModelError: A whole module or another pickle, a damaged file, or layers of other kinds.
    """
    if path.is_file() and not zipfile.is_zipfile(path):
        raise ModelError(
            f"{path}: no archive as torch has written since 1.6, and pickles are not loaded; "
            f"{_ADVICE}"
        )
    with open_archive(path) as archive:
        programs = [name for name in archive.namelist() if name.endswith("/data.pkl")]
        if len(programs) != 1:
            raise ModelError(f"{path}: {len(programs)} members data.pkl; {_ADVICE}")
        folder = programs[0].removesuffix("data.pkl")
        order = f"{folder}byteorder"
        if order in archive.namelist() and archive.read(order) != b"little":
            raise ModelError(f"{path}: numbers of a big-endian machine; save it on another")
        program = archive.read(programs[0])
        if len(program) > _PROGRAM_MAX:
            raise ModelError(f"{path}: a program of {len(program):,} B; {_ADVICE}")
        try:
            state = _Reader(path, archive, folder).read(program)
        except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
            raise ModelError(f"{path}: damaged, or no state ({error}); {_ADVICE}") from error
    strangers = [name for name, array in state.items() if not isinstance(array, np.ndarray)]
    if strangers or not all(isinstance(name, str) for name in state):
        raise ModelError(f"{path}: {strangers[0]!r} is no array; {_ADVICE}")
    return network_of(path, state)


class _Name(str):
    """What a program would import; never imported."""

    __slots__ = ()


class _Mark:
    """Where a group begins on the stack."""


class _Reader:
    """Runs the few instructions of a state's program.

    Raises, in `read`:
        ModelError: An instruction or a name that a state does not need.
        ValueError, TypeError, KeyError, IndexError, AttributeError: A damaged program.
    """

    def __init__(self, path: Path, archive: zipfile.ZipFile, folder: str) -> None:
        self._path = path
        self._archive = archive
        self._folder = folder
        self._stack: list[Any] = []
        self._memo: dict[int, Any] = {}

    def read(self, program: bytes) -> dict[str, NDArray[np.float64]]:
        stack = self._stack
        for opcode, value, _ in pickletools.genops(program):
            self._step(opcode.name, value)
        state = stack.pop()
        if not isinstance(state, dict):
            raise ValueError(f"it holds a {type(state).__name__}")
        return state

    def _step(self, name: str, value: Any) -> None:
        stack = self._stack
        if name in ("PROTO", "STOP"):
            return
        if name == "GLOBAL":
            stack.append(_Name(value))
        elif name in ("BINUNICODE", "BININT", "BININT1", "BININT2"):
            stack.append(value)
        elif name in ("NEWTRUE", "NEWFALSE", "NONE"):
            stack.append({"NEWTRUE": True, "NEWFALSE": False, "NONE": None}[name])
        elif name in ("BINPUT", "LONG_BINPUT"):
            self._memo[value] = stack[-1]
        elif name in ("BINGET", "LONG_BINGET"):
            stack.append(self._memo[value])
        elif name == "MARK":
            stack.append(_Mark())
        elif name in ("EMPTY_TUPLE", "EMPTY_DICT"):
            stack.append(() if name == "EMPTY_TUPLE" else {})
        elif name in ("TUPLE1", "TUPLE2", "TUPLE3"):
            count = int(name[-1])
            stack[-count:] = [tuple(stack[-count:])]
        elif name == "TUPLE":
            stack.append(tuple(self._group()))
        elif name == "SETITEMS":
            pairs = self._group()
            stack[-1].update(zip(pairs[::2], pairs[1::2], strict=True))
        elif name == "SETITEM":
            entry = stack.pop()
            stack[-2][stack.pop()] = entry
        elif name == "BINPERSID":
            stack.append(self._storage(*stack.pop()))
        elif name == "BUILD":  # attributes of the dictionary: versions of the modules
            stack.pop()
        elif name == "REDUCE":
            arguments = stack.pop()
            stack.append(self._call(stack.pop(), arguments))
        else:
            raise ModelError(
                f"{self._path}: more than a state (its pickle says {name}), and pickles are not "
                f"loaded; {_ADVICE}"
            )

    def _group(self) -> list[Any]:
        """What was pushed since the last mark."""
        start = max(at for at, item in enumerate(self._stack) if isinstance(item, _Mark))
        group = self._stack[start + 1 :]
        del self._stack[start:]
        return group

    def _call(self, name: _Name, arguments: tuple[Any, ...]) -> Any:
        if name == "collections OrderedDict" and not arguments:
            return {}
        if name == "torch._utils _rebuild_tensor_v2":
            return self._tensor(*arguments[:4])
        raise ModelError(
            f"{self._path}: a pickle that calls {name.replace(' ', '.')}, which is not loaded: it "
            f"could run anything; {_ADVICE}"
        )

    def _storage(self, kind: str, storage: _Name, key: str, _device: str, count: int) -> Any:
        dtype = _STORAGES.get(storage.removeprefix("torch "))
        if kind != "storage" or dtype is None:
            raise ModelError(f"{self._path}: numbers as {storage}; expected {', '.join(_STORAGES)}")
        checked_shape(self._path, f"storage {key}", (count,))
        data = self._archive.read(f"{self._folder}data/{key}")
        numbers = np.frombuffer(data, dtype, count)
        if storage == "torch BFloat16Storage":
            numbers = (numbers.astype("<u4") << 16).view("<f4")
        return numbers.astype(np.float64)

    def _tensor(
        self, storage: NDArray[np.float64], offset: int, size: Any, stride: Any
    ) -> NDArray[np.float64]:
        """A view of the storage: element (i, j) is at offset + i stride[0] + j stride[1]."""
        count = checked_shape(self._path, "a tensor", size)
        checked_shape(self._path, "strides", (*stride, offset))
        if len(size) != len(stride) or math.prod(size) == 0:
            raise ValueError(f"a tensor {tuple(size)} with strides {tuple(stride)}")
        places = np.full((1,) * len(size), offset)
        for axis, (length, step) in enumerate(zip(size, stride, strict=True)):
            shape = [1] * len(size)
            shape[axis] = length
            places = places + step * np.arange(length).reshape(shape)
        if places.size != count or places.max() >= len(storage):
            raise ValueError(f"a tensor {tuple(size)} beyond its {len(storage)} numbers")
        return np.asarray(storage[places])
