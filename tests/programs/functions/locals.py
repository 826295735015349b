# SPDX-License-Identifier: GPL-3.0-or-later
"""A local hides a global of its name; global shows it."""

from chip import emit

x = 1
y = 10


def local():
    x = 5
    x += y
    return x


def outer():
    global x
    x += 1
    z = local()
    return z + x


emit(local())
emit(outer())
emit(x)
