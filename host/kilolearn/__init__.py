# SPDX-License-Identifier: GPL-3.0-or-later
"""kilolearn: machine learning that trains on a chip with 1 KB of SRAM. The PC's side.

A learner is a chip behind a pyserial port (`kilolearn.link`) or its native twin
(`kilolearn.twin`); both take the same calls and give the same bits::

    from kilolearn import QuantisedSplit, TrainingRecipe, datasets, evaluate, open_link
    from kilolearn import train_on_chip

    with open_link("/dev/ttyUSB0") as link:
        split = datasets.split(datasets.load("digits"), seed=0)
        samples = QuantisedSplit.of(split, link.description.input_max)
        recipe = TrainingRecipe(rate_shifts=(0, 0, 1, 2), seed=0)
        train_on_chip(link, samples.train_samples, samples.train_labels, recipe)
        print(evaluate(link, samples.test_samples, samples.test_labels)[0])
"""

from __future__ import annotations

from kilolearn import datasets
from kilolearn.datasets import Dataset, Split
from kilolearn.errors import KilolearnError
from kilolearn.learner import Answer, Answers, Description, Learner
from kilolearn.link import Link, open_link
from kilolearn.quantise import InputScale, QuantisedSplit
from kilolearn.train import History, TrainingRecipe, evaluate, train_on_chip
from kilolearn.twin import Twin

__all__ = [
    "Answer",
    "Answers",
    "Dataset",
    "Description",
    "History",
    "InputScale",
    "KilolearnError",
    "Learner",
    "Link",
    "QuantisedSplit",
    "Split",
    "TrainingRecipe",
    "Twin",
    "datasets",
    "evaluate",
    "open_link",
    "train_on_chip",
]
