# SPDX-License-Identifier: GPL-3.0-or-later
"""A larger model, in floats, whose expectations a small one may learn beside the text.

Source: Hinton, Vinyals, Dean, Distilling the knowledge in a neural network, arXiv 1503.02531
(2015).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kilolearn.errors import WeightsError
from kilolearn.pretrain.family import Family, family_of
from kilolearn.pretrain.operations import Numpy
from kilolearn.pretrain.scoring import expectations
from kilolearn.pretrain.text import Symbols
from kilolearn.pretrain.weights import PretrainedWeights, store_arrays, stored_arrays

__all__ = ["Teacher"]


@dataclass(frozen=True)
class Teacher:
    """A model of floats.

    Attributes:
        family: Its shape and formula.
        real: What its layout names, float32.
    """

    family: Family
    real: Mapping[str, NDArray[np.float32]]

    def answers(self, symbols: Symbols) -> NDArray[np.float16]:
        """What it expects at each place of a text, (length, symbols), each row adds up to 1."""
        chances = expectations(self.family, self.real, symbols, 0, Numpy(rounds=False))
        return np.concatenate([c.astype(np.float16) for c in chances])

    def save(self, path: Path) -> None:
        """Write it, float32, with its family and shape.

        Raises:
            DatasetError: It cannot be written.
        """
        about = {
            "family": np.array(self.family.name),
            "shape": np.array(self.family.shape, np.int32),
        }
        store_arrays(path, about | dict(self.real))

    @classmethod
    def load(cls, path: Path, symbols: int) -> Teacher:
        """Read one for an alphabet of so many symbols: floats, or a chip's weights.

        Raises:
            WeightsError: It cannot be read, or is not a teacher for this alphabet.
        """
        arrays = stored_arrays(path)
        if "alphabet" in arrays:
            weights = PretrainedWeights.load(path)
            arrays = weights.real() | {
                "family": np.array(weights.family.name),
                "shape": np.array(weights.family.shape),
            }
        try:
            name, shape = str(arrays.pop("family")), arrays.pop("shape").tolist()
            family = family_of(name, symbols, shape)
        except (KeyError, TypeError, ValueError) as error:
            raise WeightsError(
                f"{path}: {error}; expected a teacher that kilolearn pretrain --form teacher wrote"
            ) from error
        layout = family.layout
        expected: dict[str, tuple[int, ...]] = {
            m.name: (m.rows, layout.width) for m in layout.matrices
        }
        expected |= {v.name: v.shape for v in layout.vectors}
        if {name: array.shape for name, array in arrays.items()} != expected:
            raise WeightsError(
                f"{path} is not a teacher for {symbols} symbols; train one on this text by "
                f"kilolearn pretrain --form teacher"
            )
        return cls(family, arrays)
