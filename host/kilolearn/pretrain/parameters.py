# SPDX-License-Identifier: GPL-3.0-or-later
"""What training moves: the floats behind a model's integers.

Every number is rounded in the forward pass as it will be on the chip, and its gradient goes to the
float behind it. Where a level is cut off, either its gradient is too, and such a weight stays until
its scale grows; or the floats are pulled back to what their row can hold after each step, and all
gradients count. A scale learns log2 of itself by the gradient of Esser et al., Learned step
size quantization, arXiv 1902.08153 (2019).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from kilolearn.pretrain.family import Family
from kilolearn.pretrain.layout import LEVEL_MAX, LEVEL_MIN
from kilolearn.pretrain.operations import Torch
from kilolearn.pretrain.weights import PretrainedWeights

if TYPE_CHECKING:
    import torch

__all__ = ["Parameters"]

_EDGE = 0.4  # of a level, how far beyond the range a float may stand
_SHARES = [0.2 + 0.05 * i for i in range(17)]  # of the largest weight, tried as a scale's range


class Parameters:
    """A model in training.

    Args:
        family: Which.
        seed: Of the start.
        cut: Whether gradients end where levels do.

    Attributes:
        rows: Floats of all matrices, one under the other, (rows, width).
        log_scales: log2 of the scales, (scales,).
        vectors: The rest, by name.
    """

    def __init__(self, family: Family, seed: int, cut: bool) -> None:
        import torch  # noqa: PLC0415 - an extra

        self._torch = torch
        self._family = family
        self._numbers = Torch()
        self._cut = cut
        layout = family.layout
        chance = torch.Generator().manual_seed(seed)
        rows, scale_of, unit, scale_max = [], [], [], []
        self._place: dict[str, slice] = {}
        self._scale_place: dict[str, slice] = {}
        count = scales = 0
        for matrix in layout.matrices:
            rows.append(matrix.spread * torch.randn(matrix.rows, layout.width, generator=chance))
            own = [0] * matrix.rows if matrix.one_scale else range(matrix.rows)
            scale_of += [scales + i for i in own]
            unit += [matrix.unit] * matrix.scales
            scale_max += [matrix.scale_max] * matrix.scales
            self._place[matrix.name] = slice(count, count + matrix.rows)
            self._scale_place[matrix.name] = slice(scales, scales + matrix.scales)
            count, scales = count + matrix.rows, scales + matrix.scales
        self._scale_of = torch.tensor(scale_of)
        self._unit = torch.tensor(unit)
        self._scale_max = torch.tensor(scale_max, dtype=torch.float)
        self.rows = torch.cat(rows).requires_grad_()
        self.log_scales = self._first_scales().requires_grad_()
        self.vectors = {
            vector.name: torch.tensor(vector.start).expand(vector.shape).clone().requires_grad_()
            for vector in layout.vectors
        }

    def set_to(self, weights: PretrainedWeights) -> None:
        """Go on from trained weights: each float becomes what its integer stands for."""
        torch = self._torch
        real = weights.real()
        with torch.no_grad():
            for matrix in self._family.layout.matrices:
                self.rows[self._place[matrix.name]] = torch.from_numpy(real[matrix.name])
                byte = torch.from_numpy(weights.integers[f"{matrix.name}_scale"])
                self.log_scales[self._scale_place[matrix.name]] = torch.log2(byte * matrix.unit)
            for name, tensor in self.vectors.items():
                tensor.copy_(torch.from_numpy(real[name]))

    @property
    def tensors(self) -> list[torch.Tensor]:
        """All that an optimiser moves."""
        return [self.rows, self.log_scales, *self.vectors.values()]

    def real(self) -> dict[str, torch.Tensor]:
        """The model's numbers as the chip will have them, with gradients."""
        scale = self._scale()[self._scale_of][:, None]
        level = (self.rows / scale).detach()
        inside = level.clamp(LEVEL_MIN, LEVEL_MAX)
        rounded = inside.round()
        # What the scale gets: the level where it is cut off, the error of rounding elsewhere.
        slope = rounded - self._torch.where(inside == level, level, 0.0)
        rows = rounded * scale.detach()
        moved = self.rows - self.rows.detach()
        rows = (
            rows
            + (moved * (inside == level) if self._cut else moved)
            + slope * (scale - scale.detach())
        )
        real = {name: rows[place] for name, place in self._place.items()}
        for vector in self._family.layout.vectors:
            real[vector.name] = self._numbers.rounded(
                self.vectors[vector.name], vector.step, vector.low
            )
        return real

    def floats(self) -> dict[str, torch.Tensor]:
        """The floats themselves: a teacher's numbers."""
        return {name: self.rows[place] for name, place in self._place.items()} | self.vectors

    def arrays(self) -> dict[str, NDArray[np.float32]]:
        """The floats, apart from training."""
        return {name: tensor.detach().numpy().copy() for name, tensor in self.floats().items()}

    def pull_back(self) -> None:
        """Hold the floats within what their levels can be."""
        torch = self._torch
        with torch.no_grad():
            scale = torch.exp2(self.log_scales)[self._scale_of][:, None]
            low, high = (LEVEL_MIN - _EDGE) * scale, (LEVEL_MAX + _EDGE) * scale
            self.rows.copy_(torch.minimum(torch.maximum(self.rows, low), high))

    def weights(self, alphabet: bytes) -> PretrainedWeights:
        """The integers as they now are."""
        torch = self._torch
        with torch.no_grad():
            byte = torch.minimum((self._scale() / self._unit).round(), self._scale_max)
            level = (self.rows / (byte * self._unit)[self._scale_of][:, None]).round()
            level = level.clamp(LEVEL_MIN, LEVEL_MAX)
            integers = {name: level[place] for name, place in self._place.items()}
            integers |= {f"{n}_scale": byte[place] for n, place in self._scale_place.items()}
            for vector in self._family.layout.vectors:
                whole = (self.vectors[vector.name] / vector.step).round()
                integers[vector.name] = whole.clamp(vector.low, 127)
        as_int = {name: array.numpy().astype(np.int16) for name, array in integers.items()}
        return PretrainedWeights(self._family, alphabet, as_int)

    def _scale(self) -> torch.Tensor:
        """Scales as their bytes have them, a gradient of a size that suits a step of the rows."""
        torch = self._torch
        exact = torch.exp2(self.log_scales)
        byte = (exact.detach() / self._unit).round().clamp(min=1.0)
        rounded = torch.minimum(byte, self._scale_max) * self._unit
        calm = 1 / math.sqrt(self._family.layout.width * LEVEL_MAX)
        return rounded + calm * (exact - exact.detach())

    def _first_scales(self) -> torch.Tensor:
        """Log2 of the scales that round the first floats best."""
        torch = self._torch
        scales = len(self._unit)
        largest = torch.zeros(scales)
        largest.scatter_reduce_(0, self._scale_of, self.rows.detach().abs().amax(1), "amax")
        tried = torch.stack([share * largest / LEVEL_MAX for share in _SHARES])
        errors = []
        for scale in tried:
            own = scale[self._scale_of][:, None]
            level = (self.rows.detach() / own).round().clamp(LEVEL_MIN, LEVEL_MAX)
            error = ((level * own - self.rows.detach()) ** 2).sum(1)
            errors.append(torch.zeros(scales).scatter_add(0, self._scale_of, error))
        best = torch.stack(errors).argmin(0)
        return torch.log2(tried[best, torch.arange(scales)])
