# SPDX-License-Identifier: GPL-3.0-or-later
"""The range says nothing of a variable that the body assigns."""

from chip import emit

w = [1, 2, 3]
for i in range(3):
    i *= 2
    emit(w[i])
