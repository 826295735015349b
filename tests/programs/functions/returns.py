# SPDX-License-Identifier: GPL-3.0-or-later
"""Early, from a loop, without a value, and at the end."""

from chip import emit


def first_above(limit):
    for i in range(100):
        if i * i > limit:
            return i
    return -1


def sign(x):
    if x > 0:
        return 1
    elif x < 0:
        return -1
    else:
        return 0


def shout(x):
    if x < 0:
        return
    emit(x)


def nothing():
    pass


def value_on_some_paths(x):
    if x:
        return told(x)


def told(x):
    emit(x)
    return x


emit(first_above(50))
emit(first_above(20000))
emit(sign(-4) + sign(9) * 10 + sign(0))
shout(-1)
shout(8)
nothing()
value_on_some_paths(0)
value_on_some_paths(6)
