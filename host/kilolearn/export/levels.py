# SPDX-License-Identifier: GPL-3.0-or-later
"""What the levels of a sample stand for in the units that a model was fitted in.

A chip sees levels 0..input_max (uint8). A model fitted on the levels themselves takes them as they
are. A model fitted on raw features comes with the `InputScale` that makes levels of them, and
level q of feature i stands for

::

    x[i] = minimum[i] + q / input_max * (maximum[i] - minimum[i])
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kilolearn.quantise import InputScale

__all__ = ["Levels"]


@dataclass(frozen=True)
class Levels:
    """Levels 0..input_max and their values: x = offset + step * level.

    Attributes:
        offset, step: (width,) float64; step is 0 for a feature that was constant.
        input_max: Highest level, 1-255.
    """

    offset: NDArray[np.float64]
    step: NDArray[np.float64]
    input_max: int

    @classmethod
    def of(cls, width: int, scale: InputScale | None) -> Levels:
        """The levels of a scale; without one, those of a model that was fitted on levels."""
        if scale is None:
            return cls(np.zeros(width), np.ones(width), 255)
        return cls(
            scale.minimum, (scale.maximum - scale.minimum) / scale.input_max, scale.input_max
        )

    def values(self, samples: NDArray[np.uint8]) -> NDArray[np.float64]:
        """Samples (samples, width) in the model's units."""
        return np.asarray(self.offset + self.step * samples)

    def cut(self, feature: int, threshold: float) -> int:
        """The first level that is not ``<= threshold``, 0..input_max + 1.

        A tree of scikit-learn compares the feature as float32 with the threshold as float64.
        """
        levels = np.arange(self.input_max + 1)
        values = (self.offset[feature] + self.step[feature] * levels).astype(np.float32)
        return int(np.count_nonzero(values.astype(np.float64) <= threshold))
