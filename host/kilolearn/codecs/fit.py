# SPDX-License-Identifier: GPL-3.0-or-later
"""Fits the net under a representation: 64 inputs, 32 hidden units, 10 classes, on the host.

::

    hidden[j] = floor((sum over i of W[j][i] * input[i] + bias[j]) / 2^shift), held in 0..31
    score[k]  = sum over j of V[k][j] * hidden[j] + bias[k]
    loss      = cross-entropy of softmax(score / temperature)

Forward with the chip's own integers, back straight through the rounding, steps by Adam with a rate
that falls as a cosine. The rate counts in standard deviations of the fresh parameters, so that one
number serves all representations.

Source: Kingma, Ba, Adam, ICLR 2015.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from kilolearn.augment import move_some
from kilolearn.codecs.codec import Codec, Floats, Parameters
from kilolearn.learner import Labels, Samples

__all__ = ["HIDDEN_MAX", "FitRecipe", "Layered", "descend", "fit", "score_slopes", "slopes"]

HIDDEN_MAX = 31
_BATCH = 32
_DECAY = (0.9, 0.999)


@dataclass(frozen=True)
class FitRecipe:
    """How to fit.

    Attributes:
        shift: Of the hidden units, see above.
        temperature: See above.
        rate: Of a step, in standard deviations of the fresh parameters.
        epochs: How often each sample is seen.
        moved_share: Share of the images, 0-1, moved by half a pixel.
        window: Sums this far below 0 still pass a slope back: for sign activations, else 0.
    """

    shift: int
    temperature: float
    rate: float = 0.03
    epochs: int = 60
    moved_share: float = 0.3
    window: float = 0.0


@dataclass
class Layered:
    """Parameters of both layers and the biases: what `fit` moves.

    Attributes:
        hidden, output: Of the codecs.
        hidden_bias, output_bias: (rows,) in units of a sum.
    """

    hidden: Parameters
    output: Parameters
    hidden_bias: Floats
    output_bias: Floats

    def arrays(self) -> list[Floats]:
        """All of them, to be changed in place."""
        return [*self.hidden, *self.output, self.hidden_bias, self.output_bias]


@dataclass
class _Adam:
    units: list[float]
    means: list[Floats] = field(default_factory=list)
    squares: list[Floats] = field(default_factory=list)
    steps: int = 0

    def step(self, arrays: list[Floats], slopes: list[Floats], rate: float) -> None:
        if not self.means:
            self.means = [np.zeros_like(array) for array in arrays]
            self.squares = [np.zeros_like(array) for array in arrays]
        self.steps += 1
        first, second = _DECAY
        parts = zip(arrays, slopes, self.units, self.means, self.squares, strict=True)
        for array, slope, unit, mean, square in parts:
            mean += (1 - first) * (slope - mean)
            square += (1 - second) * (slope**2 - square)
            size = np.sqrt(square / (1 - second**self.steps)) + 1e-12
            array -= rate * unit * mean / (1 - first**self.steps) / size


def fit(
    hidden: Codec, output: Codec, samples: Samples, labels: Labels, recipe: FitRecipe, seed: int
) -> Layered:
    """Fit both layers and their biases.

    Args:
        hidden: (32, 64).
        output: (10, 32).
        samples: (samples, 64) uint8, 0..16, the training part.
        labels: (samples,).
        recipe: See above.
        seed: Of the first parameters, the shuffle and the moves.
    """
    random = np.random.default_rng(seed)
    net = Layered(
        hidden.start(random),
        output.start(random),
        np.zeros(hidden.rows),
        np.zeros(output.rows),
    )
    units = [float(np.std(array)) for array in net.hidden + net.output]
    descend(
        net.arrays(),
        [*units, 2.0**recipe.shift, recipe.temperature],
        lambda images, told: slopes(hidden, output, net, images, told, recipe),
        samples,
        labels,
        recipe,
        random,
    )
    return net


def descend(
    arrays: list[Floats],
    units: list[float],
    slopes_of: Callable[[Floats, Labels], list[Floats]],
    samples: Samples,
    labels: Labels,
    recipe: FitRecipe,
    random: np.random.Generator,
) -> None:
    """Step down the mean loss of one batch after another; changes `arrays` in place.

    Args:
        arrays: The parameters.
        units: One an array: what a rate of 1 moves it by.
        slopes_of: The slopes of `arrays` for a batch's images and labels.
        samples: (samples, 64) uint8, the training part.
        labels: (samples,).
        recipe: Epochs, rate and moves.
        random: Of the shuffle and the moves.
    """
    adam = _Adam(units)
    steps = recipe.epochs * -(-len(samples) // _BATCH)
    for _ in range(recipe.epochs):
        order = random.permutation(len(samples))
        images = move_some(samples[order], recipe.moved_share, random).astype(float)
        told = labels[order]
        for first in range(0, len(images), _BATCH):
            batch = slice(first, first + _BATCH)
            downhill = slopes_of(images[batch], told[batch])
            rate = recipe.rate * (1 + np.cos(np.pi * adam.steps / steps)) / 2
            adam.step(arrays, downhill, rate)


def slopes(
    hidden: Codec,
    output: Codec,
    net: Layered,
    images: Floats,
    labels: Labels,
    recipe: FitRecipe,
) -> list[Floats]:
    """Of the mean loss, in the order of `Layered.arrays`."""
    scale = 2.0**recipe.shift
    sums = hidden.forward(net.hidden, images) + np.rint(net.hidden_bias)
    seen = np.clip(np.floor(sums / scale), 0, HIDDEN_MAX)
    scores = output.forward(net.output, seen) + np.rint(net.output_bias)
    score_slope = score_slopes(scores, labels, recipe.temperature)
    output_slopes, seen_slope = output.backward(net.output, seen, score_slope)
    passes = (sums > -recipe.window) & (sums < (HIDDEN_MAX + 1) * scale)
    sum_slope = seen_slope * passes / scale
    hidden_slopes, _ = hidden.backward(net.hidden, images, sum_slope)
    return [*hidden_slopes, *output_slopes, sum_slope.sum(axis=0), score_slope.sum(axis=0)]


def score_slopes(scores: Floats, labels: Labels, temperature: float) -> Floats:
    """Of the mean cross-entropy of softmax(score / temperature), (samples, 10) as the scores."""
    logits = scores / temperature
    share = np.exp(logits - logits.max(axis=1, keepdims=True))
    share /= share.sum(axis=1, keepdims=True)
    share[np.arange(len(labels)), labels] -= 1
    slope: Floats = share / temperature / len(labels)
    return slope
