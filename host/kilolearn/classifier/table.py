# SPDX-License-Identifier: GPL-3.0-or-later
"""What a model is fitted on: samples in levels, as the chip gets them, and their classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

__all__ = ["Table"]


@dataclass(frozen=True)
class Table:
    """Samples and their classes.

    Attributes:
        levels: (samples, width) uint8, 0..level_max.
        labels: (samples,) int64, 0..classes-1.
        classes: How many there are, in this table or not.
        level_max: Highest level, 1-255.
        features: A name a column.
        row: Pixels in a row, when the columns are an image's; else None.
    """

    levels: NDArray[np.uint8]
    labels: NDArray[np.int64]
    classes: int
    level_max: int
    features: tuple[str, ...]
    row: int | None = None

    @property
    def width(self) -> int:
        """Features in a sample."""
        return int(self.levels.shape[1])

    def rows(self, which: NDArray[np.int64] | NDArray[np.bool_]) -> Table:
        """Some of the samples."""
        return replace(self, levels=self.levels[which], labels=self.labels[which])

    def columns(self, which: Sequence[int]) -> Table:
        """Some of the features, in this order; no image any more."""
        chosen = list(which)
        names = tuple(self.features[column] for column in chosen)
        levels = np.ascontiguousarray(self.levels[:, chosen])
        return replace(self, levels=levels, features=names, row=None)

    def coarser(self, level_max: int) -> Table:
        """The same samples in fewer levels, floored: q * (level_max + 1) / (this one's + 1).

        With powers of two less one, it is a shift.
        """
        coarse = self.levels.astype(np.int64) * (level_max + 1) // (self.level_max + 1)
        return replace(self, levels=coarse.astype(np.uint8), level_max=level_max)
