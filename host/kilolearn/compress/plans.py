# SPDX-License-Identifier: GPL-3.0-or-later
"""Chains of compression: what is done to a model, step after step, and what may come next.

A chain begins with the given layers or trees, or with a smaller model that learns from the given
one (distillation), and goes on to the representation of each layer, or to fewer and shorter trees.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from kilolearn.classifier.fitted import Fitted
from kilolearn.classifier.table import Table
from kilolearn.codecs.codec import Floats
from kilolearn.compress.given import Given
from kilolearn.compress.prune_trees import chosen_trees, pruned
from kilolearn.families import FAMILIES
from kilolearn.families.forest import Forest
from kilolearn.nets.net import Net
from kilolearn.nets.represent import RepresentRecipe, represent
from kilolearn.nets.representation import Representation
from kilolearn.nets.train import TrainRecipe, targets_of, train_net

__all__ = ["DistilledTrees", "DistilledWindows", "GivenTrees", "NetChain", "Plan", "first_plans"]

_STEPS = 400
_TEACHER_SHARE = 0.5


class Plan(Protocol):
    """A chain."""

    @property
    def name(self) -> str:
        """In reports; two chains of one name are the same."""
        ...

    def build(self, given: Given, table: Table, seed: int, tuned: bool = True) -> Fitted:
        """Go through it.

        Args:
            given: The given model.
            table: The training part.
            seed: Of all that is drawn.
            tuned: Fitted to the table after rounding; else only rounded.

        Raises:
            WeightsError: A layer that a representation does not take.
        """
        ...

    def smaller(self) -> Iterator[Plan]:
        """Chains that differ in one step, and are likely to take fewer bytes."""
        ...


_OPTIONS: tuple[tuple[str, Mapping[str, float]], ...] = (
    ("int16", {}), ("int8", {}), ("delta", {}), ("int4", {}),
    ("low_rank", {"rank": 8}), ("low_rank", {"rank": 4}), ("low_rank", {"rank": 2}),
    ("huffman_weights", {"spread": 1.0}), ("huffman_weights", {"spread": 0.5}),
    ("shared", {}), ("sparse", {"kept": 0.4}), ("sparse", {"kept": 0.25}), ("ternary", {}),
    ("sparse", {"kept": 0.15}), ("movement", {"kept": 0.25}), ("movement", {"kept": 0.15}),
    ("hashed", {"buckets": 256}), ("hashed", {"buckets": 64}), ("binary", {}),
)  # fmt: skip
_BY_ROW = ("int4", "ternary")

LADDER = tuple(
    Representation(name, values, per_row=per_row)
    for name, values in _OPTIONS
    for per_row in ((False, True) if name in _BY_ROW else (False,))
)
"""All ways to hold a layer, those likely to need more bytes first."""


def words_of(how: Representation) -> str:
    """A representation with its options, in a few words."""
    options = [f"{key} {value:g}" for key, value in how.options.items()]
    return " ".join([how.name, *options, *(["by row"] if how.per_row else [])])


@dataclass(frozen=True)
class NetChain:
    """A net, each layer in a representation.

    Attributes:
        shape: Units of the hidden layers, the model's own or another's, which learns from it.
        distilled: Whether it is another's.
        layers: A representation a layer.
    """

    shape: tuple[int, ...]
    distilled: bool
    layers: tuple[Representation, ...]

    @property
    def name(self) -> str:
        """As `Plan`."""
        units = " and ".join(map(str, self.shape)) or "no"
        start = f"distilled to {units} hidden units, " if self.distilled else ""
        return start + " then ".join(words_of(layer) for layer in self.layers)

    def build(self, given: Given, table: Table, seed: int, tuned: bool = True) -> Fitted:
        """As `Plan`."""
        net, targets = given.body, targets_of(table)
        if self.distilled or not isinstance(net, Net):
            targets = lesson(given, table)
            net = train_net(self.shape, table, seed, TrainRecipe(_STEPS), targets)
        recipe = RepresentRecipe(_STEPS if tuned else 0)
        return represent(net, self.layers, table, seed, recipe, targets)

    def smaller(self) -> Iterator[Plan]:
        """As `Plan`: a denser representation, that of another layer, fewer units, a layer less."""
        for place, layer in enumerate(self.layers):
            for other in (*LADDER[LADDER.index(layer) + 1 :], *self.layers):
                if other != layer:
                    layers = (*self.layers[:place], other, *self.layers[place + 1 :])
                    yield replace(self, layers=layers)
        for place, units in enumerate(self.shape):
            for fewer in {units * 3 // 4, units // 2}:
                if fewer > 1:
                    shape = (*self.shape[:place], fewer, *self.shape[place + 1 :])
                    yield replace(self, shape=shape, distilled=True)
            shape = (*self.shape[:place], *self.shape[place + 1 :])
            layers = (*self.layers[:place], *self.layers[place + 1 :])
            yield NetChain(shape, True, layers)


def lesson(given: Given, table: Table) -> Floats:
    """Targets (samples, classes): half the labels, half what the given model answers.

    Source: Hinton, Vinyals, Dean, Distilling the knowledge in a neural network, arXiv:1503.02531.
    """
    told = given.shares(table)
    return np.asarray((1 - _TEACHER_SHARE) * targets_of(table) + _TEACHER_SHARE * told)


@dataclass(frozen=True)
class GivenTrees:
    """Some of the given trees, with branches cut off.

    Attributes:
        kept: How many trees.
        price: Of a leaf; see `prune_trees.pruned`. Below 0: nothing is cut off.
    """

    kept: int
    price: float

    @property
    def name(self) -> str:
        """As `Plan`."""
        cut = "as they are" if self.price < 0 else f"pruned at {self.price:g}"
        return f"{self.kept} of the trees {cut}"

    def build(self, given: Given, table: Table, seed: int, tuned: bool = True) -> Fitted:
        """As `Plan`."""
        del seed
        trees = given.nodes
        if tuned and self.price >= 0:
            trees = tuple(pruned(tree, table, self.price) for tree in trees)
        return Forest(chosen_trees(trees, self.kept, table), table.width, table.classes)

    def smaller(self) -> Iterator[Plan]:
        """As `Plan`."""
        for fewer in _fewer(self.kept):
            yield replace(self, kept=fewer)
        for price in _PRICES:
            if price > self.price:
                yield replace(self, price=price)


_PRICES = (0.0, 0.001, 0.002, 0.004, 0.008, 0.015, 0.03)


@dataclass(frozen=True)
class DistilledTrees:
    """New, smaller trees that learn what the given model answers.

    Attributes:
        trees: How many.
        leaves: Of each, at most.
    """

    trees: int
    leaves: int

    @property
    def name(self) -> str:
        """As `Plan`."""
        each = " each" if self.trees > 1 else ""
        return (
            f"distilled to {self.trees} tree{'s' * (self.trees > 1)} of {self.leaves} leaves{each}"
        )

    def build(self, given: Given, table: Table, seed: int, tuned: bool = True) -> Fitted:
        """As `Plan`."""
        del tuned
        told = replace(table, labels=given.answers(table))
        if self.trees == 1:
            return FAMILIES["tree"].fit({"leaves": self.leaves, "leaf_samples": 1}, told, seed)
        genes: dict[str, int | str] = {"trees": self.trees, "leaves": self.leaves, "drawn": "root"}
        return FAMILIES["forest"].fit(genes, told, seed)

    def smaller(self) -> Iterator[Plan]:
        """As `Plan`."""
        for fewer in _fewer(self.trees):
            yield replace(self, trees=fewer)
        for fewer in _fewer(self.leaves):
            if fewer > 1:
                yield replace(self, leaves=fewer)


@dataclass(frozen=True)
class DistilledWindows:
    """Ternary windows over an image, which learn what the given model answers.

    Attributes:
        channels: Kernels.
    """

    channels: int

    @property
    def name(self) -> str:
        """As `Plan`."""
        return f"distilled to {self.channels} windows"

    def build(self, given: Given, table: Table, seed: int, tuned: bool = True) -> Fitted:
        """As `Plan`."""
        del tuned
        told = replace(table, labels=given.answers(table))
        return FAMILIES["windows"].fit({"channels": self.channels, "epochs": 30}, told, seed)

    def smaller(self) -> Iterator[Plan]:
        """As `Plan`."""
        for fewer in _fewer(self.channels):
            yield DistilledWindows(fewer)


def _fewer(count: int) -> list[int]:
    return sorted({fewer for fewer in (count * 3 // 4, count // 2, count // 4) if fewer > 0})


def first_plans(given: Given, table: Table) -> list[Plan]:
    """Every method alone, for a net or for trees, and for images."""
    return [*_first_plans(given), *([DistilledWindows(16)] if table.row else [])]


def _first_plans(given: Given) -> list[Plan]:
    body = given.body
    if isinstance(body, Net):
        shape = tuple(len(layer.bias) for layer in body.layers[:-1])
        count = len(body.layers)
        plans: list[Plan] = [NetChain(shape, False, (how,) * count) for how in LADDER]
        smaller = {tuple(max(2, units // by) for units in shape) for by in (2, 4)} if shape else ()
        int8 = Representation("int8")
        plans += [NetChain(fewer, True, (int8,) * count) for fewer in sorted(smaller)]
        return [*plans, DistilledTrees(1, 16), DistilledTrees(8, 16)]
    kept = len(body.trees)
    plans = [GivenTrees(kept, -1.0), *(GivenTrees(kept, price) for price in _PRICES)]
    plans += [GivenTrees(fewer, -1.0) for fewer in _fewer(kept)]
    plans += [DistilledTrees(1, leaves) for leaves in (32, 16, 8)]
    plans += [DistilledTrees(8, leaves) for leaves in (16, 8)]
    for how in (Representation("int8"), Representation("ternary")):
        plans += [NetChain((8,), True, (how, how)), NetChain((), True, (how,))]
    return plans
