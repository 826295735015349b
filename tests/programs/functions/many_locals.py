# SPDX-License-Identifier: GPL-3.0-or-later
"""More than the registers hold."""

from chip import emit


def mixed(a, b, c, d):
    e = a + b
    f = b + c
    g = c + d
    h = a * d
    i = e - f
    j = g - h
    k = i ^ j
    m = e | g
    for n in range(3):
        a += n
        b -= a
        c ^= b
    return a + b + c + d + e + f + g + h + i + j + k + m + n


emit(mixed(1, 2, 3, 4))
emit(mixed(-100, 50, 7, -3))
