# SPDX-License-Identifier: GPL-3.0-or-later
"""All six, and as values."""

from chip import emit

for a in range(-1, 2):
    emit(a < 0)
    emit(a <= 0)
    emit(a == 0)
    emit(a != 0)
    emit(a > 0)
    emit(a >= 0)
low = -32768
high = 32767
emit(low < high)
emit(high < low)
emit((low < high) + (high > 0) * 2)
