# SPDX-License-Identifier: GPL-3.0-or-later
"""The low 16 bits."""
# overflow: wrap

from chip import emit

a = 12345
emit(a * a)
emit(a * -a)
emit(-32768 * -1)
b = -32768
emit(b * b)
emit(b * 3)
