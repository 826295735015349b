# SPDX-License-Identifier: GPL-3.0-or-later
"""The bounds are evaluated once, before the loop."""

from chip import emit

n = 3
k = 1
for i in range(k, n):
    n = 10
    k = 5
    emit(i)


def bound(value):
    emit(-value)
    return value


for i in range(bound(2), bound(5)):
    emit(i)
