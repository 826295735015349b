# SPDX-License-Identifier: GPL-3.0-or-later
"""Evaluated from left to right, by value."""

from chip import emit


def told(value):
    emit(value)
    return value


def weighted(a, b, c):
    a += 1
    return a * 100 + b * 10 + c


a = 4
emit(weighted(told(1), told(2), told(3)))
emit(weighted(a, a, a))
emit(a)
emit(weighted(weighted(0, 0, 1), 2, weighted(0, 0, 3)))
