# SPDX-License-Identifier: GPL-3.0-or-later
"""-1 in a bytearray."""

from chip import emit

b = bytearray(2)
for i in range(2, -3, -1):
    b[0] = i
    emit(b[0])
