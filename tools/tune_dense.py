# SPDX-License-Identifier: GPL-3.0-or-later
"""Chooses the dense learners' sizes, step sizes, margin and schedule by cross-validation.

python tools/tune_dense.py iris                 search, print the table
python tools/tune_dense.py iris --validate      cross-validate the config in the tree by its recipe
python tools/tune_dense.py iris --score-test    train the config in the tree on the whole training
                                                parts and score the test parts
"""

from __future__ import annotations

import argparse
import os
import sys
from functools import partial
from typing import Any

import numpy as np
from native_learner import Bytes, Recipe, Task, score_test, search, validate
from numpy.typing import NDArray
from sklearn.datasets import load_breast_cancer, load_iris, load_wine

LOADERS = {"iris": load_iris, "wine": load_wine, "breast_cancer": load_breast_cancer}
INPUT_MAX = {"iris": 63, "wine": 31, "breast_cancer": 15}
CHOICES: dict[str, tuple[Any, ...]] = {
    "HIDDEN": (4, 6, 8),
    "HIDDEN_SHIFT": (6, 7, 8),
    "HIDDEN_STEP": (8, 9, 10, 11),
    "OUTPUT_STEP": (8, 9, 10),
    "MARGIN": (64, 128, 256, 512),
    "START": (16, 32),
    "schedule": ((50, (0.5, 0.75, 0.9)), (100, (0.5, 0.75, 0.9))),
}
RECIPES = {
    "iris": Recipe(epochs=100, falls=(0.5, 0.75, 0.9)),
    "wine": Recipe(epochs=100, falls=(0.5, 0.75, 0.9)),
    "breast_cancer": Recipe(epochs=50, falls=(0.5, 0.75, 0.9)),
}


def scaled(known: NDArray[np.float64], samples: NDArray[np.float64], *, input_max: int) -> Bytes:
    """Each measure over its range in the training part to 0..input_max, beyond it clipped."""
    low, high = known.min(axis=0), known.max(axis=0)
    levels = np.rint((samples - low) / (high - low) * input_max)
    return np.clip(levels, 0, input_max).astype(np.uint8)


def table(name: str) -> Task:
    """A data set of scikit-learn."""
    samples, labels = LOADERS[name](return_X_y=True)
    quantise = partial(scaled, input_max=INPUT_MAX[name])
    return Task("dense", name, samples, labels.astype(np.uint8), quantise)


def main() -> None:
    """Parse and run."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("name", choices=sorted(LOADERS))
    parser.add_argument("--candidates", type=int, default=60)
    parser.add_argument("--finalists", type=int, default=5)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--validate", action="store_true")
    parser.add_argument("--score-test", action="store_true")
    options = parser.parse_args()
    os.nice(10)
    if options.score_test:
        score_test(table(options.name), RECIPES[options.name], sys.stdout.write)
    elif options.validate:
        validate(partial(table, options.name), RECIPES[options.name], sys.stdout.write)
    else:
        search(
            partial(table, options.name),
            CHOICES,
            options.candidates,
            options.finalists,
            options.jobs,
            options.seed,
            sys.stdout.write,
        )


if __name__ == "__main__":
    main()
