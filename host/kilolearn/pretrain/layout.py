# SPDX-License-Identifier: GPL-3.0-or-later
"""The numbers that a pretrained model is made of, and how a chip holds them.

Matrices are rows of one width, int4 (-8..7) times a scale, a byte: one a row, or one for all rows
where their products are summed before the scale. Vectors are a byte each number, in a fixed step.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["LEVEL_MAX", "LEVEL_MIN", "Layout", "Matrix", "Vector"]

LEVEL_MIN, LEVEL_MAX = -8, 7


@dataclass(frozen=True)
class Matrix:
    """Rows of levels.

    Attributes:
        name: As in the weights file; its scales are ``NAME_scale``.
        rows: How many.
        spread: Standard deviation at the start of training.
        unit: What 1 of the scale's byte stands for.
        scale_max: The largest byte of scale; the least is 1.
        one_scale: For all rows, not one a row.
    """

    name: str
    rows: int
    spread: float
    unit: float = 1 / 256
    scale_max: int = 255
    one_scale: bool = False

    @property
    def scales(self) -> int:
        """Bytes of scale."""
        return 1 if self.one_scale else self.rows


@dataclass(frozen=True)
class Vector:
    """Numbers without a scale.

    Attributes:
        name: As in the weights file.
        shape: Of the array.
        step: What 1 of the integer stands for.
        start: What training starts with, broadcast to the shape.
        low: The least integer; the greatest is 127.
    """

    name: str
    shape: tuple[int, ...]
    step: float
    start: float | tuple[float, ...] = 0.0
    low: int = -127


@dataclass(frozen=True)
class Layout:
    """All numbers of a model.

    Attributes:
        width: Levels a row.
        matrices: In the order in which training holds them.
        vectors: The rest.
    """

    width: int
    matrices: tuple[Matrix, ...]
    vectors: tuple[Vector, ...]

    @property
    def flash_bytes(self) -> int:
        """What the numbers take on a chip: two levels a byte, each row from a byte on."""
        row = -(-self.width // 2)
        matrices = sum(matrix.rows * row + matrix.scales for matrix in self.matrices)
        return matrices + sum(int(np.prod(vector.shape)) for vector in self.vectors)
