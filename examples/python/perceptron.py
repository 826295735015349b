# SPDX-License-Identifier: GPL-3.0-or-later
"""A perceptron that learns from a noisy stream whether y > x, and counts how often it was right.

Reads x, y and chance a step; a tenth of the labels is wrong (26 of 256 values of chance). Emits
the online accuracy in percent, then the weights and the bias.
"""

from chip import emit, read

STEPS = 100
RATE = 10

weights = [0, 0]
sample = [0, 0]
bias = 0


def next_sample():
    x = read() & 63
    y = read() & 63
    label = 1 if y > x else 0
    if read() < 26:
        label = 1 - label
    sample[0] = x - 32
    sample[1] = y - 32
    return label


def predict():
    total = bias
    for i in range(2):
        total += weights[i] * sample[i]
    return 1 if total >= 0 else 0


def train_step(label):
    global bias
    error = label - predict()
    if error != 0:
        for i in range(2):
            weights[i] += RATE * error * sample[i]
            if weights[i] > 127:
                weights[i] = 127
            elif weights[i] < -128:
                weights[i] = -128
        bias += RATE * error


def train(steps):
    correct = 0
    for _ in range(steps):
        label = next_sample()
        guess = predict()
        train_step(label)
        if guess == label:
            correct += 1
    return correct * 100 // steps


emit(train(STEPS))
emit(weights[0])
emit(weights[1])
emit(bias)
