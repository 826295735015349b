# SPDX-License-Identifier: GPL-3.0-or-later
"""-32768 // -1, the only quotient that overflows."""

from chip import emit

a = -32768
for divisor in range(2, -2, -1):
    if divisor:
        emit(a // divisor)
