# SPDX-License-Identifier: GPL-3.0-or-later
"""abs(-32768)."""

from chip import emit

a = -32766
while True:
    emit(abs(a))
    a -= 1
