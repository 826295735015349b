# SPDX-License-Identifier: GPL-3.0-or-later
"""The hunt finds the shortest chain there is, and prunes trees as exhaustive search would."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kilolearn.classifier.cost import Cost
from kilolearn.classifier.table import Table
from kilolearn.codecs.low_rank import LowRank
from kilolearn.codecs.net import EncodedLayer, EncodedNet, codec_constants
from kilolearn.compress import hunt as hunting
from kilolearn.compress.given import Given
from kilolearn.compress.hunt import hunt
from kilolearn.compress.model import Fork, Model, Network, Trees
from kilolearn.compress.plans import LADDER, DistilledTrees, GivenTrees, NetChain
from kilolearn.compress.prune_trees import chosen_trees, pruned
from kilolearn.errors import BuildError, WeightsError
from kilolearn.export.tree import Decision, Node
from kilolearn.families.trees import answers_of
from kilolearn.quantise import InputScale


@dataclass(frozen=True)
class Place:
    """A chain on a board: (x, y) takes 100 - x - y bytes and is right in 100 - x * y percent."""

    x: int
    y: int

    @property
    def name(self) -> str:
        return f"{self.x}, {self.y}"

    def smaller(self) -> Iterator[Place]:
        yield Place(self.x + 1, self.y)
        yield Place(self.x, self.y + 1)
        yield Place(self.x - 1, self.y)


@dataclass
class Board:
    """Stands for a judge."""

    given: None = None
    table: None = None
    before: float = 100.0
    asked: list[str] = field(default_factory=list)

    def accuracy(self, plan: Place, hopeless_below: float = 0.0, tuned: bool = True) -> float:
        if tuned:
            self.asked.append(plan.name)
        if plan.y == 5:
            raise WeightsError("five is refused")
        return 100.0 - plan.x * plan.y

    def made(self, plan: Place, tuned: bool = True) -> Any:
        flash = 100 - plan.x - plan.y
        if plan.x > 9:
            raise BuildError("ten does not fit")
        return SimpleNamespace(bits_per_weight=1.0), Cost(flash, 1, 1.0, 1)


@pytest.fixture
def starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hunting, "first_plans", lambda *_: [Place(1, 1), Place(3, 1), Place(1, 5)])


@pytest.mark.usefixtures("starts")
@pytest.mark.parametrize("drop", [0, 1, 4, 9, 20])
def test_the_beam_finds_the_shortest_chain_that_keeps_the_accuracy(drop: int) -> None:
    board, told = Board(), []
    found = hunt(board, Board(), drop, told.append)  # type: ignore[arg-type]
    reachable = [100 - x - y for x, y in product(range(1, 10), range(1, 5)) if x * y <= drop]
    if drop == 0:
        assert found.best is None  # of the starts none keeps it
        return
    assert found.best is not None
    assert found.best.cost is not None
    assert found.best.cost.flash == min(reachable)
    tried, again = told[: len(found.trials)], told[len(found.trials) :]
    assert [trial.plan for trial in tried] == [trial.plan for trial in found.trials]
    assert again[-1] == found.best
    assert all(trial.confirmed is not None for trial in again)
    assert len(board.asked) == len(set(board.asked))  # none is fitted twice
    assert any(trial.refused == "five is refused" for trial in found.trials)


@pytest.mark.usefixtures("starts")
def test_without_one_that_keeps_it_the_most_accurate_is_named() -> None:
    found = hunt(Board(), Board(), 0.5)  # type: ignore[arg-type]
    assert found.best is None
    assert found.most_accurate.plan.name == "1, 1"


@dataclass
class Unlucky(Board):
    """On whose folds a y of 4 loses much."""

    def accuracy(self, plan: Place, hopeless_below: float = 0.0, tuned: bool = True) -> float:
        lost = 20.0 if plan.y == 4 else 0.0
        return super().accuracy(plan, hopeless_below, tuned) - lost


@pytest.mark.usefixtures("starts")
@pytest.mark.parametrize(("drop", "taken"), [(8, "8, 1"), (20, "9, 2"), (30, "9, 3")])
def test_a_chain_that_other_folds_do_not_confirm_is_not_taken(drop: int, taken: str) -> None:
    found = hunt(Board(), Unlucky(), drop)  # type: ignore[arg-type]
    assert found.best is not None
    assert found.best.plan.name == taken
    assert found.lost(found.best) <= drop
    doubted = [trial for trial in found.trials if trial.confirmed not in (None, trial.accuracy)]
    assert all(found.lost(trial) > drop for trial in doubted)


class Refusing(Board):
    """On whose folds a weight is too large for all with a y of 2."""

    def accuracy(self, plan: Place, hopeless_below: float = 0.0, tuned: bool = True) -> float:
        if plan.y == 2:
            raise WeightsError("too large")
        return super().accuracy(plan, hopeless_below, tuned)


@pytest.mark.usefixtures("starts")
def test_a_chain_that_other_folds_refuse_is_not_taken() -> None:
    found = hunt(Board(), Refusing(), 4)  # type: ignore[arg-type]
    assert found.best is not None
    assert found.best.plan.y != 2
    found = hunt(Board(), Refusing(), 20)  # type: ignore[arg-type]
    assert any(trial.refused == "too large" and not trial.cost for trial in found.trials)


def everything_pruned(node: Node, classes: int) -> Iterator[Node]:
    """All trees that are left when branches are cut off, whatever class the cuts answer."""
    if isinstance(node, int):
        yield node
        return
    yield from range(classes)
    for below in everything_pruned(node.below, classes):
        for above in everything_pruned(node.above, classes):
            yield Decision(node.feature, node.cut, below, above)


def leaves_of(node: Node) -> int:
    return 1 if isinstance(node, int) else leaves_of(node.below) + leaves_of(node.above)


@st.composite
def trees(draw: Any, depth: int = 3) -> Node:
    if depth == 0 or draw(st.booleans()):
        return draw(st.integers(0, 2))
    below, above = draw(trees(depth=depth - 1)), draw(trees(depth=depth - 1))
    return Decision(draw(st.integers(0, 1)), draw(st.integers(1, 7)), below, above)


@settings(max_examples=40)
@given(tree=trees(depth=2), seed=st.integers(0, 999), price=st.sampled_from([0.0, 0.02, 0.1]))
def test_pruning_finds_what_exhaustive_search_finds(tree: Node, seed: int, price: float) -> None:
    table = random_table(seed, 40)

    def worth(node: Node) -> float:
        wrong = int(np.sum(answers_of(node, table.levels) != table.labels))
        return wrong + price * 40 * leaves_of(node)

    best = min(worth(other) for other in everything_pruned(tree, 3))
    assert worth(pruned(tree, table, price)) == pytest.approx(best)


def random_table(seed: int, samples: int) -> Table:
    random = np.random.default_rng(seed)
    levels = random.integers(0, 8, (samples, 2)).astype(np.uint8)
    return Table(levels, random.integers(0, 3, samples), 3, 7, ("a", "b"))


def test_trees_are_chosen_by_what_their_votes_get_right_together() -> None:
    table = random_table(0, 200)
    useful = Decision(0, 4, 0, 1)
    labels = answers_of(useful, table.levels)
    table = Table(table.levels, labels, 3, 7, ("a", "b"))
    others = [2, Decision(1, 4, 0, 1), Decision(1, 2, 2, 1)]
    assert chosen_trees([*others, useful], 1, table) == (useful,)
    assert chosen_trees(others, 3, table) == tuple(others)


def test_no_two_ways_to_hold_a_layer_have_one_name() -> None:
    names = [NetChain((), False, (how,)).name for how in LADDER]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    "plan",
    [NetChain((8, 4), False, LADDER[:3]), GivenTrees(9, 0.0), DistilledTrees(4, 8)],
    ids=["net", "given", "distilled"],
)
def test_steps_lead_to_other_chains_until_none_is_left(plan: Any) -> None:
    seen, waiting = {plan.name}, [plan]
    for _ in range(3):
        steps = [step for plan in waiting[:20] for step in plan.smaller()]
        assert all(step.name != plan.name for plan in waiting[:20] for step in plan.smaller())
        waiting = [step for step in steps if step.name not in seen]
        seen |= {step.name for step in waiting}
    assert not list(DistilledTrees(1, 2).smaller())
    assert not list(GivenTrees(1, 0.03).smaller())


def test_scores_of_any_scale_are_calibrated_and_answer_the_same() -> None:
    random = np.random.default_rng(5)
    levels = random.integers(0, 16, (400, 1)).astype(np.uint8)
    chance = 1 / (1 + np.exp(-(levels[:, 0] - 7.5)))
    table = Table(levels, (random.random(400) < chance).astype(np.int64), 2, 15, ("a",))
    scale = InputScale(np.zeros(1), np.full(1, 15.0), 15)
    for size in (1 / 64, 1.0, 100.0):
        body = Network(((np.array([[size]]), np.array([-7.5 * size])),))
        given_net = Given.of(Model(body, "a model"), scale)
        fitting = given_net.calibrated(table)
        np.testing.assert_array_equal(fitting.answers(table), given_net.answers(table))
        assert np.abs(fitting.shares(table)[:, 1] - chance).max() < 0.15


def test_layers_whose_codecs_want_other_constants_are_refused() -> None:
    zeros = np.zeros(4, np.int64)

    def layer(shift: int) -> EncodedLayer:
        return EncodedLayer(LowRank(4, 4, 2, shift), bytes(16), zeros, 15, zeros, 15)

    assert codec_constants(EncodedNet((layer(3), layer(3))))["LOW_RANK_SHIFT"] == 3
    with pytest.raises(WeightsError, match=r"want LOW_RANK_SHIFT to be 3 and 4"):
        codec_constants(EncodedNet((layer(3), layer(4))))


def test_a_given_model_answers_on_levels_as_on_what_they_stand_for() -> None:
    random = np.random.default_rng(3)
    features = random.normal(size=(200, 2)) * [1, 100] + [5, -7]
    scale = InputScale.fit(features, 15)
    levels = scale.apply(features)
    table = Table(levels, np.zeros(200, np.int64), 3, 15, ("a", "b"))
    net = Network((
        (random.normal(size=(4, 2)) / [1, 100], random.normal(size=4)),
        (random.normal(size=(3, 4)), random.normal(size=3)),
    ))  # fmt: skip
    tree = Fork(0, 5.2, Fork(1, -50.0, (1.0, 0.0, 0.0), (0.2, 0.1, 0.7)), (0.0, 1.0, 0.0))
    for body in (net, Trees((tree,), 2, 3)):
        on_levels = Given.of(Model(body, "a model"), scale)
        values = on_levels.levels.values(levels)
        np.testing.assert_array_equal(on_levels.answers(table), body.answers(values))
    (node,) = on_levels.nodes
    np.testing.assert_array_equal(answers_of(node, levels), body.answers(values))
    for top in (13.5, 14.5, 15.5):  # only the highest level is above the second, none the third
        stump = Trees((Fork(1, top, (1.0, 0.0, 0.0), (0.0, 1.0, 0.0)),), 2, 3)
        (node,) = Given.of(
            Model(stump, "a stump"), InputScale(np.zeros(2), np.full(2, 15.0), 15)
        ).nodes
        np.testing.assert_array_equal(answers_of(node, levels), levels[:, 1] > top)
