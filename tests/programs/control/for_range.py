# SPDX-License-Identifier: GPL-3.0-or-later
"""One, two and three arguments; empty ranges run not at all."""

from chip import emit

for i in range(3):
    emit(i)
for i in range(-2, 2):
    emit(i)
for i in range(10, 0, -3):
    emit(i)
for i in range(0, 10, 4):
    emit(i)
i = 77
for i in range(0):
    emit(-1)
for i in range(5, 5):
    emit(-1)
for i in range(5, 0):
    emit(-1)
for i in range(0, 5, -1):
    emit(-1)
emit(i)
