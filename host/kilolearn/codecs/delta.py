# SPDX-License-Identifier: GPL-3.0-or-later
"""Delta-coded weights: half a byte says how far a weight lies from the one before it in its row.

::

    weight[i] = weight[i - 1] + 2^DELTA_SHIFT * d[i],   weight[-1] = 0,   d -8..7

Two differences a byte, the first in the low half; an even number of inputs. The encoder is closed:
each difference starts from what the reader has, so that errors do not add up.

Source: N. S. Jayant, Digital coding of speech waveforms, Proc. IEEE 62 (1974): differential PCM.
"""

from __future__ import annotations

import numpy as np

from kilolearn.codecs.codec import Floats, Integers, MatrixCodec, Parameters
from kilolearn.codecs.levels import nibbles, nibbles_of

__all__ = ["Delta"]

SHIFT = 2
_LARGEST = 31  # of weight / 2^SHIFT, so that a weight fits a byte
_SPREAD = 12.0


class Delta(MatrixCodec):
    """Parameters: one matrix (rows, inputs)."""

    name = "delta"
    inputs_multiple = 2

    @property
    def constants(self) -> dict[str, int]:
        """See `Codec`."""
        return {"DELTA_SHIFT": SHIFT}

    def start(self, random: np.random.Generator) -> Parameters:
        """See `Codec`."""
        return [random.normal(0, _SPREAD, (self.rows, self.inputs))]

    def like(self, weights: Floats) -> Parameters:
        """See `MatrixCodec`."""
        return [weights.copy()]

    def weights(self, parameters: Parameters) -> Floats:
        """See `MatrixCodec`."""
        return _levels(parameters[0]) * float(1 << SHIFT)

    def pull_back(self, parameters: Parameters, slope: Floats) -> Parameters:  # noqa: ARG002
        """See `MatrixCodec`."""
        return [slope]

    def encode(self, parameters: Parameters) -> bytes:
        """See `Codec`."""
        return self.pack(_levels(parameters[0]).astype(np.int64))

    def pack(self, levels: Integers) -> bytes:
        """Weights / 2^SHIFT (rows, inputs), whose differences fit half a byte, without loss."""
        return nibbles(np.diff(levels, axis=1, prepend=0))

    def rows_apart(self, encoded: bytes) -> list[bytes]:
        """See `MatrixCodec`."""
        size = self.inputs // 2
        return [encoded[first : first + size] for first in range(0, len(encoded), size)]

    def decode(self, encoded: bytes) -> Integers:
        """See `MatrixCodec`."""
        differences = nibbles_of(encoded).reshape(self.rows, self.inputs)
        return np.cumsum(differences, axis=1) << SHIFT


def _levels(wanted: Floats) -> Floats:
    """Weights / 2^SHIFT that the differences can reach, as near as each step allows."""
    goal = np.clip(np.rint(wanted / (1 << SHIFT)), -_LARGEST, _LARGEST)
    levels = np.zeros_like(goal)
    last = np.zeros(len(goal))
    for place in range(goal.shape[1]):
        last = last + np.clip(goal[:, place] - last, -8, 7)
        levels[:, place] = last
    return levels
