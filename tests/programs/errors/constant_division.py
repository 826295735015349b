# SPDX-License-Identifier: GPL-3.0-or-later
"""By a zero that the compiler sees."""

from chip import emit

ZERO = 0
emit(1)
emit(7 // ZERO)
