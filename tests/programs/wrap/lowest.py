# SPDX-License-Identifier: GPL-3.0-or-later
"""-32768 has no opposite."""
# overflow: wrap

from chip import emit

a = -32768
emit(-a)
emit(abs(a))
emit(a // -1)
emit(a % -1)
emit(a - 1)
