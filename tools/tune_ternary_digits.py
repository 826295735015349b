# SPDX-License-Identifier: GPL-3.0-or-later
"""Chooses how the digits net of avr/kilobyte is fitted, by cross-validation in the training parts.

python tools/tune_ternary_digits.py                 search, print the table
python tools/tune_ternary_digits.py --sizes         the chosen recipe with other numbers of channels
"""

from __future__ import annotations

import argparse
import itertools
import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from sklearn.model_selection import StratifiedKFold

from kilolearn import datasets
from kilolearn.codecs.fit import FitRecipe
from kilolearn.codecs.windows_net import CHANNELS, INPUT_MAX, RECIPE, fit_windows
from kilolearn.quantise import QuantisedSplit

SPLITS = range(5)
FOLDS = 5
TEMPERATURES = (40.0, 60.0, 90.0)
RATES = (0.03, 0.05)
MOVED = (0.3, 0.5)
SIZES = (8, 16, 24, 32, 40, 56)


def folds_of(split: int, channels: int, recipe: FitRecipe) -> list[float]:
    """Percent right on each held-out fold of one split's training part."""
    whole = QuantisedSplit.of(datasets.split(datasets.load("digits"), split), INPUT_MAX)
    samples, labels = whole.train_samples, whole.train_labels
    found = []
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=split).split(samples, labels)
    for fold, (learned, held_out) in enumerate(folds):
        seed = 100 * (split + 1) + fold
        net = fit_windows(samples[learned], labels[learned], seed, channels, recipe)
        right = net.scores(samples[held_out]).argmax(axis=1) == labels[held_out]
        found.append(100 * float(np.mean(right)))
    return found


def main() -> None:
    """Print a line a candidate."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", action="store_true")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    asked = parser.parse_args()
    candidates = [(channels, RECIPE) for channels in SIZES]
    if not asked.sizes:
        candidates = [
            (CHANNELS, replace(RECIPE, temperature=temperature, rate=rate, moved_share=moved))
            for temperature, rate, moved in itertools.product(TEMPERATURES, RATES, MOVED)
        ]
    print("| held-out folds, % | lowest split | channels | temperature | rate | moved |")
    print("|---:|---:|---:|---:|---:|---:|")
    with ProcessPoolExecutor(asked.jobs) as executor:
        for channels, recipe in candidates:
            parts = list(
                executor.map(
                    folds_of, SPLITS, itertools.repeat(channels), itertools.repeat(recipe)
                )
            )
            means = [float(np.mean(part)) for part in parts]
            print(
                f"| {np.mean(means):.2f} | {min(means):.2f} | {channels} | {recipe.temperature:g} "
                f"| {recipe.rate} | {recipe.moved_share} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
