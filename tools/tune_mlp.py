# SPDX-License-Identifier: GPL-3.0-or-later
"""Chooses the nets' shifts, step sizes and first weights by cross-validation.

python tools/tune_mlp.py wine               search, print the table
python tools/tune_mlp.py wine --validate    cross-validate the config in the tree by its recipe
"""

from __future__ import annotations

import argparse
import os
import sys
from functools import partial
from typing import Any

import numpy as np
from native_learner import Bytes, Recipe, Task, search, validate
from numpy.typing import NDArray
from sklearn.datasets import load_digits, load_iris, load_wine
from tune_dense import scaled

from kilolearn.augment import move_some

LOADERS = {"iris": load_iris, "iris16": load_iris, "wine": load_wine, "digits": load_digits}
INPUT_MAX = {"iris": 63, "iris16": 63, "wine": 31, "digits": 16}
LONG, SHORT = (100, (0.5, 0.75, 0.9)), (40, (0.5, 0.7, 0.8, 0.9))
CHOICES: dict[str, dict[str, tuple[Any, ...]]] = {
    "iris": {
        "HIDDEN_SHIFT": (6, 7, 8),
        "HIDDEN_STEP": (8, 9, 10, 11),
        "OUTPUT_SHIFT": (3, 4, 5),
        "OUTPUT_STEP": (8, 9, 10),
        "MARGIN": (16, 32, 64, 128),
        "START": (16, 32),
        "schedule": (LONG,),
    },
    "iris16": {
        "HIDDEN_SHIFT": (2, 3, 4),
        "HIDDEN_STEP": (8, 9, 10, 11),
        "OUTPUT_SHIFT": (2, 3, 4),
        "OUTPUT_STEP": (8, 9, 10),
        "START": (16, 32, 64),
        "schedule": (LONG,),
    },
    "wine": {
        "HIDDEN_SHIFT": (5, 6, 7),
        "HIDDEN_STEP": (8, 9, 10, 11),
        "SECOND_SHIFT": (4, 5, 6),
        "SECOND_STEP": (8, 9, 10, 11),
        "OUTPUT_SHIFT": (3, 4, 5, 6),
        "OUTPUT_STEP": (8, 9, 10),
        "START": (16, 32, 64),
        "schedule": (LONG,),
    },
    "digits": {
        "HIDDEN_SHIFT": (5, 6, 7),
        "HIDDEN_STEP": (8, 9, 10, 11),
        "OUTPUT_SHIFT": (4, 5, 6),
        "OUTPUT_STEP": (8, 9, 10),
        "START": (8, 16, 32),
        "schedule": (SHORT, (80, SHORT[1])),
        "augment": (0.0, 0.3, 0.5),
    },
}


def exact(known: NDArray[np.float64], samples: NDArray[np.float64]) -> Bytes:
    """Pixels 0-16 stay as they are."""
    del known
    return samples.astype(np.uint8)


def table(name: str) -> Task:
    """A data set of scikit-learn."""
    samples, labels = LOADERS[name](return_X_y=True)
    quantise = exact if name == "digits" else partial(scaled, input_max=INPUT_MAX[name])
    augment = move_some if name == "digits" else None
    return Task("mlp", name, samples, labels.astype(np.uint8), quantise, augment)


def main() -> None:
    """Parse and run."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("name", choices=sorted(LOADERS))
    parser.add_argument("--candidates", type=int, default=40)
    parser.add_argument("--finalists", type=int, default=4)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--validate", action="store_true")
    options = parser.parse_args()
    os.nice(10)
    make_task = partial(table, options.name)
    if options.validate:
        recipe = Recipe(*CHOICES[options.name]["schedule"][0])
        validate(make_task, recipe, sys.stdout.write)
        return
    search(
        make_task,
        CHOICES[options.name],
        options.candidates,
        options.finalists,
        options.jobs,
        options.seed,
        sys.stdout.write,
    )


if __name__ == "__main__":
    main()
