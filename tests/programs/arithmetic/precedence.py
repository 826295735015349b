# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators bind as in Python."""

from chip import emit

a = 7
b = 3
c = 2
emit(a + b * c)
emit((a + b) * c)
emit(a - b - c)
emit(a - (b - c))
emit(-a % b)
emit(-(a % b))
emit(a << b & 255 | c)
emit(a ^ b & c | 16)
emit(a // b // c)
emit(not a == b)
