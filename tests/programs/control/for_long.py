# SPDX-License-Identifier: GPL-3.0-or-later
"""More than 255 and more than 32767 iterations."""

from chip import emit

count = 0
for i in range(300):
    count += 1
emit(count)
count = 0
for i in range(-20000, 20000):
    count ^= i
emit(count)
emit(i)
