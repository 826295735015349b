# SPDX-License-Identifier: GPL-3.0-or-later
"""Parameters that every call gives the same constant, and those that only look like it."""

from chip import emit

zero = 0
total = 0
again = 0
again = 5


def scaled(value, by, plus):
    return value * by + plus


def counts(stop, first):
    n = 0
    for i in range(first, stop):
        n += i
    return n


def assigned(n, k):
    while n:
        n -= 1
        k += n
    return k


def falls(n, by):
    return n if n < 1 else falls(n - by, 2)


for j in range(4):
    emit(scaled(j, 3, -1) + scaled(j + 1, 3, j))
    total += counts(20, 3)
    total += assigned(5, 2)
emit(falls(9, 2))
emit(total)
emit(again)
emit(zero)
