# SPDX-License-Identifier: GPL-3.0-or-later
"""With break and continue."""

from chip import emit

a = 0
while a < 20:
    a += 1
    if a % 3 == 0:
        continue
    if a > 14:
        break
    emit(a)
emit(a)
while a:
    a -= 5
    if a < 0:
        break
emit(a)
