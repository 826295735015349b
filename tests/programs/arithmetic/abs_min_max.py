# SPDX-License-Identifier: GPL-3.0-or-later
"""abs, min and max, of more than two."""

from chip import emit

a = -5
b = 3
emit(abs(a))
emit(abs(b))
emit(abs(a + 5))
emit(min(a, b))
emit(max(a, b))
emit(min(b, a, -7, 2))
emit(max(b, a, -7, 12, 4))
emit(max(min(a, 0), -2))
