# SPDX-License-Identifier: GPL-3.0-or-later
"""The left operand's error comes first."""

from chip import emit

w = [1]
i = 1
i += 2
zero = 0
emit(0)
emit(w[i] + 1 // zero)
