# SPDX-License-Identifier: GPL-3.0-or-later
"""A fitted net as it goes into flash: encoded layers, biases, shifts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kilolearn.codecs.codec import Codec, Integers
from kilolearn.codecs.designs import Design
from kilolearn.codecs.fit import FitLayer, fit
from kilolearn.errors import WeightsError
from kilolearn.learner import Labels, Samples

__all__ = [
    "INPUT_MAX",
    "EncodedLayer",
    "EncodedNet",
    "codec_constants",
    "codec_headers",
    "digits_config",
    "encode_layers",
    "fit_and_encode",
    "flash_table",
]

_SUM_MAX = 32767
_AT_MOST = ("BINARY_THRESHOLDS",)
"""Constants that say the most of what a layer's bytes say."""
INPUT_MAX = 16


@dataclass(frozen=True)
class EncodedLayer:
    """One layer.

    Attributes:
        codec: That reads `encoded`.
        encoded: The weights.
        bias: (rows,) int16, in units of a sum.
        input_max: Its inputs are 0..input_max.
        shift: (rows,) Hidden units are sums shifted right, scores are sums shifted left.
        ceiling: Hidden units are 0..ceiling; None, when the rows are scores.
    """

    codec: Codec
    encoded: bytes
    bias: Integers
    input_max: int
    shift: Integers
    ceiling: int | None

    @property
    def sum_max(self) -> int:
        """What no sum exceeds in size, the bias included."""
        weights = self.codec.sum_max(self.encoded, self.input_max)
        return weights + int(np.abs(self.bias).max())

    @property
    def weights_bytes(self) -> int:
        """Encoded weights, two a bias, and one a shift where they differ."""
        return len(self.encoded) + 2 * len(self.bias) + len(self.shift) * self.differs

    @property
    def differs(self) -> bool:
        """Whether each row has a shift of its own."""
        return bool(np.ptp(self.shift))

    def sums(self, inputs: Integers) -> Integers:
        """(samples, rows), exactly as the chip has them."""
        missing = self.codec.inputs - inputs.shape[1]
        return self.codec.sums(self.encoded, np.pad(inputs, ((0, 0), (0, missing)))) + self.bias

    def apply(self, inputs: Integers) -> Integers:
        """Hidden units or scores (samples, rows)."""
        if self.ceiling is None:
            return self.sums(inputs) << self.shift
        return np.asarray(np.clip(self.sums(inputs) >> self.shift, 0, self.ceiling))

    def check(self, name: str) -> None:
        """Refuse weights that a 16-bit sum cannot hold.

        Raises:
            WeightsError: Inputs exist with which a sum wraps.
        """
        highest = self.sum_max << (int(self.shift.max()) if self.ceiling is None else 0)
        if highest > _SUM_MAX:
            raise WeightsError(
                f"the {name} layer's sums reach {highest:,} as {self.codec.name}; expected at "
                f"most {_SUM_MAX:,}, a 16-bit sum: fit it with a smaller spread, or to fewer levels"
            )


@dataclass(frozen=True)
class EncodedNet:
    """Layers, the last one's rows being scores; a single score is positive for class 1 of two.

    `scores` is the specification of the C, also of avr/apps/codec_digits_net.c.
    """

    layers: tuple[EncodedLayer, ...]

    @property
    def weights_bytes(self) -> int:
        """Of all that was learned: encoded weights, biases and shifts."""
        return sum(layer.weights_bytes for layer in self.layers)

    @property
    def bits_per_weight(self) -> float:
        """Of the encoded weights, codebooks and tables of codes included."""
        weights = sum(layer.codec.rows * layer.codec.inputs for layer in self.layers)
        return 8 * sum(len(layer.encoded) for layer in self.layers) / weights

    def scores(self, samples: Samples) -> Integers:
        """Scores (samples, classes) of samples (samples, width)."""
        outputs: Integers = samples.astype(np.int64)
        for layer in self.layers:
            outputs = layer.apply(outputs)
        return outputs

    def classify(self, samples: Samples) -> Integers:
        """Classes (samples,): of the highest score, the first of equal ones."""
        scores = self.scores(samples)
        if scores.shape[1] == 1:
            return (scores[:, 0] > 0).astype(np.int64)
        return np.asarray(scores.argmax(axis=1))


