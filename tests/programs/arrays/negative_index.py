# SPDX-License-Identifier: GPL-3.0-or-later
"""Counts from the end."""

from chip import emit

w = [10, 20, 30]
emit(w[-1])
emit(w[-3])
for i in range(-3, 3):
    w[i] += i
    emit(w[i])
