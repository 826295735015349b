# SPDX-License-Identifier: GPL-3.0-or-later
"""256 in a bytearray."""

from chip import emit

b = bytearray(2)
while True:
    b[1] += 100
    emit(b[1])
