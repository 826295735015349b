# SPDX-License-Identifier: GPL-3.0-or-later
"""Chooses the logistic regression of ItalyPowerDemand inside its 67 training days.

python tools/tune_softmax.py          every setting, then the best again, the days cut anew
python tools/tune_softmax.py --float  scikit-learn's on the same cuts

Of 67 days one is 1.5 %: shares of right answers do not tell good settings apart, log-loss does.
Each setting is trained on 90, 50 and 33 % of the days, 30 times each, and judged by the rest: by
the mean of the three. The test part is not read.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from native_learner import Bytes, NativeLearner, Recipe, Task
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import RepeatedStratifiedKFold, StratifiedShuffleSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from kilolearn.quantise import InputScale
from kilolearn.sensor_datasets import load_windows

Floats = NDArray[np.float64]
Cut = tuple[NDArray[np.int64], NDArray[np.int64]]
Fit = Callable[[Floats, Bytes, Floats, int], Floats]
"""Days, labels, unseen days and a seed -> log2 of the odds of class 1, of each unseen day."""

INPUT_MAX = 63
SHIFTS, STEPS, EPOCHS = (4, 5), (9, 10, 11), (15, 30, 60, 120)
FALLS = (0.5, 0.7, 0.8, 0.9)
OCTAVE = 16
STRENGTHS = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)

Setting = dict[str, int]


def cuts(labels: Bytes, seed: int) -> Iterator[list[Cut]]:
    """Training and judging days: 10 folds thrice, halves and thirds 30 times."""
    days = np.zeros(len(labels))
    folds = RepeatedStratifiedKFold(n_splits=10, n_repeats=3, random_state=seed)
    yield list(folds.split(days, labels))
    for train_size in (34, 22):
        drawn = StratifiedShuffleSplit(30, train_size=train_size, random_state=seed)
        yield list(drawn.split(days, labels))


def judge(fit: Fit, seed: int) -> list[float]:
    """Log-loss in bits and percent right, for each of `cuts`."""
    train, _ = load_windows("ItalyPowerDemand")
    days = np.array([window.ravel() for window in train.windows])
    labels = train.labels.astype(np.uint8)
    judged = []
    for cut in cuts(labels, seed):
        lost, right = [], []
        for number, (known, held) in enumerate(cut, seed):
            odds = fit(days[known], labels[known], days[held], number)
            towards = np.where(labels[held] == 1, odds, -odds)
            lost.append(np.mean(np.logaddexp2(0, -towards)))
            right.append(np.mean((odds > 0) == labels[held]))
        judged += [float(np.mean(lost)), 100 * float(np.mean(right))]
    return judged


def judge_chip(setting: Setting, epochs: int, seed: int) -> list[float]:
    """The firmware, compiled for this machine."""
    task = Task("softmax", "italy_power", np.zeros((0, 24)), np.zeros(0, np.uint8), scaled)
    with tempfile.TemporaryDirectory() as folder:
        learner = NativeLearner(task, setting, Path(folder))

        def fit(known: Floats, labels: Bytes, unseen: Floats, number: int) -> Floats:
            learner.train(scaled(known, known), labels, Recipe(epochs, FALLS), number, None)
            return learner.scores(scaled(known, unseen)) / OCTAVE

        return judge(fit, seed)


def judge_float(model: Any, seed: int) -> list[float]:
    """A model of scikit-learn."""

    def fit(known: Floats, labels: Bytes, unseen: Floats, _: int) -> Floats:
        return np.asarray(model.fit(known, labels).decision_function(unseen) / np.log(2))

    return judge(fit, seed)


def scaled(known: Floats, days: Floats) -> Bytes:
    """By the range of the known days, one for all hours."""
    return InputScale.fit(known, INPUT_MAX, shared=True).apply(days)


def show(judged: list[float], told: str) -> None:
    """A row."""
    columns = " ".join(
        f"{lost:.4f} {right:5.2f} " for lost, right in zip(judged[::2], judged[1::2], strict=True)
    )
    sys.stdout.write(f"{np.mean(judged[::2]):.4f}  {columns} {told}\n")


def settle(executor: Executor, some: list[tuple[Setting, int]], seed: int) -> list[Any]:
    """Judge settings and write them down, best first."""
    futures = [executor.submit(judge_chip, *each, seed) for each in some]
    judged = [(future.result(), each) for future, each in zip(futures, some, strict=True)]
    judged.sort(key=lambda row: float(np.mean(row[0][::2])))
    for row, (setting, epochs) in judged:
        told = " ".join(f"{name}={value}" for name, value in setting.items())
        show(row, f"{told} epochs={epochs}")
    return [each for _, each in judged]


def main() -> None:
    """Parse and run."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--finalists", type=int, default=6)
    parser.add_argument("--float", action="store_true")
    options = parser.parse_args()
    os.nice(10)
    sys.stdout.write("  mean  log-loss in bits and percent right with 90, 50, 33 % of 67 days\n")
    if options.float:
        for strength in STRENGTHS:
            plain = LogisticRegression(C=strength, max_iter=3000)
            show(judge_float(plain, 1), f"one scale, C={strength}")
            standardised = make_pipeline(StandardScaler(), plain)
            show(judge_float(standardised, 1), f"a scale for each hour, C={strength}")
        return
    every = [
        ({"SCORE_SHIFT": shift, "STEP": step}, epochs)
        for shift, step, epochs in product(SHIFTS, STEPS, EPOCHS)
    ]
    with ProcessPoolExecutor(options.jobs) as pool:
        best = settle(pool, every, seed=1)[: options.finalists]
        sys.stdout.write(f"  the best {len(best)} again, the days cut anew\n")
        settle(pool, best, seed=1001)


if __name__ == "__main__":
    main()
