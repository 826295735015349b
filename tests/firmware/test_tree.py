# SPDX-License-Identifier: GPL-3.0-or-later
"""The Hoeffding tree against its rule in Python: equal forks, counts and answers at each step."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from kilolearn import streams
from kilolearn.twin import Twin

LOG_TABLE = [round(256 * math.log2(1 + i / 16)) for i in range(17)]


def log2_q8(x: int) -> int:
    exponent = x.bit_length() - 1
    mantissa = (x << 15 >> exponent) - 0x8000
    at, within = mantissa >> 11, mantissa >> 3 & 255
    return 256 * exponent + LOG_TABLE[at] + ((LOG_TABLE[at + 1] - LOG_TABLE[at]) * within >> 8)


def entropy(count: np.ndarray) -> int:
    """n log2 n less the classes' own, Q4; count (bins, classes)."""

    def x_log(x: int) -> int:
        log = log2_q8(x) if x else 0
        return (x * (log >> 8) << 4) + (x * (log & 255) >> 4)

    own = [int(n) for n in count.sum(0)]
    return max(0, x_log(sum(own)) - sum(map(x_log, own)))


@dataclass
class Node:
    """A leaf, or a fork once it has a feature."""

    inputs: int
    classes: int
    low: np.ndarray
    width: np.ndarray
    answer: int = 0
    seen: int = 0
    feature: int | None = None
    threshold: int = 0
    sides: list[Node] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.count = np.zeros((self.inputs, 4, self.classes), int)

    def bins(self, sample: np.ndarray) -> np.ndarray:
        return (sample - self.low) * 4 // self.width

    def scores(self, sample: np.ndarray) -> list[int]:
        if self.seen == 0:
            return [int(k == self.answer) for k in range(self.classes)]
        bins = self.bins(sample)
        found = []
        for k in range(self.classes):
            own = int(self.count[0, :, k].sum())
            score = log2_q8(own + 1) >> 3
            for i in range(self.inputs):
                score += (log2_q8(int(self.count[i, bins[i], k]) + 1) >> 3) - (
                    log2_q8(own + 4) >> 3
                )
            found.append(score)
        return found


class Oracle:
    """The rule as online/tree.h and apps/tree.c print it, on a tree of objects."""

    def __init__(self, inputs: int, classes: int, leaves: int, bound: int, tie: int) -> None:
        low, width = np.zeros(inputs, int), np.full(inputs, 256)
        self.root = Node(inputs, classes, low, width)
        self.leaves, self.leaves_max, self.bound, self.tie = 1, leaves, bound, tie

    def train(self, sample: np.ndarray, label: int) -> tuple[int, int]:
        leaf = self.root
        while leaf.feature is not None:
            leaf = leaf.sides[int(sample[leaf.feature] >= leaf.threshold)]
        scores = leaf.scores(sample)
        said = scores.index(max(scores))
        if leaf.seen == 255:
            leaf.count >>= 1
            leaf.seen >>= 1
        leaf.seen += 1
        leaf.count[np.arange(leaf.inputs), leaf.bins(sample), label] += 1
        if leaf.seen % 20 == 0 and self.leaves < self.leaves_max:
            self.consider(leaf, said != label)
        rival = max(score for k, score in enumerate(scores) if k != label)
        return said, scores[label] - rival

    def consider(self, leaf: Node, wrong: bool) -> None:
        cuts = []
        for i in np.flatnonzero(leaf.width >= 4):
            count = leaf.count[i]
            gains = [entropy(count) - entropy(count[:b]) - entropy(count[b:]) for b in (1, 2, 3)]
            cuts.append((max(0, *gains), int(i), 1 + gains.index(max(gains))))
        cuts.sort(key=lambda cut: (-cut[0], cut[1]))
        gain, feature, cut = cuts[0]
        second = cuts[1][0] if len(cuts) > 1 else 0
        bound = math.isqrt(leaf.seen * self.bound)
        tied = wrong and bound < self.tie * leaf.seen
        if gain > 0 and (gain - second > bound or tied):
            below = -(-leaf.width[feature] * cut // 4)
            leaf.feature, leaf.threshold = feature, int(leaf.low[feature] + below)
            for side, part in enumerate((slice(0, cut), slice(cut, 4))):
                low, width = leaf.low.copy(), leaf.width.copy()
                low[feature] += below if side else 0
                width[feature] = width[feature] - below if side else below
                most = leaf.count[feature, part].sum(0)
                leaf.sides.append(Node(leaf.inputs, leaf.classes, low, width, int(most.argmax())))
            self.leaves += 1


CONFIGS = {
    "plane": (2, 2, 8, 700, 3),
    "iris": (4, 3, 3, 963, 2),
}


def compare(config: str, samples: Any, labels: Any) -> tuple[Twin, Oracle]:
    twin, rule = Twin("tree", config), Oracle(*CONFIGS[config])
    twin.reset(1)
    for number, (sample, label) in enumerate(zip(samples, labels.tolist(), strict=True)):
        told, expected = twin.train(sample, label), rule.train(sample.astype(int), label)
        assert told == expected, f"step {number}"
    return twin, rule


@pytest.mark.parametrize("concept", ["xor", "boxes", "drift"])
def test_each_step_on_a_plane_is_the_rules(concept: str) -> None:
    stream = streams.generate(concept, 31, 255, samples=1500)
    _, rule = compare("plane", stream.samples, stream.labels)
    assert rule.leaves >= 3


def test_each_step_on_three_classes_is_the_rules() -> None:
    """Two cuts say it all: a lower x2 is class 0, of the others a lower x0 class 1."""
    samples = np.random.default_rng(3).integers(0, 256, (900, 4)).astype(np.uint8)
    labels = np.where(samples[:, 2] < 100, 0, np.where(samples[:, 0] < 140, 1, 2))
    _, rule = compare("iris", samples, labels)
    assert rule.leaves == 3


def test_boxes_too_narrow_for_a_cut_are_left_alone() -> None:
    """All samples in one corner with alternating labels: forks narrow the boxes to the last bin."""
    draw = np.random.default_rng(2)
    samples = draw.integers(0, 6, (3000, 2)).astype(np.uint8)
    labels = (samples[:, 0] + samples[:, 1]) % 2
    compare("plane", samples, labels)


def counts(twin: Twin) -> np.ndarray:
    """(leaves, features * bins * classes) of the plane."""
    size = 8 * 2 * 4 * 2
    return np.frombuffer(twin.read_weights()[-size:], np.uint8).reshape(8, -1).astype(int)


def test_counts_are_halved_before_they_overflow() -> None:
    twin = Twin("tree", "plane")
    twin.reset(1)
    corner = np.array([3, 3], np.uint8)
    for number in range(1, 1200):
        twin.train(corner, 0)
        total = number if number <= 255 else 128 + (number - 256) % 128
        assert counts(twin)[0].sum() == 2 * total, "two features count each sample"


def test_xor_is_learnt_where_stumps_know_nothing() -> None:
    tree, boosted = Twin("tree", "plane"), Twin("ensemble", "plane")
    right: dict[Twin, list[float]] = {tree: [], boosted: []}
    for seed in range(200, 206):
        for twin, scores in right.items():
            stream = streams.generate("xor", seed, twin.description.input_max)
            twin.reset(1)
            twin.train_many(stream.samples, stream.labels)
            answers = twin.infer_many(stream.test_samples)
            scores.append(float(np.mean(answers.predictions == stream.test_labels)))
    assert np.mean(right[tree]) > 0.9
    assert np.mean(right[boosted]) < 0.65
