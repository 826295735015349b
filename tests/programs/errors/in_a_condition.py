# SPDX-License-Identifier: GPL-3.0-or-later
"""In the test of a loop."""

from chip import emit

w = [4, 3, 2]
i = 0
while w[i] > 0:
    emit(w[i])
    i += 1
