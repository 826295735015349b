# SPDX-License-Identifier: GPL-3.0-or-later
"""Sums and differences, up to both ends of 16 bits."""

from chip import emit

a = 20000
b = 12767
emit(a + b)
emit(-a - b - 1)
emit(a - b + 7 - -3)
emit(b - a)
