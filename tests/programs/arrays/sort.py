# SPDX-License-Identifier: GPL-3.0-or-later
"""Insertion sort."""

from chip import emit

w = [5, -3, 9, 0, -3, 12, 7]
for i in range(1, len(w)):
    item = w[i]
    j = i - 1
    while j >= 0 and w[j] > item:
        w[j + 1] = w[j]
        j -= 1
    w[j + 1] = item
for i in range(len(w)):
    emit(w[i])
