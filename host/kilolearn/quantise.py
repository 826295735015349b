# SPDX-License-Identifier: GPL-3.0-or-later
"""From measured floats to the few levels that a chip takes as input.

::

    q = clip(round((x - minimum) / (maximum - minimum) * input_max), 0, input_max)

minimum and maximum come from the training part only, a pair a feature or, for images, one
pair for all pixels. What the chip meets later outside that range is clipped.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kilolearn.datasets import Split
from kilolearn.errors import DatasetError

__all__ = ["InputScale", "QuantisedSplit"]


@dataclass(frozen=True)
class InputScale:
    """A fitted scale.

    Attributes:
        minimum: (width,) float64, the value that becomes 0.
        maximum: (width,) float64, the value that becomes `input_max`.
        input_max: Highest level, 1-255.
    """

    minimum: NDArray[np.float64]
    maximum: NDArray[np.float64]
    input_max: int

    @classmethod
    def fit(
        cls, train_features: NDArray[np.float64], input_max: int, shared: bool = False
    ) -> InputScale:
        """Take the range from training data.

        Args:
            train_features: (samples, width), finite, the training part only.
            input_max: Highest level of the learner, 1-255.
            shared: One range for all features, so that pixels keep their relation. Pixels that
                already run from 0 to `input_max` then pass through unchanged.

        Raises:
            DatasetError: Nothing to fit on, or `input_max` outside 1-255.
        """
        if not 1 <= input_max <= 255:
            raise DatasetError(f"input_max is {input_max}; expected 1..255, a sample is uint8")
        if train_features.ndim != 2 or not train_features.size:
            raise DatasetError(
                f"training features have shape {train_features.shape}; expected (samples, width)"
            )
        width = train_features.shape[1]
        if shared:
            minimum = np.full(width, train_features.min())
            maximum = np.full(width, train_features.max())
        else:
            minimum, maximum = train_features.min(axis=0), train_features.max(axis=0)
        return cls(minimum.astype(np.float64), maximum.astype(np.float64), input_max)

    @property
    def width(self) -> int:
        """Features in a sample."""
        return len(self.minimum)

    def apply(self, features: NDArray[np.float64]) -> NDArray[np.uint8]:
        """Quantise samples.

        Args:
            features: (samples, width) or (width,), finite.

        Returns:
            The same shape, uint8, C order, 0..input_max. A feature that was constant in
            training becomes 0.

        Raises:
            DatasetError: Another width than the scale was fitted on, or a value not finite.
        """
        if features.shape[-1] != self.width:
            raise DatasetError(
                f"samples have {features.shape[-1]} features; the scale was fitted on {self.width}"
            )
        if not np.all(np.isfinite(features)):
            raise DatasetError("a sample holds NaN or infinity; expected finite numbers")
        span = self.maximum - self.minimum
        level = (features - self.minimum) / np.where(span > 0, span, 1.0) * self.input_max
        level = np.where(span > 0, np.clip(np.rint(level), 0, self.input_max), 0)
        return np.ascontiguousarray(level, np.uint8)


@dataclass(frozen=True)
class QuantisedSplit:
    """A split as a learner takes it.

    Attributes:
        train_samples, test_samples: (samples, width) uint8, 0..scale.input_max.
        train_labels, test_labels: (samples,) int64.
        scale: Fitted on the training part.
    """

    train_samples: NDArray[np.uint8]
    train_labels: NDArray[np.int64]
    test_samples: NDArray[np.uint8]
    test_labels: NDArray[np.int64]
    scale: InputScale

    @classmethod
    def of(cls, split: Split, input_max: int, scale: InputScale | None = None) -> QuantisedSplit:
        """Quantise both parts by the training part's range, or by a scale fitted before."""
        if scale is None:
            scale = InputScale.fit(split.train_features, input_max, split.dataset.shared_scale)
        return cls(
            scale.apply(split.train_features),
            split.train_labels,
            scale.apply(split.test_features),
            split.test_labels,
            scale,
        )
