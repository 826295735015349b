# SPDX-License-Identifier: GPL-3.0-or-later
"""Fits nets whose layers are represented by codecs, on the host.

::

    hidden[j] = floor((sum over i of W[j][i] * input[i] + bias[j]) / 2^shift[j]), held in 0..ceiling
    score[k]  = (sum over j of V[k][j] * hidden[j] + bias[k]) * 2^shift[k]
    loss      = cross-entropy of softmax(score / temperature)

Forward with the chip's own integers, back straight through the rounding, steps by Adam with a rate
that falls as a cosine. The rate counts in standard deviations of the fresh parameters, so that one
number serves all representations. A single score says how much likelier class 1 is than class 0.

Source: Kingma, Ba, Adam, ICLR 2015.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kilolearn.augment import move_some
from kilolearn.codecs.codec import Codec, Floats, Parameters
from kilolearn.learner import Labels, Samples

__all__ = [
    "BATCH",
    "HIDDEN_MAX",
    "FitLayer",
    "FitRecipe",
    "arrays_of",
    "descend",
    "fit",
    "loss",
    "moved_batches",
    "one_hot",
    "score_slopes",
    "slopes",
    "widened",
]

HIDDEN_MAX = 31
BATCH = 32
_DECAY = (0.9, 0.999)


@dataclass(frozen=True)
class FitRecipe:
    """How to fit the digits' net, 64 inputs, 32 hidden units, 10 classes.

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
class FitLayer:
    """A layer on its way.

    Attributes:
        codec: Of its weights.
        parameters: Of the codec.
        bias: (rows,) in units of a sum.
        scale: (rows,), what a sum is divided by: 2^shift of hidden units, 2^-shift of scores.
        ceiling: Of hidden units.
        window: See `FitRecipe`.
    """

    codec: Codec
    parameters: Parameters
    bias: Floats
    scale: Floats
    ceiling: float = HIDDEN_MAX
    window: float = 0.0

    def sums(self, inputs: Floats) -> Floats:
        """Sums (samples, rows) of inputs (samples, inputs)."""
        return self.codec.forward(self.parameters, inputs) + np.rint(self.bias)

    def rectify(self, sums: Floats) -> Floats:
        """Sums as outputs of a hidden layer."""
        return np.minimum(np.maximum(np.floor(sums / self.scale), 0), self.ceiling)

    def passes(self, sums: Floats) -> NDArray[np.bool_]:
        """Where a slope goes back through `rectify`."""
        return (sums > -self.window) & (sums < (self.ceiling + 1) * self.scale)


class _Adam:
    """All arrays as one, since most are small."""

    def __init__(self, arrays: list[Floats], units: list[float]) -> None:
        sizes = [array.size for array in arrays]
        self.arrays = arrays
        self.ends = np.cumsum(sizes).tolist()
        self.units = np.repeat(units, sizes)
        self.mean = np.zeros(sum(sizes))
        self.square = np.zeros(sum(sizes))
        self.steps = 0

    def step(self, slopes: list[Floats], rate: float) -> None:
        slope = np.concatenate([part.ravel() for part in slopes])
        self.steps += 1
        first, second = _DECAY
        self.mean += (1 - first) * (slope - self.mean)
        self.square += (1 - second) * (slope**2 - self.square)
        size = np.sqrt(self.square / (1 - second**self.steps)) + 1e-12
        change = rate * self.units * self.mean / (1 - first**self.steps) / size
        for array, end in zip(self.arrays, self.ends, strict=True):
            array -= change[end - array.size : end].reshape(array.shape)


