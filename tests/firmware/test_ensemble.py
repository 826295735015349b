# SPDX-License-Identifier: GPL-3.0-or-later
"""The ensemble of stumps against its update rule in Python's unbounded integers, bit for bit."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from kilolearn import streams
from kilolearn.twin import Twin

LOG_TABLE = [round(256 * math.log2(1 + i / 16)) for i in range(17)]
EXP_TABLE = [round(128 * 2 ** ((i + 0.5) / 16)) for i in range(16)]


def log2_q8(x: int) -> int:
    exponent = x.bit_length() - 1
    mantissa = (x << 15 >> exponent) - 0x8000
    at, within = mantissa >> 11, mantissa >> 3 & 255
    return 256 * exponent + LOG_TABLE[at] + ((LOG_TABLE[at + 1] - LOG_TABLE[at]) * within >> 8)


def exp2_q4(x: int) -> int:
    return EXP_TABLE[x % 256 // 16] * 16 >> 7 - x // 256


@dataclass
class Oracle:
    """The rule as online/ensemble.h and online/stump.h print it."""

    combine: str
    inputs: int
    classes: int
    input_max: int
    members: int
    step: int
    noise: int
    slower: int = 0
    mean: list[list[int]] = field(default_factory=list)
    tally: list[list[int]] = field(default_factory=list)
    seen: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.mean = [[self.input_max * 128] * self.classes for _ in range(self.members)]
        self.tally = [[16, 16] for _ in range(self.members)]
        self.seen = [0] * self.classes

    def draw(self) -> int:
        self.noise ^= self.noise << 7 & 0xFFFF
        self.noise ^= self.noise >> 9
        self.noise ^= self.noise << 8 & 0xFFFF
        return self.noise

    def word(self, m: int) -> int:
        right, wrong = self.tally[m]
        log = log2_q8(right) - log2_q8(wrong) + log2_q8(self.classes - 1)
        return min(255, max(0, log) >> 4)

    def answer(self, sample: list[int]) -> tuple[list[int], list[int]]:
        """What each member says, and the votes."""
        said = []
        votes = [0] * self.classes
        for m in range(self.members):
            x = sample[m % self.inputs] << 8
            said.append(min(range(self.classes), key=lambda k: (abs(x - self.mean[m][k]), k)))
            votes[said[m]] += 1 if self.combine == "majority" else self.word(m)
        if self.combine == "alone":
            best = max(range(self.members), key=lambda m: (self.word(m), -m))
            votes = [int(k == said[best]) for k in range(self.classes)]
        return said, votes

    def train(self, sample: list[int], label: int) -> tuple[int, int]:
        said, votes = self.answer(sample)
        step = self.step + self.slower
        if self.seen[label] < 2**self.step:
            self.seen[label] += 1
            step = self.seen[label].bit_length() - 1
        weight = 0
        for m in range(self.members):
            times, weighs = 1, 16
            wrong = int(said[m] != label)
            if self.combine == "boosted":
                weighs = exp2_q4(weight)
                times = weighs + self.draw() % 16 >> 4
                of = self.tally[m]
                weight += log2_q8(sum(of)) - 256 - log2_q8(of[wrong])
                weight = max(-1024, min(1024, weight))
            x = sample[m % self.inputs] << 8
            for _ in range(times):
                self.mean[m][label] += x - self.mean[m][label] >> step
            self.tally[m][wrong] += weighs
            if sum(self.tally[m]) > 0x7FFF:
                self.tally[m] = [part >> 1 for part in self.tally[m]]
        rival = max(votes[k] for k in range(self.classes) if k != label)
        return votes.index(max(votes)), votes[label] - rival

    def weights(self) -> bytes:
        return (
            np.array(self.mean, "<i2").tobytes()
            + np.array(self.tally, "<u2").tobytes()
            + np.array(self.seen, "u1").tobytes()
        )


def oracle(config: str, seed: int) -> Oracle:
    data, _, combine = config.rpartition("_") if config.endswith(("alone", "majority")) else (
        config, "", "boosted"
    )  # fmt: skip
    inputs, classes, members = {"iris": (4, 3, 8), "plane": (2, 2, 16)}[data]
    return Oracle(combine, inputs, classes, 127, members, 5, seed)


@pytest.mark.parametrize(
    "config", ["iris", "iris_alone", "iris_majority", "plane", "plane_majority"]
)
def test_each_step_is_the_rules(config: str) -> None:
    twin, rule = Twin("ensemble", config), oracle(config, seed=21)
    draw = np.random.default_rng(5)
    twin.reset(21)
    for number in range(700):
        if number == 500:
            twin.set_rate(2)
            rule.slower = 2
        label = int(draw.integers(rule.classes))
        near = draw.normal(20 + 40 * label, 25, rule.inputs)
        sample = np.clip(near, 0, 127).astype(np.uint8)
        assert twin.train(sample, label) == rule.train(sample.tolist(), label), f"step {number}"
    pad = len(twin.read_weights()) - len(rule.weights())
    assert pad in (0, 1), "the struct is packed but for its end"
    assert twin.read_weights()[: len(rule.weights())] == rule.weights()
    assert any(sum(tally) != 32 + 700 * 16 for tally in rule.tally) == (rule.combine == "boosted")


def test_tallies_are_halved_before_they_overflow() -> None:
    """4,000 samples of weight 1 are twice what a tally holds."""
    twin = Twin("ensemble", "plane_majority")
    stream = streams.generate("xor", 3, 127, samples=4000)
    twin.train_many(stream.samples, stream.labels)
    tally = np.frombuffer(twin.read_weights()[64:128], "<u2").astype(int).reshape(16, 2)
    assert np.all(tally.sum(1) <= 0x7FFF)
    assert np.all(tally.sum(1) > 0x3FF0)


def test_boosting_beats_the_majority_and_both_beat_one_stump() -> None:
    """Over splits that no published figure uses."""
    accuracy = {}
    for config in ("breast_cancer_alone", "breast_cancer_majority", "breast_cancer"):
        twin = Twin("ensemble", config)
        found = []
        for seed in range(200, 206):
            stream = streams.once_through("breast_cancer", seed, 127)
            twin.reset(1)
            twin.train_many(stream.samples, stream.labels)
            answers = twin.infer_many(stream.test_samples)
            found.append(np.mean(answers.predictions == stream.test_labels))
        accuracy[config] = np.mean(found)
    assert accuracy["breast_cancer"] > accuracy["breast_cancer_majority"] > 0.88
    assert accuracy["breast_cancer"] > accuracy["breast_cancer_alone"]


def test_the_first_sample_of_a_class_is_its_mean() -> None:
    twin = Twin("ensemble", "iris_majority")
    twin.reset(1)
    sample = np.array([1, 50, 100, 127], np.uint8)
    twin.train(sample, 1)
    mean = np.frombuffer(twin.read_weights()[:48], "<i2").reshape(8, 3)
    assert_array_equal(mean[:, 1], np.tile(sample.astype(int), 2) * 256)
    assert np.all(mean[:, [0, 2]] == 127 * 128)
