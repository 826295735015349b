# SPDX-License-Identifier: GPL-3.0-or-later
""">> floors; a shift may be wider than 16 bits."""

from chip import emit

a = -1000
b = 37
zero = 0
for count in range(20):
    emit(a >> count)
    emit(b >> count)
    emit(zero << count * 100)
for count in range(9):
    emit(b << count)
    emit(-b << count)
emit(-1 << 15)
