# SPDX-License-Identifier: GPL-3.0-or-later
"""The index is evaluated once."""

from chip import emit

w = [1, 2, 3]
b = bytearray([250, 7])
calls = 0


def place():
    global calls
    calls += 1
    return calls % 3


w[place()] += 10
w[place()] *= 5
w[place()] -= 1
w[1] <<= 3
w[-1] //= 2
b[0] >>= 1
b[1] %= 4
for i in range(3):
    emit(w[i])
emit(b[0])
emit(b[1])
emit(calls)
