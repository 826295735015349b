# SPDX-License-Identifier: GPL-3.0-or-later
"""A length may be a constant's name."""

from chip import emit

N = 4
zeros = [0] * N
pattern = [1, -2] * 3
same = 3 * [7]
emit(len(zeros) + len(pattern) + len(same))
for i in range(len(pattern)):
    zeros[i % N] += pattern[i] + same[i % 3]
for i in range(N):
    emit(zeros[i])
