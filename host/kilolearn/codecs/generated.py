# SPDX-License-Identifier: GPL-3.0-or-later
"""Generated weights: a small hyper-network makes them from the place of the pixel.

::

    phase[m](x, y)  = along[m] * x + down[m] * y + start[m]          modulo 256, as a signed byte
    wave[m](x, y)   = (|phase| - 64) >> 1                            -32..32, a triangle
    weight[row][y * 8 + x] = sum over m of tall[row][m] * wave[m](x, y) / 2^shift

The hyper-network's hidden layer are the waves, three bytes each; its last layer is the embedding of
the row, `tall` (rows, parts), int8. On the chip a phase moves on by an addition, so that making a
weight costs no multiplication. Bytes: along, down, start of each wave, then `tall`.

Source: Ha, Dai, Le, HyperNetworks, ICLR 2017; periodic units after Sitzmann et al., Implicit neural
representations with periodic activation functions, NeurIPS 2020.
"""

from __future__ import annotations

import numpy as np

from kilolearn.codecs.codec import Floats, Integers, Parameters
from kilolearn.codecs.factors import Factors

__all__ = ["Generated"]

SIDE = 8
_STEP = 36.0  # standard deviation of along and down: waves of some seven pixels


class Generated(Factors):
    """Parameters: `tall` (rows, parts) and the waves (parts, 3). Inputs are images of 8 a row."""

    name = "generated"
    inputs_multiple = SIDE

    @property
    def constants(self) -> dict[str, int]:
        """See `Codec`."""
        return {"GENERATED_WAVES": self.parts, "GENERATED_SHIFT": self.shift}

    def start(self, random: np.random.Generator) -> Parameters:
        """See `Codec`."""
        waves = random.normal(0, _STEP, (self.parts, 3))
        waves[:, 2] = random.uniform(-128, 128, self.parts)
        return [self.start_tall(random), waves]

    def wide(self, parameters: Parameters) -> Floats:
        """See `Factors`."""
        phase = _signed_byte(np.rint(parameters[1]) @ self._places())
        return np.floor((np.abs(phase) - 64) / 2)

    def pull_back_wide(self, parameters: Parameters, slope: Floats) -> Floats:
        """See `Factors`."""
        phase = _signed_byte(parameters[1] @ self._places())
        moved: Floats = (slope * np.sign(phase) / 2) @ self._places().T
        return moved

    def encode(self, parameters: Parameters) -> bytes:
        """See `Codec`."""
        waves = np.rint(parameters[1]).astype(np.int64) & 255
        tall = self.tall(parameters).astype(np.int8)
        return waves.astype(np.uint8).tobytes() + tall.tobytes()

    def decode_wide(self, encoded: bytes) -> Integers:
        """See `Factors`."""
        waves = np.frombuffer(encoded, np.int8).astype(float).reshape(self.parts, 3)
        return self.wide([np.zeros(0), waves]).astype(np.int64)

    def _places(self) -> Floats:
        """(3, inputs): x, y and 1 of each input."""
        at = np.arange(self.inputs)
        return np.stack([at % SIDE, at // SIDE, np.ones_like(at)]).astype(float)


def _signed_byte(values: Floats) -> Floats:
    return (values + 128) % 256 - 128
