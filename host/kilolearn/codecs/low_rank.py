# SPDX-License-Identifier: GPL-3.0-or-later
"""Low-rank weights: both factors are stored, int8; first `wide` (parts, inputs), then `tall`.

Source: Denil et al., Predicting parameters in deep learning, NIPS 2013.
"""

from __future__ import annotations

import numpy as np

from kilolearn.codecs.codec import Floats, Integers, Parameters, rounded
from kilolearn.codecs.factors import Factors

__all__ = ["LowRank"]


_WIDE_SPREAD = 8.0


class LowRank(Factors):
    """Parameters: `tall` (rows, parts) and `wide` (parts, inputs)."""

    name = "low_rank"

    @property
    def constants(self) -> dict[str, int]:
        """See `Codec`."""
        return {"LOW_RANK": self.parts, "LOW_RANK_SHIFT": self.shift}

    def start(self, random: np.random.Generator) -> Parameters:
        """See `Codec`."""
        wide = random.normal(0, _WIDE_SPREAD, (self.parts, self.inputs))
        return [self.start_tall(random), wide]

    def like(self, weights: Floats) -> Parameters:
        """See `MatrixCodec`; the nearest matrix of the rank, its factors equally spread.

        Source: Eckart, Young, The approximation of one matrix by another of lower rank (1936).
        """
        left, size, right = np.linalg.svd(weights, full_matrices=False)
        size = size[: self.parts]
        missing = self.parts - len(size)
        tall = np.pad(left[:, : self.parts] * np.sqrt(size), ((0, 0), (0, missing)))
        wide = np.pad(np.sqrt(size)[:, None] * right[: self.parts], ((0, missing), (0, 0)))
        tall_unit = self._tall_max / max(float(np.abs(tall).max()), 1e-9)
        return [tall * tall_unit, wide * 2.0**self.shift / tall_unit]

    def wide(self, parameters: Parameters) -> Floats:
        """See `Factors`."""
        return rounded(parameters[1], 127)

    def pull_back_wide(self, parameters: Parameters, slope: Floats) -> Floats:  # noqa: ARG002
        """See `Factors`."""
        return slope

    def encode(self, parameters: Parameters) -> bytes:
        """See `Codec`."""
        factors = (self.wide(parameters), self.tall(parameters))
        return b"".join(factor.astype(np.int8).tobytes() for factor in factors)

    def decode_wide(self, encoded: bytes) -> Integers:
        """See `Factors`."""
        wide = np.frombuffer(encoded, np.int8).astype(np.int64)
        return wide.reshape(self.parts, self.inputs)
