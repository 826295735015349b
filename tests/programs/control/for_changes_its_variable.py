# SPDX-License-Identifier: GPL-3.0-or-later
"""What the body assigns does not change the iterations."""

from chip import emit


def shift():
    global i
    i -= 3


for i in range(4):
    emit(i)
    i *= 10
    emit(i)
for i in range(3):
    shift()
    emit(i)
