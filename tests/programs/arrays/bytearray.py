# SPDX-License-Identifier: GPL-3.0-or-later
"""Items of 8 bits, without a sign."""

from chip import emit

a = bytearray(3)
b = bytearray([1, 200, 255])
c = bytearray(b"Az")
a[0] = 255
a[1] = b[1]
a[1] += 55
a[2] += c[0]
b[2] -= 255
for i in range(3):
    emit(a[i])
    emit(b[i])
emit(c[0] * 256 + c[1])
