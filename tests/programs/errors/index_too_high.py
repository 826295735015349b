# SPDX-License-Identifier: GPL-3.0-or-later
"""One past the end."""

from chip import emit

w = [1, 2, 3]
for i in range(5):
    emit(w[i])
