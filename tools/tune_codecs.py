# SPDX-License-Identifier: GPL-3.0-or-later
"""How the designs of kilolearn.codecs were chosen: each candidate on held-out training images.

For the splits 0-2 the training images alone are cut once more, 80 to 20, stratified; a candidate is
fitted on the larger part and scored on the smaller one, by its exact integers. Test parts are not
touched.

    .venv/bin/python tools/tune_codecs.py [REPRESENTATION ...]
"""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np

from kilolearn import datasets
from kilolearn.codecs.designs import DESIGNS, Design
from kilolearn.codecs.fit import FitRecipe
from kilolearn.codecs.fractal import Fractal
from kilolearn.codecs.generated import Generated
from kilolearn.codecs.hashed import Hashed
from kilolearn.codecs.huffman_weights import HuffmanWeights
from kilolearn.codecs.levels import Binary, Int8
from kilolearn.codecs.low_rank import LowRank
from kilolearn.codecs.net import INPUT_MAX, fit_and_encode
from kilolearn.codecs.prune import Sparse
from kilolearn.datasets import Dataset
from kilolearn.errors import WeightsError
from kilolearn.quantise import QuantisedSplit

SPLITS = range(3)
HIDDEN, OUTPUT = (32, 64), (10, 32)


def candidates() -> dict[str, dict[str, Design]]:
    """By representation: the design that was taken, and its neighbours."""
    table = {name: {"taken": design} for name, design in DESIGNS.items()}
    for name, design in DESIGNS.items():
        epochs = 180 - design.recipe.epochs
        recipe = replace(design.recipe, epochs=epochs)
        table[name][f"{epochs} epochs"] = design._replace(recipe=recipe)
    binary = DESIGNS["binary"].recipe
    for seen in ((7,), (3, 7, 12), (1, 3, 6, 9, 12, 14)):
        for passed in ((0,), (0, 4, 10)):
            table["binary"][f"thresholds {seen} {passed}"] = Design(
                lambda seen=seen: Binary(*HIDDEN, seen),
                lambda passed=passed: Binary(*OUTPUT, passed),
                binary,
            )
    for kept in (0.1, 0.15, 0.3):
        table["sparse"][f"kept {kept}"] = DESIGNS["sparse"]._replace(
            hidden=lambda kept=kept: Sparse(*HIDDEN, kept)
        )
    for hidden, output, recipe in (
        (1.0, 2.0, FitRecipe(3, 40)),
        (0.7, 1.0, FitRecipe(3, 20)),
        (0.4, 0.7, FitRecipe(3, 40)),
    ):
        table["huffman_weights"][f"spreads {hidden} {output}, shift {recipe.shift}"] = Design(
            lambda hidden=hidden: HuffmanWeights(*HIDDEN, hidden),
            lambda output=output: HuffmanWeights(*OUTPUT, output),
            recipe,
        )
    for buckets in (64, 128):
        table["hashed"][f"{buckets} buckets"] = DESIGNS["hashed"]._replace(
            hidden=lambda buckets=buckets: Hashed(*HIDDEN, buckets)
        )
    for parts in (6, 10):
        table["low_rank"][f"rank {parts}"] = DESIGNS["low_rank"]._replace(
            hidden=lambda parts=parts: LowRank(*HIDDEN, parts, 5)
        )
    for waves in (8, 16):
        table["generated"][f"{waves} waves"] = DESIGNS["generated"]._replace(
            hidden=lambda waves=waves: Generated(*HIDDEN, waves, 5)
        )
    for levels, shift in ((1, 6), (2, 5), (3, 6)):
        table["fractal"][f"{levels} levels, shift {shift}"] = Design(
            lambda levels=levels, shift=shift: Fractal(levels, shift),
            lambda: Int8(*OUTPUT, 31),
            FitRecipe(shift, 100, epochs=120),
        )
    return table


def held_out(split: datasets.Split) -> QuantisedSplit:
    """The training part alone, cut once more."""
    inner = Dataset("training part", split.train_features, split.train_labels, shared_scale=True)
    return QuantisedSplit.of(datasets.split(inner, split.seed), INPUT_MAX)


def in_words(design: Design, parts: list[QuantisedSplit]) -> str:
    """Percent right, mean and each split, and the most bytes of weights."""
    scores, size = [], 0
    for seed, part in zip(SPLITS, parts, strict=True):
        net = fit_and_encode(design, part.train_samples, part.train_labels, seed)
        right = net.scores(part.test_samples).argmax(axis=1) == part.test_labels
        scores.append(100 * np.mean(right))
        size = max(size, net.weights_bytes)
    each = ", ".join(f"{score:.2f}" for score in scores)
    return f"{np.mean(scores):.2f} % ({each}), {size} B"


def main(chosen: list[str]) -> None:
    """Print a line a candidate."""
    digits = datasets.load("digits")
    parts = [held_out(datasets.split(digits, seed)) for seed in SPLITS]
    for name, designs in candidates().items():
        if chosen and name not in chosen:
            continue
        for label, design in designs.items():
            try:
                said = in_words(design, parts)
            except WeightsError as error:
                said = f"refused: {error}"
            print(f"{name}, {label}: {said}", flush=True)  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1:])
