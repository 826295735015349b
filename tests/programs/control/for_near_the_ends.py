# SPDX-License-Identifier: GPL-3.0-or-later
"""The counter does not leave 16 bits."""

from chip import emit

high = 32767
low = -32768
count = 0
for i in range(high - 2, high):
    emit(i)
for i in range(low + 2, low, -1):
    emit(i)
for i in range(low, high, 30000):
    emit(i)
for i in range(high, low, -30000):
    emit(i)
for i in range(high - 5, high, 4):
    emit(i)
for i in range(-32768, 32767, 32767):
    count += 1
emit(count)
