# SPDX-License-Identifier: GPL-3.0-or-later
"""The learner with a replay buffer against its rule in Python, and against forgetting."""

from __future__ import annotations

import numpy as np
import pytest

from kilolearn import streams
from kilolearn.twin import Twin


class Oracle:
    """The rule as apps/replay.c and online/replay.h print it, with lists for a buffer."""

    def __init__(self, slots: int, nibbles: bool, seed: int) -> None:
        self.slots, self.nibbles, self.noise = slots, nibbles, seed
        self.weight = np.zeros((3, 5), int)
        self.shift, self.margin, self.replays = 10, 64, 8
        self.buffer: list[tuple[np.ndarray, int]] = []
        self.offered = [0, 0, 0]

    def draw(self) -> int:
        self.noise ^= self.noise << 7 & 0xFFFF
        self.noise ^= self.noise >> 9
        self.noise ^= self.noise << 8 & 0xFFFF
        return self.noise

    def below(self, count: int) -> int:
        return self.draw() * count >> 16

    def learn(self, sample: np.ndarray, label: int) -> tuple[int, int]:
        seen = np.append(sample, 63)
        scores = (self.weight @ seen >> 2).tolist()
        order = sorted(range(3), key=lambda k: (-scores[k], k))
        rival = order[1] if order[0] == label else order[0]
        margin = scores[label] - scores[rival]
        if margin < self.margin:
            for i in np.flatnonzero(seen):
                for row, sign in ((label, -256), (rival, 256)):
                    change = sign * seen[i] + self.draw() % 2**self.shift >> self.shift
                    self.weight[row, i] = np.clip(self.weight[row, i] - change, -127, 127)
        return order[0], margin

    def train(self, sample: np.ndarray, label: int) -> tuple[int, int]:
        told = self.learn(sample.astype(int), label)
        if self.buffer:
            for _ in range(self.replays):
                self.learn(*self.buffer[self.below(len(self.buffer))])
        self.keep(sample, label)
        return told

    def keep(self, sample: np.ndarray, label: int) -> None:
        kept = sample.astype(int)
        if self.nibbles:
            kept = kept // 4 * 4 + 2
        slot = self.slot(label)
        self.offered[label] += 1
        if slot == len(self.buffer) < self.slots:
            self.buffer.append((kept, label))
        elif slot is not None:
            self.buffer[slot] = (kept, label)

    def slot(self, label: int) -> int | None:
        if len(self.buffer) < self.slots:
            return len(self.buffer)
        places = [[s for s in range(self.slots) if self.buffer[s][1] == k] for k in range(3)]
        largest = max(range(3), key=lambda k: (len(places[k]), -k))
        if len(places[label]) < len(places[largest]):
            return places[largest][self.below(len(places[largest]))]
        number = self.below(self.offered[label] + 1)
        return places[label][number] if number < len(places[label]) else None


@pytest.mark.parametrize(("config", "slots"), [("iris", 16), ("iris_4", 4), ("iris_9_bytes", 9)])
def test_each_step_is_the_rules(config: str, slots: int) -> None:
    twin, rule = Twin("replay", config), Oracle(slots, "bytes" not in config, seed=9)
    stream = streams.class_after_class("iris", 33, 63)
    twin.reset(9)
    for number, sample in enumerate(stream.samples):
        label = int(stream.labels[number])
        assert twin.train(sample, label) == rule.train(sample, label), f"step {number}"
    weights = np.frombuffer(twin.read_weights(), np.int8).reshape(3, 5)
    assert np.array_equal(weights, rule.weight)


def accuracy(config: str) -> float:
    twin = Twin("replay", config)
    found = []
    for seed in range(200, 206):
        stream = streams.class_after_class("wine", seed, 63)
        twin.reset(1)
        twin.train_many(stream.samples, stream.labels)
        answers = twin.infer_many(stream.test_samples)
        found.append(np.mean(answers.predictions == stream.test_labels))
    return float(np.mean(found))


def test_without_a_buffer_all_but_the_last_class_are_forgotten() -> None:
    assert accuracy("wine_0") < 0.4
    assert accuracy("wine_0") < accuracy("wine_4") < accuracy("wine")
    assert accuracy("wine") > 0.9


def test_a_reset_empties_the_buffer() -> None:
    twin, fresh = Twin("replay", "iris"), Twin("replay", "iris")
    stream = streams.class_after_class("iris", 34, 63)
    twin.train_many(stream.samples, stream.labels)
    for learner in (twin, fresh):
        learner.reset(3)
        learner.train_many(stream.samples[::-1], stream.labels[::-1])
    assert twin.read_weights() == fresh.read_weights()
