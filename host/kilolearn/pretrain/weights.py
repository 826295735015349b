# SPDX-License-Identifier: GPL-3.0-or-later
"""A trained model as integers: the file between training and the chip's tables.

An .npz with ``family`` (text), ``alphabet`` uint8 (symbols,), ``shape`` int32 (the family's
numbers) and what its layout names: levels int8 (rows, width), ``NAME_scale`` uint8 (rows,) or (1,),
vectors int8. What a level or a vector's 1 stands for: `layout`.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kilolearn.errors import DatasetError, WeightsError
from kilolearn.pretrain.family import Family, family_of
from kilolearn.pretrain.layout import LEVEL_MAX, LEVEL_MIN
from kilolearn.pretrain.operations import Array

__all__ = ["PretrainedWeights", "store_arrays", "stored_arrays"]

Integers = Mapping[str, NDArray[np.int16]]


@dataclass(frozen=True)
class PretrainedWeights:
    """A model and its integers.

    Attributes:
        family: Its shape and formula.
        alphabet: Byte i is symbol i.
        integers: All that the layout names, as int16.
    """

    family: Family
    alphabet: bytes
    integers: Integers

    def __post_init__(self) -> None:
        layout = self.family.layout
        for matrix in layout.matrices:
            self._check(matrix.name, (matrix.rows, layout.width), LEVEL_MIN, LEVEL_MAX)
            self._check(f"{matrix.name}_scale", (matrix.scales,), 1, matrix.scale_max)
        for vector in layout.vectors:
            self._check(vector.name, vector.shape, vector.low, 127)

    def _check(self, name: str, shape: tuple[int, ...], low: int, high: int) -> None:
        if name not in self.integers:
            raise WeightsError(
                f"the weights lack {name}; write the file again by kilolearn pretrain"
            )
        found = self.integers[name]
        if found.shape != shape or (found.size and (found.min() < low or found.max() > high)):
            raise WeightsError(
                f"{name} has shape {found.shape}, {found.min()}..{found.max()}; expected {shape}, "
                f"{low}..{high}; write the file again by kilolearn pretrain"
            )

    @classmethod
    def load(cls, path: Path) -> PretrainedWeights:
        """Read a file.

        Raises:
            WeightsError: It cannot be read, or does not hold a family's numbers.
        """
        arrays = stored_arrays(path)
        try:
            alphabet = arrays.pop("alphabet").astype(np.uint8).tobytes()
            family = family_of(
                str(arrays.pop("family")), len(alphabet), arrays.pop("shape").tolist()
            )
            return cls(family, alphabet, {n: a.astype(np.int16) for n, a in arrays.items()})
        except (ValueError, KeyError, TypeError) as error:
            raise WeightsError(
                f"{path}: {error}; expected weights that kilolearn pretrain wrote; give such a file"
            ) from error

    def save(self, path: Path) -> None:
        """Write the file.

        Raises:
            DatasetError: It cannot be written.
        """
        stored = {
            name: array.astype(np.uint8 if name.endswith("_scale") else np.int8)
            for name, array in self.integers.items()
        }
        about = {
            "family": np.array(self.family.name),
            "alphabet": np.frombuffer(self.alphabet, np.uint8),
            "shape": np.array(self.family.shape, np.int32),
        }
        store_arrays(path, about | stored)

    def real(self) -> dict[str, Array]:
        """What the integers stand for, float32."""
        layout = self.family.layout
        real = {v.name: self.integers[v.name] * np.float32(v.step) for v in layout.vectors}
        for matrix in layout.matrices:
            scale = self.integers[f"{matrix.name}_scale"] * np.float32(matrix.unit)
            real[matrix.name] = self.integers[matrix.name] * scale[:, None]
        return real


def stored_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """The arrays of an .npz.

    Raises:
        WeightsError: It is none, or cannot be read.
    """
    try:
        with path.open("rb") as file, np.load(file) as archive:
            return {name: archive[name] for name in archive.files}
    except (OSError, EOFError, ValueError, AttributeError, zipfile.BadZipFile) as error:
        raise WeightsError(
            f"{path}: {error}; expected an .npz that kilolearn pretrain wrote; give such a file"
        ) from error


def store_arrays(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write an .npz.

    Raises:
        DatasetError: It cannot be written.
    """
    try:
        with path.open("wb") as file:
            np.savez_compressed(file, **arrays)  # type: ignore[arg-type]
    except OSError as error:
        raise DatasetError(f"{path}: {error.strerror}; give a place to write to") from error
