# SPDX-License-Identifier: GPL-3.0-or-later
"""Each operand once, and none past a false one."""

from chip import emit


def told(value):
    emit(value)
    return value


emit(told(1) < told(2) < told(3))
emit(told(3) < told(2) < told(1))
emit(told(1) < told(2) > told(0) != told(4))
a = 5
if 0 <= a < 10:
    emit(100)
if not 0 <= a < 5 <= 9:
    emit(200)
emit(1 < a > 2)
