# SPDX-License-Identifier: GPL-3.0-or-later
"""Chooses the digits learner's sizes, step sizes, margin and schedule by cross-validation.

python tools/tune_digits.py                 search, print the table
python tools/tune_digits.py --validate      cross-validate the config in the tree by its recipe
python tools/tune_digits.py --score-test    train the config in the tree by its recipe on the whole
                                            training parts and score the test parts

Each takes --net pooled for the net of avr/apps/pooled.c.
"""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import replace
from typing import Any

import numpy as np
from native_learner import Bytes, Recipe, Task, score_test, search, validate
from numpy.typing import NDArray
from sklearn.datasets import load_digits

from kilolearn.augment import move_some

DIGITS: dict[str, tuple[Any, ...]] = {
    "HIDDEN_SHIFT": (6, 7),
    "HIDDEN_STEP": (8, 9, 10),
    "OUTPUT_STEP": (8, 9, 10),
    "MARGIN": (48, 64, 96, 128, 160, 192, 224, 256),
    "OUTPUT_START": (8, 16),
    "schedule": (
        (25, (0.6, 0.85)),
        (40, (0.6, 0.85)),
        (40, (0.3, 0.6, 0.9)),
        (40, (0.5, 0.7, 0.8, 0.9)),
    ),
    "augment": (0.0, 0.3, 0.5),
}
POOLED: dict[str, tuple[Any, ...]] = {
    "HIDDEN_SHIFT": (7, 8),
    "HIDDEN_STEP": (8, 9, 10),
    "OUTPUT_STEP": (9, 10),
    "HIDDEN_ONE": (8, 16),
    "SCORE_SHIFT": (3, 4),
    "MARGIN": (96, 128, 160, 192, 224),
    "HIDDEN_START": (16, 32),
    "OUTPUT_START": (8, 16, 32),
    "schedule": ((40, (0.5, 0.7, 0.8, 0.9)), (60, (0.5, 0.7, 0.8, 0.9))),
    "augment": (0.0, 0.15, 0.3),
}
CHOICES = {"digits": DIGITS, "pooled": POOLED}
RECIPES = {
    "digits": Recipe(epochs=40, falls=(0.5, 0.7, 0.8, 0.9), augment=0.3),
    "pooled": Recipe(epochs=40, falls=(0.5, 0.7, 0.8, 0.9), augment=0.3),
}


def as_they_are(_: NDArray[np.float64], samples: NDArray[np.float64]) -> Bytes:
    """The pixels are 0..16 already."""
    return samples.astype(np.uint8)


def in_four_bits(_: NDArray[np.float64], samples: NDArray[np.float64]) -> Bytes:
    """0..16 to 0..15."""
    return np.rint(samples / 16 * 15).astype(np.uint8)


def two_a_byte(samples: Bytes) -> Bytes:
    """The first of two pixels is the low half."""
    return np.ascontiguousarray(samples[:, ::2] | samples[:, 1::2] << 4)


def digits() -> Task:
    """scikit-learn's 1,797 images."""
    samples, labels = load_digits(return_X_y=True)
    return Task("digits", "", samples, labels.astype(np.uint8), as_they_are, move_some)


def pooled() -> Task:
    """The same with 16 levels, two pixels a byte."""
    samples, labels = load_digits(return_X_y=True)
    told = labels.astype(np.uint8)
    return Task("pooled", "digits", samples, told, in_four_bits, move_some, two_a_byte)


TASKS = {"digits": digits, "pooled": pooled}


def main() -> None:
    """Parse and run."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--net", choices=sorted(TASKS), default="digits")
    parser.add_argument("--candidates", type=int, default=160)
    parser.add_argument("--finalists", type=int, default=8)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--score-test", action="store_true")
    parser.add_argument(
        "--augment", type=float, help="share of moved images, instead of the recipe's"
    )
    parser.add_argument("--validate", action="store_true")
    options = parser.parse_args()
    os.nice(10)
    task, recipe = TASKS[options.net], RECIPES[options.net]
    if options.augment is not None:
        recipe = replace(recipe, augment=options.augment)
    if options.score_test:
        score_test(task(), recipe, sys.stdout.write)
    elif options.validate:
        validate(task, recipe, sys.stdout.write)
    else:
        search(
            task,
            CHOICES[options.net],
            options.candidates,
            options.finalists,
            options.jobs,
            options.seed,
            sys.stdout.write,
        )


if __name__ == "__main__":
    main()
