# SPDX-License-Identifier: GPL-3.0-or-later
"""A net in real numbers as one in integers, each layer in a representation of its own.

Layer after layer the weights are brought to the units of their codec, at the scale with which its
exact sums come nearest to the net's own on the table's samples; biases take up what is left on the
mean. Since ``relu(s * x) = s * relu(x)``, each hidden unit has a scale at will, which the next
layer's weights undo. Then all layers are fitted together, straight through the rounding
(codecs/fit.py).

Sources: Nagel et al., Data-free quantization through weight equalization and bias correction, ICCV
2019; Bengio, Léonard, Courville, arXiv:1308.3432 (2013).
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from kilolearn.classifier.table import Table
from kilolearn.codecs.codec import Floats, MatrixCodec, Parameters
from kilolearn.codecs.fit import HIDDEN_MAX, FitLayer, arrays_of, descend, loss, slopes, widened
from kilolearn.codecs.net import encode_layers
from kilolearn.errors import WeightsError
from kilolearn.nets.fitted import FittedNet
from kilolearn.nets.net import Net
from kilolearn.nets.representation import Representation
from kilolearn.nets.train import batches, targets_of

__all__ = ["RepresentRecipe", "represent"]

_SUM_MAX = 32767
_HEADROOMS = 0.8, 0.4, 0.2
"""Share of 16 bits that sums may reach before the fit, which moves weights; tried in turn."""

_STEP = 1.25
_COARSER_MAX = 60
_LARGEST = {"int4": 7, "sparse": 7, "movement": 7, "ternary": 1, "shared": 31, "delta": 124}
_FINER = {"int4": 6, "sparse": 6, "movement": 6, "ternary": 8}
_COARSER = {"delta": 6, "low_rank": 8}
"""Of each representation: the largest integer, and how many steps of 1.25 finer and coarser than
what brings the largest weight there a scale may be. Without a word: 127, 0, 0."""

_SHIFT_MAX = 6
_SIGN_SPREAD = 0.3  # of the parameters whose signs are one-bit weights
_HARDLY = 0.01
"""A hidden unit that says less than this part of another one is not brought to its range."""

_LOOKS = 20
"""A change of one weight out of few can undo a fit: so often the loss of all samples is looked at,
and the parameters with the lowest are kept."""


@dataclass(frozen=True)
class RepresentRecipe:
    """How to fit what was rounded.

    Attributes:
        steps: Of Adam, on batches of 128 samples, or all of fewer; 0 leaves it rounded.
        rate: Of the first step, in standard deviations of the parameters.
        ceiling: Hidden units are 0..ceiling, at most 255.
    """

    steps: int = 100
    rate: float = 0.03
    ceiling: int = HIDDEN_MAX


def represent(
    net: Net,
    representations: Sequence[Representation],
    table: Table,
    seed: int,
    recipe: RepresentRecipe | None = None,
    targets: Floats | None = None,
) -> FittedNet:
    """Bring a net into integers.

    Args:
        net: In real numbers.
        representations: One a layer.
        table: Samples and labels of the training part.
        seed: Of the shuffle.
        recipe: How to fit.
        targets: (samples, classes) shares that a teacher gives; else the labels.

    Raises:
        WeightsError: A shape that a representation does not take, another width, or sums that 16
            bits do not hold.
    """
    recipe = recipe or RepresentRecipe()
    if len(representations) != len(net.layers):
        raise WeightsError(
            f"{len(representations)} representations for {len(net.layers)} layers; expected one "
            f"a layer"
        )
    if (net.width, net.level_max) != (table.width, table.level_max):
        raise WeightsError(
            f"the net takes {net.width} levels of 0..{net.level_max}, the samples have "
            f"{table.width} of 0..{table.level_max}; expected the same"
        )
    targets = targets_of(table) if targets is None else targets

    def fitted(headroom: float) -> FittedNet:
        layers, temperature = _rounded(net, representations, table, recipe, headroom)
        _fit(layers, temperature, table, seed, recipe, targets)
        return FittedNet(encode_layers(layers, table.level_max).layers, net.width)

    for headroom in _HEADROOMS[:-1]:
        with suppress(WeightsError):
            return fitted(headroom)
    return fitted(_HEADROOMS[-1])


def _fit(
    layers: list[FitLayer],
    temperature: float,
    table: Table,
    seed: int,
    recipe: RepresentRecipe,
    targets: Floats,
) -> None:
    units = []
    for layer in layers:
        of_bias = temperature if layer is layers[-1] else float(layer.scale.mean())
        units += [*(float(np.std(array)) or 1.0 for array in layer.parameters), of_bias]
    inputs = widened(table.levels.astype(np.float64), layers[0].codec.inputs)
    arrays = arrays_of(layers)
    best, kept = np.inf, [array.copy() for array in arrays]
    draws = batches(inputs, targets, np.random.default_rng(seed))
    pause = max(1, recipe.steps // _LOOKS)
    step = 0

    def downhill(seen: Floats, told: Floats) -> list[Floats]:
        look()
        return slopes(layers, seen, told, temperature)

    def look() -> None:
        nonlocal best, kept, step
        if step % pause == 0:
            now = loss(layers, inputs, targets, temperature)
            if now < best:
                best, kept = now, [array.copy() for array in arrays]
        step += 1

    descend(arrays, units, downhill, draws, recipe.steps, recipe.rate)
    step = 0
    look()
    for array, value in zip(arrays, kept, strict=True):
        array[...] = value


def _rounded(
    net: Net,
    representations: Sequence[Representation],
    table: Table,
    recipe: RepresentRecipe,
    headroom: float,
) -> tuple[list[FitLayer], float]:
    """The layers before the fit, and what a score of 1 is divided by in the loss."""
    layers: list[FitLayer] = []
    outputs = net.seen(table.levels)
    seen = table.levels.astype(np.float64)
    worth = np.ones(net.width)  # of a 1 in each input, in real numbers
    temperature = 1.0
    input_max = net.level_max
    for place, (layer, how) in enumerate(zip(net.layers, representations, strict=True)):
        last = place == len(net.layers) - 1
        weight = layer.weight * worth
        wanted = outputs[place] @ layer.weight.T + layer.bias
        row = _row_scales(weight, wanted, how.per_row, last)
        codec = how.codec(len(weight), len(worth), seen)
        inputs = widened(seen, codec.inputs)
        weight = widened(weight / row[:, None], codec.inputs)
        parameters, unit = _start(how, codec, weight, inputs, wanted / row, input_max, headroom)
        sums = codec.sums(codec.encode(parameters), inputs.astype(np.int64)).astype(np.float64)
        bias = wanted.mean(axis=0) / row / unit - sums.mean(axis=0)
        if last:
            layers.append(FitLayer(codec, parameters, bias, row.min() / row))
            temperature = 1 / (unit * float(row.min()))
            break
        top = np.maximum((sums + bias).max(axis=0), 1) / (recipe.ceiling + 1)
        shift = np.maximum(np.ceil(np.log2(top if how.per_row else top.max())), 0)
        scale = np.broadcast_to(2.0**shift, bias.shape).copy()
        layers.append(
            FitLayer(codec, parameters, bias + np.floor(scale / 2), scale, recipe.ceiling)
        )
        seen = layers[-1].rectify(layers[-1].sums(inputs))
        worth = unit * row * scale
        input_max = recipe.ceiling
    return layers, temperature


def _row_scales(weight: Floats, wanted: Floats, per_row: bool, last: bool) -> Floats:
    """What each row of weights is divided by before it is rounded (rows,).

    Hidden units of one layer get equal ranges of outputs, or with scales of their own equal sizes
    of weights. Scores are compared, so theirs are powers of two, or all one.
    """
    size = np.sqrt(np.mean(weight**2, axis=1))
    if last:
        if not per_row or len(weight) == 1:
            return np.ones(len(weight))
        power = np.rint(np.log2(np.maximum(size, 1e-12) / max(float(size.max()), 1e-12)))
        return np.asarray(2.0 ** np.maximum(power, -_SHIFT_MAX))
    if not per_row:
        size = np.maximum(wanted.max(axis=0), wanted.std(axis=0))
    return np.asarray(np.maximum(size, _HARDLY * float(size.max()) or 1.0))


def _start(
    how: Representation,
    codec: MatrixCodec,
    weight: Floats,
    inputs: Floats,
    wanted: Floats,
    input_max: int,
    headroom: float,
) -> tuple[Parameters, float]:
    """Parameters, and what one integer is worth: the nearest sums of all scales that are allowed.

    Raises:
        WeightsError: At no scale 16 bits hold the sums.
    """
    whole = inputs.astype(np.int64)
    centred = wanted - wanted.mean(axis=0)
    base, best, found = _base(how, codec, weight), np.inf, None
    for power in range(-_FINER.get(how.name, 0), _COARSER_MAX):
        if power > _COARSER.get(how.name, 0) and found:
            break
        scale = base * _STEP**power
        parameters = codec.like(weight / scale)
        encoded = codec.encode(parameters)
        too_large = codec.sum_max(encoded, input_max) > headroom * _SUM_MAX
        if too_large or (weight.any() and not codec.weights(parameters).any()):
            continue
        sums = codec.sums(encoded, whole).astype(np.float64)
        sums -= sums.mean(axis=0)
        unit = float((sums * centred).sum() / max((sums**2).sum(), 1e-12))
        unit = unit if unit > 0 else scale
        error = float(((centred - unit * sums) ** 2).sum())
        if error < best:
            best, found = error, (parameters, unit)
    if found is None:
        raise WeightsError(
            f"sums over {codec.inputs} inputs of up to {input_max} leave 16 bits, or nothing of "
            f"the weights, as {how.name}; expected fewer inputs or levels"
        )
    return found


def _base(how: Representation, codec: MatrixCodec, weight: Floats) -> float:
    """The scale from which on others are tried."""
    match how.name:
        case "huffman_weights":
            size, largest = weight.std(), how.option("spread")
        case "binary":
            size, largest = weight.std(), _SIGN_SPREAD
        case "hashed":
            size, largest = 2 * np.abs(codec.like(weight)[0]).max(), 31
        case "low_rank":
            size, largest = np.abs(codec.like(weight)[1]).max(), 127
        case _:
            size, largest = np.abs(weight).max(), _LARGEST.get(how.name, 127)
    return (float(size) or 1.0) / largest
