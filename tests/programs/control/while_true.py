# SPDX-License-Identifier: GPL-3.0-or-later
"""Only a break leaves it."""

from chip import emit

n = 27
steps = 0
while True:
    if n == 1:
        break
    n = n // 2 if n % 2 == 0 else n * 3 + 1
    steps += 1
emit(steps)
