# SPDX-License-Identifier: GPL-3.0-or-later
"""% by zero."""

from chip import emit

a = 3
while True:
    emit(100 % a)
    a -= 1
