# SPDX-License-Identifier: GPL-3.0-or-later
"""One before the start, in a store."""

from chip import emit

w = bytearray(3)
for i in range(-1, -5, -1):
    emit(i)
    w[i] = 1
