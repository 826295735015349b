# SPDX-License-Identifier: GPL-3.0-or-later
"""Linear models, and perceptrons with a hidden layer, in any representation of their weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from kilolearn.augment import move_some
from kilolearn.classifier.table import Table
from kilolearn.families.genes import Choice, Gene, Genes, Whole
from kilolearn.nets.fitted import FittedNet
from kilolearn.nets.represent import RepresentRecipe, represent
from kilolearn.nets.representation import Representation
from kilolearn.nets.teacher import TEACHERS, taught
from kilolearn.nets.train import TrainRecipe, train_net

__all__ = ["LinearFamily", "MlpFamily"]

_SMALL = ("int8", "int4", "ternary", "sparse", "movement", "shared", "delta")
_LARGE = (*_SMALL, "huffman_weights", "hashed", "low_rank", "binary")
_FITTED: Mapping[str, Gene] = {
    "kept": Whole(2, 8),  # tenths of the weights, where some are left out
    "scales": Choice(("one", "rows")),
    "decay": Whole(0, 4),  # 10^-decay
    "steps": Whole(50, 800, log=True),
    "teacher": Choice(TEACHERS),
}
"""How a net is fitted, and by whom."""


class LinearFamily:
    """A row of weights a class, or a single one for two classes."""

    name = "linear"

    def genes(self, table: Table) -> Mapping[str, Gene]:  # noqa: ARG002
        """How the weights are held and fitted."""
        return {"representation": Choice(_SMALL), **_FITTED}

    def fit(self, genes: Genes, table: Table, seed: int) -> FittedNet:
        """See `Family`."""
        return _fit((), [str(genes["representation"])], genes, table, seed)


class MlpFamily:
    """A hidden layer of rectifiers, then a row of weights a class."""

    name = "mlp"

    def genes(self, table: Table) -> Mapping[str, Gene]:  # noqa: ARG002
        """Units, how the weights of both layers are held, and how they are fitted."""
        return {
            "hidden": Whole(2, 32, log=True),
            "representation": Choice(_LARGE),
            "output_representation": Choice(_SMALL),
            **_FITTED,
        }

    def fit(self, genes: Genes, table: Table, seed: int) -> FittedNet:
        """See `Family`."""
        names = [str(genes["representation"]), str(genes["output_representation"])]
        return _fit((int(genes["hidden"]),), names, genes, table, seed)


def _fit(
    hidden: tuple[int, ...], names: list[str], genes: Genes, table: Table, seed: int
) -> FittedNet:
    if table.row is not None and table.row**2 == table.width:
        table = _with_moves(table, seed)
    steps, decay = int(genes["steps"]), 10.0 ** -int(genes["decay"])
    targets = taught(str(genes["teacher"]), table, seed)
    net = train_net(hidden, table, seed, TrainRecipe(steps, decay=decay), targets)
    how = [
        Representation(name, _options(name, int(genes["kept"])), genes["scales"] == "rows")
        for name in names
    ]
    return represent(net, how, table, seed, RepresentRecipe(steps), targets)


def _options(name: str, kept: int) -> Mapping[str, float]:
    return {"kept": kept / 10} if name in {"sparse", "movement"} else {}


def _with_moves(table: Table, seed: int) -> Table:
    """Each image, and each once more, moved by half a pixel."""
    moved: NDArray[np.uint8] = move_some(table.levels, 1.0, np.random.default_rng(seed))
    return replace(
        table,
        levels=np.concatenate([table.levels, moved]),
        labels=np.concatenate([table.labels, table.labels]),
    )
