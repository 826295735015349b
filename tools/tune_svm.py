# SPDX-License-Identifier: GPL-3.0-or-later
"""Chooses the support vector machine of ItalyPowerDemand inside its 67 training days.

python tools/tune_svm.py               every setting that fits, then the best again, cut anew
python tools/tune_svm.py --validate    the configs in the tree: svm, lvq, softmax

67 days in 5 folds do not tell good settings apart, so each is trained on 90, 80, 50 and 33 % of the
days, 100 times each, and judged by the rest: the mean of the four. The test part is not read.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import Executor, ProcessPoolExecutor
from functools import partial
from itertools import product
from pathlib import Path

import numpy as np
from native_learner import Bytes, NativeLearner, Recipe, Task
from numpy.typing import NDArray
from sklearn.model_selection import RepeatedStratifiedKFold, StratifiedShuffleSplit

from kilolearn.quantise import InputScale
from kilolearn.sensor_datasets import load_windows

Cut = tuple[NDArray[np.int64], NDArray[np.int64]]

EPOCHS = 20
VECTORS_THAT_FIT = {1: (8,), 2: (12, 16), 3: (16, 20, 24)}
"""By PIECE; with 300 B of SRAM."""
FALLS = (0.5, 0.7, 0.8, 0.9)
CONFIGS = {
    "svm": (85, Recipe(EPOCHS, ())),
    "lvq": (127, Recipe(40, FALLS)),
    "softmax": (63, Recipe(60, FALLS)),
}
"""Highest level and recipe of each app's config in the tree."""


def cuts(labels: Bytes, seed: int) -> Iterator[list[Cut]]:
    """Training and judging days: 10 folds, 5 folds, halves and thirds, 100 of each."""
    days = np.zeros(len(labels))
    for folds in (10, 5):
        repeats = 100 // folds
        draws = RepeatedStratifiedKFold(n_splits=folds, n_repeats=repeats, random_state=seed)
        yield list(draws.split(days, labels))
    for train_size in (34, 22):
        drawn = StratifiedShuffleSplit(100, train_size=train_size, random_state=seed)
        yield list(drawn.split(days, labels))


def scaled(known: NDArray[np.float64], days: NDArray[np.float64], input_max: int) -> Bytes:
    """By the range of the known days, one for all hours."""
    return InputScale.fit(known, input_max, shared=True).apply(days)


def judge(
    app: str, input_max: int, recipe: Recipe, macros: Mapping[str, int], seed: int
) -> list[float]:
    """Percent right of each of `cuts`."""
    train, _ = load_windows("ItalyPowerDemand")
    days = np.array([window.ravel() for window in train.windows])
    labels = train.labels.astype(np.uint8)
    quantise = partial(scaled, input_max=input_max)
    means = []
    with tempfile.TemporaryDirectory() as folder:
        learner = NativeLearner(
            Task(app, "italy_power", days, labels, quantise), macros, Path(folder)
        )
        for cut in cuts(labels, seed):
            scores = []
            for number, (fit, held) in enumerate(cut, seed):
                known = days[fit]
                learner.train(quantise(known, known), labels[fit], recipe, number, None)
                scores.append(learner.accuracy(quantise(known, days[held]), labels[held]))
            means.append(float(np.mean(scores)))
    return means


def settings() -> list[dict[str, int]]:
    """Every setting that is judged."""
    return [
        {"PIECE": piece, "VECTORS": vectors, "KERNEL_SHIFT": shift, "MARGIN": margin, "STEP": step}
        for piece in VECTORS_THAT_FIT
        for vectors, shift, margin, step in product(
            VECTORS_THAT_FIT[piece], (8, 9, 10), (24, 32, 48, 64), (0, 1)
        )
    ]


def show(means: list[float], told: str) -> None:
    """A row."""
    columns = " ".join(f"{mean:6.2f}" for mean in (np.mean(means), *means))
    sys.stdout.write(f"{columns}  {told}\n")


def settle(executor: Executor, some: list[dict[str, int]], seed: int) -> list[dict[str, int]]:
    """Judge settings and write them down, best first."""
    recipe = Recipe(EPOCHS, ())
    futures = [
        executor.submit(judge, "svm", 255 // macros["PIECE"], recipe, macros, seed)
        for macros in some
    ]
    judged = [(future.result(), macros) for future, macros in zip(futures, some, strict=True)]
    judged.sort(key=lambda row: -float(np.mean(row[0])))
    for means, macros in judged:
        show(means, " ".join(f"{name}={value}" for name, value in macros.items()))
    return [macros for _, macros in judged]


def main() -> None:
    """Parse and run."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--finalists", type=int, default=16)
    parser.add_argument("--validate", action="store_true")
    options = parser.parse_args()
    os.nice(10)
    sys.stdout.write(
        "  mean   90 %   80 %   50 %   33 %  of 67 days, percent right on the others\n"
    )
    if options.validate:
        for app, (input_max, recipe) in CONFIGS.items():
            show(judge(app, input_max, recipe, {}, seed=1001), app)
        return
    with ProcessPoolExecutor(options.jobs) as pool:
        best = settle(pool, settings(), seed=1)[: options.finalists]
        sys.stdout.write(f"  the best {len(best)} again, the days cut anew\n")
        settle(pool, best, seed=1001)


if __name__ == "__main__":
    main()
