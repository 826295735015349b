# SPDX-License-Identifier: GPL-3.0-or-later
"""A perceptron that remembers three samples, for a stream that brings one class after the other.

Without a memory it forgets the first class while the second comes. Each step learns the three once
more; which three is drawn so that every sample so far had the same chance to stay (reservoir
sampling).

Reads a byte to draw by, then x, y and the label of 100 samples, sorted by label, and emits the
weights; then reads x and y of 200 more and emits the class of each. Bytes, as in kilolearn.tasks:
linear.
"""

from chip import emit, random, read, seed

STEPS = 100
TESTS = 200
KEPT = 3
ONE = 32  # a weight of 1
MARGIN = 20 * ONE

weights = [0, 0, 0]
sample = [0, 0, 32]  # two inputs of -64 to 63, and a constant
kept = [0] * (2 * KEPT)
kept_label = bytearray(KEPT)


def next_sample():
    for i in range(2):
        sample[i] = (read() >> 1) - 64


def score():
    total = 0
    for i in range(3):
        total += weights[i] * sample[i]
    return total


def learn(label):
    side = 1 if label == 1 else -1
    if side * score() <= MARGIN:
        for i in range(3):
            weights[i] = max(-127, min(127, weights[i] + side * sample[i] // 2))


def keep(slot, label):
    kept[2 * slot] = sample[0]
    kept[2 * slot + 1] = sample[1]
    kept_label[slot] = label


def replay(slots):
    for slot in range(slots):
        sample[0] = kept[2 * slot]
        sample[1] = kept[2 * slot + 1]
        learn(kept_label[slot])


seed(read() + 1)
for step in range(STEPS):
    replay(min(step, KEPT))
    next_sample()
    label = read()
    learn(label)
    slot = step if step < KEPT else random() % (step + 1)
    if slot < KEPT:
        keep(slot, label)

for i in range(3):
    emit(weights[i])
for _ in range(TESTS):
    next_sample()
    emit(score() >= 0)
