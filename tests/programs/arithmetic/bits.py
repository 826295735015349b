# SPDX-License-Identifier: GPL-3.0-or-later
"""&, | and ^ of negative values too."""

from chip import emit

a = -12345
b = 6789
emit(a & b)
emit(a | b)
emit(a ^ b)
emit(a & 0xFF)
emit(b | -256)
emit(~a)
emit(~b & 15)
