# SPDX-License-Identifier: GPL-3.0-or-later
"""break and continue belong to the innermost."""

from chip import emit

for i in range(4):
    for j in range(4):
        if j == i:
            continue
        if j > i + 1:
            break
        emit(i * 10 + j)
    k = 0
    while k < i:
        k += 1
        if k == 2:
            break
    emit(k)
