# SPDX-License-Identifier: GPL-3.0-or-later
"""The other errors are errors."""
# overflow: wrap

from chip import emit

a = 32767
emit(a + 1)
emit(a // (a - 32767))
