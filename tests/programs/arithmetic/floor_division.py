# SPDX-License-Identifier: GPL-3.0-or-later
"""// floors, whatever the signs."""

from chip import emit

for a in range(-9, 10, 3):
    for b in range(-4, 5, 2):
        if b != 0:
            emit(a // b)
a = -32768
emit(a // 32767)
emit(a // 1)
a = 32767
emit(a // -1)