def encode_layers(layers: Sequence[FitLayer], input_max: int) -> EncodedNet:
    """What was fitted, as it goes into flash.

    Raises:
        WeightsError: Inputs exist with which a sum of the chip would wrap.
    """
    encoded = []
    for place, layer in enumerate(layers):
        last = place == len(layers) - 1
        shift = np.rint(np.log2(layer.scale)).astype(np.int64)
        encoded_weights = layer.codec.encode(layer.parameters)
        bias = np.rint(layer.bias).astype(np.int64)
        if not last:  # a unit is no more than always 0
            bias = np.maximum(bias, -layer.codec.sum_max(encoded_weights, input_max))
        made = EncodedLayer(
            layer.codec,
            encoded_weights,
            bias,
            input_max,
            -shift if last else shift,
            None if last else int(layer.ceiling),
        )
        made.check("output" if last else "hidden")
        encoded.append(made)
        input_max = int(layer.ceiling)
    net = EncodedNet(tuple(encoded))
    codec_constants(net)
    return net


def fit_and_encode(design: Design, samples: Samples, labels: Labels, seed: int) -> EncodedNet:
    """Fit a design of the digits' net and encode what came of it.

    Args:
        design: Codecs and recipe.
        samples: (samples, 64) uint8, 0..16, the training part.
        labels: (samples,).
        seed: Of the fit.

    Raises:
        WeightsError: Inputs exist with which a sum of the chip would wrap.
    """
    layers = fit(design.hidden(), design.output(), samples, labels, design.recipe, seed)
    return encode_layers(layers, INPUT_MAX)


def digits_config(net: EncodedNet) -> str:
    """The config of the app codec_digits: macros and tables in flash."""
    hidden, output = net.layers
    layers = {"hidden": hidden, "output": output}
    lines = [
        "/* Written by kilolearn.codecs.net. */",
        f"#define HIDDEN_SHIFT {hidden.shift.max()}",
    ]
    for name, layer in layers.items():
        lines.append(f"#define {name.upper()}_CODEC {layer.codec.name}")
        lines.append(f"#define {name.upper()}_SUM_MAX {layer.sum_max}L")
    lines += codec_headers(net)
    for name, layer in layers.items():
        lines.append(flash_table("uint8_t", f"{name}_bytes", list(layer.encoded)))
        lines.append(flash_table("int16_t", f"{name}_bias", layer.bias.tolist()))
    return "\n".join(lines) + "\n"


def codec_headers(net: EncodedNet) -> list[str]:
    """Lines of C: the constants of a net's codecs, and their headers."""
    constants = codec_constants(net)
    names = dict.fromkeys(layer.codec.name for layer in net.layers)
    return [
        *(f"#define {key} {value}" for key, value in constants.items()),
        *(f'#include "codec/{name}.h"' for name in names),
    ]


def codec_constants(net: EncodedNet) -> dict[str, int]:
    """What the headers of a net's codecs are compiled with, by macro name.

    Raises:
        WeightsError: Two layers want different ones.
    """
    constants: dict[str, int] = {}
    for layer in net.layers:
        for key, value in layer.codec.constants.items():
            known = constants.setdefault(key, value)
            if known != value and key not in _AT_MOST:
                raise WeightsError(
                    f"two layers as {layer.codec.name} want {key} to be {known} and {value}; "
                    f"expected one number: choose another representation for one of them"
                )
            constants[key] = max(known, value)
    return constants


def flash_table(kind: str, name: str, values: list[int]) -> str:
    """A constant array in flash, in C."""
    rows = [values[first : first + 16] for first in range(0, len(values), 16)]
    body = "".join("    " + ", ".join(map(str, row)) + ",\n" for row in rows)
    return f"static IN_FLASH {kind} {name}[] = {{\n{body}}};"
