# SPDX-License-Identifier: GPL-3.0-or-later
"""Chooses how the digits net of avr/kilobyte is fitted, by cross-validation in the training parts.

python tools/tune_ternary_digits.py                 search, print the table
python tools/tune_ternary_digits.py --sizes         the chosen recipe with other numbers of channels
python tools/tune_ternary_digits.py --write         fit split 0, write its weights into avr/
"""

from __future__ import annotations

import argparse
import itertools
import os
import sys
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import replace

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from sklearn.model_selection import StratifiedKFold

from kilolearn import datasets, firmware
from kilolearn.codecs.fit import FitRecipe
from kilolearn.codecs.ternary_digits import CHANNELS, INPUT_MAX, RECIPE, fit_windows
from kilolearn.kilobyte_digits import APP
from kilolearn.quantise import QuantisedSplit

SPLITS = range(5)
FOLDS = 5
RATES = (0.05, 0.03, 0.08)
TEMPERATURES = (40.0, 60.0, 90.0)
SIZES = (8, 16, 24, 32, 40, 56)


def training_part(split: int) -> QuantisedSplit:
    """The benchmark's split, in the chip's levels."""
    return QuantisedSplit.of(datasets.split(datasets.load("digits"), split), INPUT_MAX)


def folds_of(split: int, channels: int, recipe: FitRecipe) -> list[float]:
    """Percent right on each held-out fold of one split's training part."""
    part = training_part(split)
    samples, labels = part.train_samples, part.train_labels
    found = []
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=split).split(samples, labels)
    for fold, (learned, held_out) in enumerate(folds):
        seed = 100 * (split + 1) + fold
        net = fit_windows(samples[learned], labels[learned], seed, channels, recipe)
        right = net.scores(samples[held_out]).argmax(axis=1) == labels[held_out]
        found.append(100 * float(np.mean(right)))
    return found


def search(executor: Executor, candidates: list[tuple[int, FitRecipe]]) -> None:
    """Print a line a candidate."""
    say = sys.stdout.write
    say("| held-out folds, % | lowest split | channels | rate | temperature |\n")
    say("|---:|---:|---:|---:|---:|\n")
    for channels, recipe in candidates:
        same = itertools.repeat
        parts = list(executor.map(folds_of, SPLITS, same(channels), same(recipe)))
        means = [float(np.mean(part)) for part in parts]
        say(f"| {np.mean(means):.2f} | {min(means):.2f} | {channels} ")
        say(f"| {recipe.rate} | {recipe.temperature:g} |\n")
        sys.stdout.flush()


def write() -> None:
    """The weights of the image that ``make`` builds."""
    part = training_part(0)
    net = fit_windows(part.train_samples, part.train_labels, seed=0)
    header = firmware.avr_folder() / "apps" / "configs" / f"{APP}.h"
    header.write_text(net.header(), encoding="utf-8")


def main() -> None:
    """As the options say."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", action="store_true")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    asked = parser.parse_args()
    with ProcessPoolExecutor(asked.jobs) as executor:
        if asked.write:
            write()
        elif asked.sizes:
            search(executor, [(channels, RECIPE) for channels in SIZES])
        else:
            steps = itertools.product(RATES, TEMPERATURES)
            recipes = [replace(RECIPE, rate=rate, temperature=warmth) for rate, warmth in steps]
            search(executor, [(CHANNELS, recipe) for recipe in recipes])


if __name__ == "__main__":
    main()
