# SPDX-License-Identifier: GPL-3.0-or-later
"""A line learned from noisy labels by a Gaussian belief about each weight, in 16 bits.

There is no learning rate: a weight that is known moves no more, and a label that would be a great
surprise is taken for a wrong one. The rule and its source stand in avr/online/bayes.h.

Reads x, y and the label of 100 samples and emits the online accuracy in percent; then reads x and
y of 200 more and emits the class of each. Bytes, as in kilolearn.tasks: linear, diagonal.
"""

from chip import emit, read

STEPS = 100
TESTS = 200

mean = [0, 0, 0]  # 128 is 1
variance = [800, 800, 800]  # 1024 is 1; more would leave 16 bits where both inputs are -1
sample = [0, 0, 16]  # two inputs of -32 to 31, 32 is 1, and a constant


def next_sample():
    for i in range(2):
        sample[i] = (read() >> 2) - 32


def score():
    total = 0
    for i in range(3):
        total += mean[i] * sample[i]
    return total


def root(square):
    low = 0
    step = 128
    while step > 0:
        if low + step <= 181 and (low + step) * (low + step) <= square:
            low += step
        step >>= 1
    return low


def learn(label):
    spread = 0
    for i in range(3):
        spread += (variance[i] * sample[i] >> 6) * sample[i]
    deviation = max(root(spread), 1)  # of the score, 128 is 1
    surprise = score() // deviation  # 32 is 1; how well the label was expected
    if label == 0:
        surprise = -surprise
    if surprise <= -96 or surprise >= 64:
        return
    gain = (64 - surprise) * 5 // 4 if surprise >= -32 else (96 + surprise) * 15 // 8
    shrink = max(0, gain * (gain + 4 * surprise) >> 7)
    for i in range(3):
        pull = variance[i] * sample[i] // deviation // 2
        step = pull * gain >> 7
        mean[i] = max(-400, min(400, mean[i] + (step if label == 1 else -step)))
        variance[i] = max(2, variance[i] - ((pull * pull >> 7) * shrink >> 4))


correct = 0
for _ in range(STEPS):
    next_sample()
    label = read()
    if (score() >= 0) == label:
        correct += 1
    learn(label)
emit(correct * 100 // STEPS)

for _ in range(TESTS):
    next_sample()
    emit(score() >= 0)
