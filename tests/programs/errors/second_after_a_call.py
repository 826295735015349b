# SPDX-License-Identifier: GPL-3.0-or-later
"""What a call did before the error stays."""

from chip import emit

zero = 0
x = 0


def told():
    global x
    x = 5
    emit(7)
    return 1


emit(told() + 1 // zero)
