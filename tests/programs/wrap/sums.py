# SPDX-License-Identifier: GPL-3.0-or-later
"""With overflow as wrap-around."""
# overflow: wrap

from chip import emit

a = 32767
emit(a + 1)
emit(-a - 2)
emit(a + a)
