# SPDX-License-Identifier: GPL-3.0-or-later
"""The first branch that holds is taken."""

from chip import emit

for a in range(5):
    if a == 0:
        emit(10)
    elif a < 2:
        emit(20)
    elif a == 3:
        pass
    else:
        emit(30)
    if a:
        emit(a)
