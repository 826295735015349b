# SPDX-License-Identifier: GPL-3.0-or-later
"""Images told by ternary windows of 5 x 5, as the digits of avr/kilobyte: the largest a quarter.

::

    sum[c][p]     = bias[c] + sum over r, k of kernel[c][r][k] * pixel[p + (r, k)]
    feature[c][q] = max(0, the largest sum[c][p] of the windows p in quarter q)
    score[d]      = sum over c, q of output[c][q][d] * feature[c][q]
    loss          = cross-entropy of softmax(score / temperature)

Fitted on the host as the codecs are: forward with the chip's own integers, back straight through
the rounding.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kilolearn.codecs.codec import Floats, Integers, rounded
from kilolearn.codecs.fit import BATCH, FitRecipe, descend, moved_batches, one_hot, score_slopes
from kilolearn.codecs.levels import Ternary
from kilolearn.errors import WeightsError
from kilolearn.learner import Labels, Samples

__all__ = ["CHANNELS", "INPUT_MAX", "RECIPE", "WindowsFit", "WindowsNet", "fit_windows"]

INPUT_MAX = 15
CHANNELS = 40
RECIPE = FitRecipe(shift=0, temperature=60.0, rate=0.05, epochs=60)
"""Of shape and fit, by tools/tune_ternary_digits.py."""

_BIAS_MAX = 127
_SUM_MAX = 32767
_CLASSES = 10


def _squares(step: int) -> Integers:
    """Where the four places of a 2 x 2 square begin, in an image of 8 pixels a row."""
    return np.array([0, 1, 8, 9]) * step


_WINDOWS = (
    _squares(2)[:, None, None]
    + _squares(1)[:, None]
    + (8 * np.arange(5)[:, None] + np.arange(5)).ravel()
)
"""(quarters, places in a quarter, 25): which pixels a window sees."""


@dataclass(frozen=True)
class WindowsNet:
    """Fitted integers; `scores` is the specification of avr/codec/windows.h.

    Attributes:
        kernel: (channels, 25) of -1, 0, 1.
        bias: (channels,), -127..127.
        output: (classes, 4, channels) of -1, 0, 1, the quarters in the order of their windows.
        level_max: Highest level of a pixel.
    """

    kernel: Integers
    bias: Integers
    output: Integers
    level_max: int = INPUT_MAX

    @property
    def score_max(self) -> int:
        """What no score exceeds in size on its way, whatever the image."""
        most = np.maximum(0, self.level_max * (self.kernel > 0).sum(axis=1) + self.bias)
        return int((np.abs(self.output).sum(axis=1) * most).sum(axis=1).max())

    def scores(self, samples: Samples) -> Integers:
        """Scores (samples, classes) of samples (samples, 64), exactly as the chip has them."""
        windows = samples.astype(np.int64)[:, _WINDOWS]
        feature = np.maximum(0, (windows @ self.kernel.T).max(axis=2) + self.bias)
        scores: Integers = (
            feature.reshape(len(samples), -1) @ self.output.reshape(len(self.output), -1).T
        )
        return scores

    def encoded(self) -> bytes:
        """A channel after the other: its bias, a byte a row of its kernel, then each quarter."""
        channels = len(self.bias)
        bias = self.bias.astype(np.int8).view(np.uint8)[:, None]
        rows = np.frombuffer(Ternary(channels, 25).pack(self.kernel), np.uint8)
        classes = len(self.output)
        weights = self.output.transpose(2, 1, 0).reshape(-1, classes)
        outputs = np.frombuffer(Ternary(4 * channels, classes).pack(weights), np.uint8)
        parts = (bias, rows.reshape(channels, 5), outputs.reshape(channels, -1))
        return np.concatenate(parts, axis=1).tobytes()

    def table(self) -> list[str]:
        """What is `encoded`, in C: a line is a channel."""
        rows = np.frombuffer(self.encoded(), np.uint8).reshape(len(self.bias), -1)
        return ["    " + ", ".join(map(str, row)) + "," for row in rows.tolist()]

    def header(self) -> str:
        """The config of the app ``ternary_digits``."""
        return "\n".join(
            [
                "/* SPDX-License-Identifier: GPL-3.0-or-later */",
                "/* Written by kilolearn.codecs.ternary_digits. */",
                f"#define DIGITS_CHANNELS {len(self.bias)}",
                f"#define DIGITS_SCORE_MAX {self.score_max}L",
                "/* clang-format off */",
                "static IN_FLASH uint8_t digits_weights[] = {",
                *self.table(),
                "};",
                "",
            ]
        )


class WindowsFit:
    """Parameters on their way, and the slopes of the loss.

    Args:
        channels: Kernels.
        temperature: See above.
        random: Of the first parameters.
        classes: Of the images.
    """

    def __init__(
        self,
        channels: int,
        temperature: float,
        random: np.random.Generator,
        classes: int = _CLASSES,
    ) -> None:
        self.temperature = temperature
        self.kernel = Ternary(channels, 25)
        self.output = Ternary(classes, len(_WINDOWS) * channels)
        self.parameters = [
            *self.kernel.start(random),
            np.zeros(channels),
            *self.output.start(random),
        ]

    def slopes(self, images: Floats, targets: Floats) -> list[Floats]:
        """Of the mean loss, in the order of the parameters."""
        kernel, bias, output = self.parameters
        windows = images[:, _WINDOWS]
        flat = windows.reshape(-1, windows.shape[-1])
        sums = self.kernel.forward([kernel], flat).reshape(*windows.shape[:3], -1)
        peak = sums.max(axis=2)
        feature = np.maximum(0, peak + rounded(bias, _BIAS_MAX))
        seen = feature.reshape(len(images), -1)
        score_slope = score_slopes(self.output.forward([output], seen), targets, self.temperature)
        output_slopes, seen_slope = self.output.backward([output], seen, score_slope)
        peak_slope = seen_slope.reshape(feature.shape) * (feature > 0)
        sum_slope = peak_slope[:, :, None] * (sums == peak[:, :, None])
        kernel_slopes, _ = self.kernel.backward([kernel], flat, sum_slope.reshape(len(flat), -1))
        return [*kernel_slopes, peak_slope.sum(axis=(0, 1)), *output_slopes]

    def net(self, level_max: int) -> WindowsNet:
        """The integers that the chip gets."""
        kernel, bias, output = self.parameters
        return WindowsNet(
            self.kernel.weights([kernel]).astype(np.int64),
            rounded(bias, _BIAS_MAX).astype(np.int64),
            self.output.weights([output])
            .astype(np.int64)
            .reshape(self.output.rows, len(_WINDOWS), -1),
            level_max,
        )


def fit_windows(
    samples: Samples,
    labels: Labels,
    seed: int,
    channels: int = CHANNELS,
    recipe: FitRecipe = RECIPE,
    classes: int = _CLASSES,
    level_max: int = INPUT_MAX,
) -> WindowsNet:
    """Fit the net.

    Args:
        samples: (samples, 64) uint8, 0..level_max, the training part.
        labels: (samples,).
        seed: Of the first parameters, the shuffle and the moves.
        channels: Kernels.
        recipe: How.
        classes: Of the images.
        level_max: Highest level of a pixel.

    Raises:
        WeightsError: Inputs exist with which a score of the chip would wrap.
    """
    random = np.random.default_rng(seed)
    fit = WindowsFit(channels, recipe.temperature, random, classes)
    kernel, _, output = fit.parameters
    units = [float(np.std(kernel)), recipe.temperature / 2, float(np.std(output))]
    targets = one_hot(labels, classes)
    batches = moved_batches(samples, targets, recipe, random)
    steps = recipe.epochs * -(-len(samples) // BATCH)
    descend(fit.parameters, units, fit.slopes, batches, steps, recipe.rate)
    net = fit.net(level_max)
    if net.score_max > _SUM_MAX:
        raise WeightsError(
            f"the scores reach {net.score_max:,}; expected at most {_SUM_MAX:,}, a 16-bit sum: "
            f"fit fewer channels, or to fewer levels"
        )
    return net
