# SPDX-License-Identifier: GPL-3.0-or-later
"""After the loop, and after a break."""

from chip import emit

for i in range(4):
    pass
emit(i)
for i in range(0, 100, 7):
    if i > 30:
        break
emit(i)
