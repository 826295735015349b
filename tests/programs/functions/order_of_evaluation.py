# SPDX-License-Identifier: GPL-3.0-or-later
"""A call on the right does not change what was read on the left."""

from chip import emit

x = 1
w = [3, 4]


def change():
    global x
    x += 10
    w[0] += 10
    return 1


emit(x + change())
emit(change() + x)
emit(w[0] * change() + w[0])
emit(w[change()] + w[0])
emit(x < change() < x)
emit(max(x, change(), x))
w[change()] = x
emit(w[1])
w[0] = change() + w[0]
emit(w[0])
w[0] += change()
emit(w[0])
w[change() - 1] += 5
emit(w[0])
x += change()
emit(x)
