# SPDX-License-Identifier: GPL-3.0-or-later
"""Bytes of the input, in their order."""
# input: 05 ff 01 02 03 fa 09 c8

from chip import emit, read

emit(read() + (read() - 128) * 256)
total = 0
for i in range(4):
    total += read()
emit(total)
emit(read() - read())