def fit(
    hidden: Codec, output: Codec, samples: Samples, labels: Labels, recipe: FitRecipe, seed: int
) -> list[FitLayer]:
    """Fit the digits' net from fresh parameters.

    Args:
        hidden: (32, 64).
        output: (10, 32).
        samples: (samples, 64) uint8, 0..16, the training part.
        labels: (samples,).
        recipe: See above.
        seed: Of the first parameters, the shuffle and the moves.
    """
    random = np.random.default_rng(seed)
    layers = [
        FitLayer(
            codec,
            codec.start(random),
            np.zeros(codec.rows),
            np.full(codec.rows, scale),
            window=recipe.window,
        )
        for codec, scale in ((hidden, 2.0**recipe.shift), (output, 1.0))
    ]
    units = []
    for layer, unit in zip(layers, (2.0**recipe.shift, recipe.temperature), strict=True):
        units += [*(float(np.std(array)) for array in layer.parameters), unit]
    targets = one_hot(labels, output.rows)
    batches = moved_batches(samples, targets, recipe, random)
    steps = recipe.epochs * -(-len(samples) // BATCH)
    descend(
        arrays_of(layers),
        units,
        lambda images, told: slopes(layers, images, told, recipe.temperature),
        batches,
        steps,
        recipe.rate,
    )
    return layers


def arrays_of(layers: Sequence[FitLayer]) -> list[Floats]:
    """All parameters and biases, to be changed in place."""
    return [array for layer in layers for array in (*layer.parameters, layer.bias)]


def one_hot(labels: Labels, classes: int) -> Floats:
    """Targets (samples, classes) that are sure of the labels (samples,)."""
    return np.eye(classes)[labels]


def moved_batches(
    samples: Samples, targets: Floats, recipe: FitRecipe, random: np.random.Generator
) -> Iterator[tuple[Floats, Floats]]:
    """Batches of images, some of them moved, with their targets: shuffled anew each epoch."""
    for _ in range(recipe.epochs):
        order = random.permutation(len(samples))
        images = move_some(samples[order], recipe.moved_share, random).astype(float)
        told = targets[order]
        for first in range(0, len(images), BATCH):
            batch = slice(first, first + BATCH)
            yield images[batch], told[batch]


def descend(
    arrays: list[Floats],
    units: list[float],
    slopes_of: Callable[[Floats, Floats], list[Floats]],
    batches: Iterator[tuple[Floats, Floats]],
    steps: int,
    rate: float,
) -> None:
    """Step down the mean loss of one batch after another; changes `arrays` in place.

    Args:
        arrays: The parameters.
        units: One an array: what a rate of 1 moves it by.
        slopes_of: The slopes of `arrays` for a batch's inputs and targets.
        batches: At least as many as steps.
        steps: How many.
        rate: Of the first step.
    """
    adam = _Adam(arrays, units)
    for step, (inputs, targets) in zip(range(steps), batches, strict=False):
        now = rate * (1 + np.cos(np.pi * step / steps)) / 2
        adam.step(slopes_of(inputs, targets), now)


def slopes(
    layers: Sequence[FitLayer], inputs: Floats, targets: Floats, temperature: float
) -> list[Floats]:
    """Of the mean loss, in the order of `arrays_of`."""
    seen, sums = _forward(layers, inputs)
    sum_slope = score_slopes(sums[-1] / layers[-1].scale, targets, temperature) / layers[-1].scale
    found: list[Floats] = []
    for place in reversed(range(len(layers))):
        layer = layers[place]
        of_layer, seen_slope = layer.codec.backward(layer.parameters, seen[place], sum_slope)
        found = [*of_layer, sum_slope.sum(axis=0), *found]
        if place > 0:
            below = layers[place - 1]
            passed = seen_slope[:, : below.codec.rows] * below.passes(sums[place - 1])
            sum_slope = passed / below.scale
    return found


def loss(layers: Sequence[FitLayer], inputs: Floats, targets: Floats, temperature: float) -> float:
    """Mean cross-entropy, see above."""
    logits = _forward(layers, inputs)[1][-1] / layers[-1].scale / temperature
    if logits.shape[1] == 1:
        logits = np.hstack([np.zeros_like(logits), logits])
    logits -= logits.max(axis=1, keepdims=True)
    likelihood = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    return -float((likelihood * targets).sum() / len(targets))


def _forward(layers: Sequence[FitLayer], inputs: Floats) -> tuple[list[Floats], list[Floats]]:
    """What each layer sees, and its sums."""
    seen, sums = [inputs], []
    for layer in layers:
        sums.append(layer.sums(seen[-1]))
        if layer is not layers[-1]:
            seen.append(widened(layer.rectify(sums[-1]), layers[len(sums)].codec.inputs))
    return seen, sums


def widened(values: Floats, inputs: int) -> Floats:
    """Columns of zeros behind (rows, columns), up to what a codec takes."""
    if inputs == values.shape[1]:
        return values
    wide = np.zeros((len(values), inputs))
    wide[:, : values.shape[1]] = values
    return wide


def score_slopes(scores: Floats, targets: Floats, temperature: float) -> Floats:
    """Of the mean cross-entropy of softmax(score / temperature), shape as the scores.

    Args:
        scores: (samples, classes), or (samples, 1) of class 1, where class 0 has 0.
        targets: (samples, classes), shares that add up to 1.
        temperature: See above.
    """
    logits = scores / temperature
    if scores.shape[1] == 1:
        likely = 1 / (1 + np.exp(-np.clip(logits, -500, 500)))
        return (likely - targets[:, 1:]) / temperature / len(targets)
    share = np.exp(logits - logits.max(axis=1, keepdims=True))
    share /= share.sum(axis=1, keepdims=True)
    slope: Floats = (share - targets) / temperature / len(targets)
    return slope
