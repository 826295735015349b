# SPDX-License-Identifier: GPL-3.0-or-later
"""Targets that a larger model gives: what a small net is told beside the labels.

Source: Hinton, Vinyals, Dean, Distilling the knowledge in a neural network, arXiv:1503.02531.
"""

from __future__ import annotations

import numpy as np

from kilolearn.classifier.table import Table
from kilolearn.codecs.codec import Floats
from kilolearn.errors import MissingExtraError
from kilolearn.nets.net import Net
from kilolearn.nets.train import TrainRecipe, targets_of, train_net

__all__ = ["TEACHERS", "shares", "taught"]

TEACHERS = ("labels", "net", "forest")
"""Nobody; a net with a wide hidden layer; a forest, for each sample the trees without it."""

_TAUGHT = {"net": 1.0, "forest": 0.5}
"""What the teacher's word weighs beside the label. A net has learned from the labels what there is
to learn for a smaller one; a forest's shares, of a third of its trees, are rough."""

_UNITS = 64
_TREES = 100


def taught(teacher: str, table: Table, seed: int) -> Floats:
    """Targets (samples, classes) of one of `TEACHERS`."""
    targets = targets_of(table)
    if teacher == "labels":
        return targets
    told = _net_shares(table, seed) if teacher == "net" else _forest_shares(table, seed)
    return targets + _TAUGHT[teacher] * (told - targets)


def shares(net: Net, table: Table) -> Floats:
    """What a net gives each class (samples, classes), adding up to 1."""
    scores = net.scores(table.levels)
    if scores.shape[1] == 1:
        scores = np.hstack([np.zeros_like(scores), scores])
    share = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(share / share.sum(axis=1, keepdims=True))


def _net_shares(table: Table, seed: int) -> Floats:
    return shares(train_net((_UNITS,), table, seed, TrainRecipe(steps=400, decay=0.01)), table)


def _forest_shares(table: Table, seed: int) -> Floats:
    try:
        from sklearn.ensemble import RandomForestClassifier  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise MissingExtraError(
            f"scikit-learn is not installed ({error}); install the extra 'learn'"
        ) from error
    forest = RandomForestClassifier(_TREES, oob_score=True, random_state=seed)
    forest.fit(table.levels, table.labels)
    share = np.zeros((len(table.labels), table.classes))
    share[:, forest.classes_] = forest.oob_decision_function_
    unseen = ~np.isfinite(share).all(axis=1) | (share.sum(axis=1) == 0)
    share[unseen] = targets_of(table)[unseen]
    return share
