# SPDX-License-Identifier: GPL-3.0-or-later
"""The article's program: a perceptron that learns from a noisy stream, 100 steps."""

from chip import emit, read

w = [0, 0]
s = [0, 0]
bias = 0


def predict():
    total = bias
    for i in range(2):
        total += w[i] * s[i]
    return 1 if total >= 0 else 0


def train_step(target):
    global bias
    err = target - predict()
    if err != 0:
        for i in range(2):
            w[i] += 10 * err * s[i]
            if w[i] > 127:
                w[i] = 127
            elif w[i] < -128:
                w[i] = -128
        bias += 10 * err


def next_sample():
    x = read() & 63
    y = read() & 63
    label = 1 if y > x else 0
    if read() < 26:
        label = 1 - label
    s[0] = x - 32
    s[1] = y - 32
    return label


def train(n):
    correct = 0
    for _ in range(n):
        t = next_sample()
        p = predict()
        train_step(t)
        if p == t:
            correct += 1
    return correct * 100 // n


emit(train(100))
emit(w[0])
emit(w[1])
emit(bias)
