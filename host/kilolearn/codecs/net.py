# SPDX-License-Identifier: GPL-3.0-or-later
"""A fitted net as it goes into flash: encoded layers, biases, and the header that carries them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kilolearn.codecs.codec import Codec, Floats, Integers
from kilolearn.codecs.designs import Design
from kilolearn.codecs.fit import HIDDEN_MAX, fit
from kilolearn.errors import WeightsError
from kilolearn.learner import Labels, Samples

__all__ = ["INPUT_MAX", "EncodedLayer", "EncodedNet", "fit_and_encode", "flash_table"]

_SUM_MAX = 32767
INPUT_MAX = 16


@dataclass(frozen=True)
class EncodedLayer:
    """One layer.

    Attributes:
        codec: That reads `encoded`.
        encoded: The weights.
        bias: (rows,) int16, in units of a sum.
        input_max: Its inputs are 0..input_max.
    """

    codec: Codec
    encoded: bytes
    bias: Integers
    input_max: int

    @property
    def sum_max(self) -> int:
        """What no sum exceeds in size, the bias included."""
        weights = self.codec.sum_max(self.encoded, self.input_max)
        return weights + int(np.abs(self.bias).max())

    def sums(self, inputs: Integers) -> Integers:
        """(samples, rows), exactly as the chip has them."""
        return self.codec.sums(self.encoded, inputs) + self.bias

    def check(self, name: str) -> None:
        """Refuse weights that a 16-bit sum cannot hold.

        Raises:
            WeightsError: Inputs exist with which a sum wraps.
        """
        if self.sum_max > _SUM_MAX:
            raise WeightsError(
                f"the {name} layer's sums reach {self.sum_max:,} as {self.codec.name}; expected at "
                f"most {_SUM_MAX:,}, a 16-bit sum: fit it with a smaller spread"
            )


@dataclass(frozen=True)
class EncodedNet:
    """Both layers; `scores` is the specification of avr/apps/codec_digits_net.c.

    Attributes:
        hidden: (32, 64), inputs 0..16.
        output: (10, 32), inputs 0..31.
        shift: Of the hidden sums.
    """

    hidden: EncodedLayer
    output: EncodedLayer
    shift: int

    @property
    def weights_bytes(self) -> int:
        """Of all that was learned: encoded weights and biases."""
        layers = (self.hidden, self.output)
        return sum(len(layer.encoded) + 2 * len(layer.bias) for layer in layers)

    def scores(self, samples: Samples) -> Integers:
        """Scores (samples, 10) of samples (samples, 64)."""
        hidden = self.hidden.sums(samples.astype(np.int64)) >> self.shift
        return self.output.sums(np.clip(hidden, 0, HIDDEN_MAX))

    def header(self) -> str:
        """The config of codec_digits: macros and tables in flash."""
        layers = {"hidden": self.hidden, "output": self.output}
        lines = ["/* Written by kilolearn.codecs.net. */", f"#define HIDDEN_SHIFT {self.shift}"]
        for name, layer in layers.items():
            lines.append(f"#define {name.upper()}_CODEC {layer.codec.name}")
            lines.append(f"#define {name.upper()}_SUM_MAX {layer.sum_max}L")
        constants: dict[str, int] = {}
        for layer in layers.values():
            for key, value in layer.codec.constants.items():
                constants[key] = max(value, constants.get(key, value))
        lines += [f"#define {key} {value}" for key, value in constants.items()]
        names = dict.fromkeys(layer.codec.name for layer in layers.values())
        lines += [f'#include "codec/{name}.h"' for name in names]
        for name, layer in layers.items():
            lines.append(flash_table("uint8_t", f"{name}_bytes", list(layer.encoded)))
            lines.append(flash_table("int16_t", f"{name}_bias", layer.bias.tolist()))
        return "\n".join(lines) + "\n"


def fit_and_encode(design: Design, samples: Samples, labels: Labels, seed: int) -> EncodedNet:
    """Fit a design and encode what came of it.

    Args:
        design: Codecs and recipe.
        samples: (samples, 64) uint8, 0..16, the training part.
        labels: (samples,).
        seed: Of the fit.

    Raises:
        WeightsError: Inputs exist with which a sum of the chip would wrap.
    """
    hidden, output = design.hidden(), design.output()
    fitted = fit(hidden, output, samples, labels, design.recipe, seed)
    net = EncodedNet(
        EncodedLayer(hidden, hidden.encode(fitted.hidden), _whole(fitted.hidden_bias), INPUT_MAX),
        EncodedLayer(output, output.encode(fitted.output), _whole(fitted.output_bias), HIDDEN_MAX),
        design.recipe.shift,
    )
    net.hidden.check("hidden")
    net.output.check("output")
    return net


def _whole(bias: Floats) -> Integers:
    return np.rint(bias).astype(np.int64)


def flash_table(kind: str, name: str, values: list[int]) -> str:
    """A constant array in flash, in C."""
    rows = [values[first : first + 16] for first in range(0, len(values), 16)]
    body = "".join("    " + ", ".join(map(str, row)) + ",\n" for row in rows)
    return f"static IN_FLASH {kind} {name}[] = {{\n{body}}};"
