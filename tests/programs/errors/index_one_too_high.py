# SPDX-License-Identifier: GPL-3.0-or-later
"""By the last iteration of a loop."""

from chip import emit

w = [1, 2, 3]
for i in range(4):
    emit(w[i])
