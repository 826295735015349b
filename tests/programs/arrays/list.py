# SPDX-License-Identifier: GPL-3.0-or-later
"""Items of 16 bits, read and stored."""

from chip import emit

w = [5, -6, 32767, -32768]
for i in range(len(w)):
    emit(w[i])
w[1] = 300
w[2] = w[0] + w[1]
for i in range(len(w)):
    emit(w[i])
