# SPDX-License-Identifier: GPL-3.0-or-later
"""Every augmented assignment."""

from chip import emit

a = 100
a += 23
emit(a)
a -= 200
emit(a)
a *= 3
emit(a)
a //= 7
emit(a)
a %= 30
emit(a)
a <<= 4
emit(a)
a >>= 2
emit(a)
a |= 5
emit(a)
a &= 29
emit(a)
a ^= 255
emit(a)
