# SPDX-License-Identifier: GPL-3.0-or-later
"""A compiler that counts in bytes must see where they end."""

from chip import emit


def sum_to(stop):
    total = 0
    for i in range(stop):
        total += i
    return total


emit(sum_to(255))
emit(sum_to(256))
for i in range(126, 130):
    emit(i)
for i in range(254, 258):
    emit(i)
for i in range(-127, -131, -1):
    emit(i)
for j in range(0, 256, 255):
    emit(j)
for k in range(0, 257, 128):
    emit(k)
count = 0
for n in range(257):
    count += 1
emit(count)
emit(n)
