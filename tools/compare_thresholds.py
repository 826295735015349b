# SPDX-License-Identifier: GPL-3.0-or-later
"""Where in the gap between two training values should a tree's threshold lie?

python tools/compare_thresholds.py

Any place fits the training data equally; scikit-learn takes the middle, which `kilolearn export`
keeps. Trees on 64 levels, five folds four times, on real tables and drawn ones: percent right.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray
from sklearn import datasets
from sklearn.model_selection import StratifiedKFold
from sklearn.tree import DecisionTreeClassifier

from kilolearn.quantise import InputScale
from kilolearn.sensor_datasets import load_stream

Floats = NDArray[np.float64]
Cut = Callable[[Floats, Floats, Floats], Floats]
"""Greatest value below, least value above, share of the samples below -> first level above."""

LEVEL_MAX = 63
SEED = 100
CUTS: dict[str, Cut] = {
    "middle": lambda low, high, _: np.floor((low + high) / 2) + 1,
    "middle, ties above": lambda low, high, _: np.ceil((low + high) / 2),
    "a third": lambda low, high, _: np.floor(low + (high - low) / 3) + 1,
    "two thirds": lambda low, high, _: np.minimum(np.floor(low + (high - low) * 2 / 3) + 1, high),
    "low end": lambda low, _high, _: low + 1,
    "high end": lambda _low, high, _: high,
    "nearer the fewer": lambda low, high, share: np.minimum(
        np.floor(low + (high - low) * share) + 1, high
    ),
    "truncated (emlearn)": lambda low, high, _: np.floor((low + high) / 2),
}


def tables() -> Iterator[tuple[str, Floats, NDArray[np.int64]]]:
    """Name, values (samples, width) and labels."""
    for load in (
        datasets.load_iris, datasets.load_wine, datasets.load_breast_cancer, datasets.load_digits,
    ):  # fmt: skip
        yield load.__name__.removeprefix("load_"), *load(return_X_y=True)
    for name in ("phishing", "bananas"):
        stream = load_stream(name)
        yield name, stream.features[:1250], stream.labels[:1250]
    for seed in range(12):
        drawn = datasets.make_classification(
            200, 4 + 2 * (seed % 4), n_informative=3, n_redundant=1, n_classes=2 + seed % 3,
            n_clusters_per_class=1, random_state=seed,
        )  # fmt: skip
        yield f"drawn {seed}", *drawn
    for seed in range(3):
        yield f"moons {seed}", *datasets.make_moons(200, noise=0.25, random_state=seed)


def gaps(tree: DecisionTreeClassifier, samples: Floats) -> tuple[Floats, Floats, Floats]:
    """What a `Cut` takes, a value a node."""
    nodes = tree.tree_
    low, high, share = np.zeros((3, nodes.node_count))
    reached = tree.decision_path(samples).toarray().astype(bool)
    for node in np.flatnonzero(nodes.children_left >= 0):
        values = samples[reached[:, node], nodes.feature[node]]
        below = values <= nodes.threshold[node]
        low[node], high[node] = values[below].max(), values[~below].min()
        share[node] = below.mean()
    return low, high, share


def answers(tree: DecisionTreeClassifier, cuts: Floats, samples: Floats) -> NDArray[np.int64]:
    """Of the tree with other thresholds."""
    nodes = tree.tree_
    at = np.zeros(len(samples), int)
    every = np.arange(len(samples))
    for _ in range(nodes.max_depth):
        below = samples[every, nodes.feature[at]] < cuts[at]
        child = np.where(below, nodes.children_left[at], nodes.children_right[at])
        at = np.where(child < 0, at, child)
    return np.asarray(nodes.value[at, 0].argmax(1))


def compare(samples: Floats, labels: NDArray[np.int64]) -> list[float]:
    """Percent right by each of `CUTS`."""
    right = np.zeros(len(CUTS))
    for repeat in range(4):
        folds = StratifiedKFold(5, shuffle=True, random_state=SEED + repeat)
        for fit, held in folds.split(samples, labels):
            scale = InputScale.fit(samples[fit], LEVEL_MAX)
            known, unseen = (scale.apply(samples[part]).astype(float) for part in (fit, held))
            tree = DecisionTreeClassifier(random_state=0).fit(known, labels[fit])
            about = gaps(tree, known)
            for i, cut in enumerate(CUTS.values()):
                right[i] += np.sum(answers(tree, cut(*about), unseen) == labels[held])
    return [float(share) for share in 100 * right / (4 * len(labels))]


def main() -> None:
    """Every table, then the means and the error of their difference from the middle."""
    os.nice(10)
    rows = []
    sys.stdout.write(f"{'':14}{'  '.join(CUTS)}\n")
    for name, samples, labels in tables():
        rows.append(compare(samples, labels))
        sys.stdout.write(f"{name:14}{' '.join(f'{share:6.2f}' for share in rows[-1])}\n")
    table = np.array(rows)
    apart = table - table[:, :1]
    for i, name in enumerate(CUTS):
        error = apart[:, i].std(ddof=1) / np.sqrt(len(rows))
        sys.stdout.write(
            f"{name:22}{table[:, i].mean():6.2f}  {apart[:, i].mean():+.2f} +- {error:.2f}\n"
        )


if __name__ == "__main__":
    main()
