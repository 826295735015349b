# SPDX-License-Identifier: GPL-3.0-or-later
"""A perceptron with a margin learns a line from noisy labels, and answers by its mean weights.

Every weight vector that it had on the way has a vote, so a last wrong label cannot turn it over.

Reads x, y and the label of 100 samples and emits the online accuracy in percent; then reads x and
y of 200 more and emits the class of each. Bytes, as in kilolearn.tasks: linear, diagonal.
"""

from chip import emit, read

STEPS = 100
TESTS = 200
ONE = 32  # a weight of 1
MARGIN = 50 * ONE

weights = [0, 0, 0]
sums = [0, 0, 0]
sample = [0, 0, 32]  # two inputs of -64 to 63, and a constant


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
    for i in range(3):
        sums[i] += weights[i]


correct = 0
for _ in range(STEPS):
    next_sample()
    label = read()
    if (score() >= 0) == label:
        correct += 1
    learn(label)
emit(correct * 100 // STEPS)

for i in range(3):
    weights[i] = sums[i] // 64
for _ in range(TESTS):
    next_sample()
    emit(score() >= 0)
