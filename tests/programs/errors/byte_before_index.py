# SPDX-License-Identifier: GPL-3.0-or-later
"""A bad byte at a bad index: CPython looks at the byte first."""

from chip import emit

b = bytearray(2)
i = 1
i += 4
value = 300
emit(0)
b[i] = value
