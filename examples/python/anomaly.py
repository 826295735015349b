# SPDX-License-Identifier: GPL-3.0-or-later
"""A running mean and deviation tell the readings of a sensor that lie far from its usual ones.

Nobody says which these are, and no reading pulls harder than two deviations, so that outliers do
not teach. The rates fall from 1/2 to 1/32 as the first thirty readings come.

Reads 500 bytes and emits 1 for each that is anomalous, else 0. As in kilolearn.tasks: anomaly.
"""

from chip import emit, read

READINGS = 500
ONE = 64  # mean and deviation count 64ths
WARM_UP = 5

mean = 0
deviation = 8 * ONE
seen = 0


def is_anomalous(distance):
    return 1 if seen >= WARM_UP and distance > deviation * 7 // 2 else 0


def learn(error):
    global mean, deviation, seen
    rate = 1
    while rate < 5 and seen + 2 >= 2 << rate:
        rate += 1
    pull = min(abs(error), 2 * deviation + ONE)
    step = (pull + (1 << rate >> 1)) >> rate
    mean += step if error > 0 else -step
    deviation += (pull - deviation) >> rate
    seen = min(seen + 1, 30)


for _ in range(READINGS):
    value = read() * ONE
    if seen == 0:
        mean = value
    emit(is_anomalous(abs(value - mean)))
    learn(value - mean)
