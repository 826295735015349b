# SPDX-License-Identifier: GPL-3.0-or-later
"""The value is the deciding operand's, and the rest is not evaluated."""

from chip import emit


def told(value):
    emit(value)
    return value


a = 0
b = 5
emit(a and told(1))
emit(b and told(2))
emit(a or told(3))
emit(b or told(4))
emit(a and b or 9)
emit(told(0) or told(0) or told(7))
emit(told(6) and told(0) and told(8))
if a or b and not a:
    emit(11)
while b and b > 3:
    b -= 1
emit(b)
emit(not (a and b))
emit((a or b) + (b and 3))
