# SPDX-License-Identifier: GPL-3.0-or-later
"""In an augmented item; the item stays."""

from chip import emit

w = [1, 1]
while True:
    w[1] += w[1]
    emit(w[1])
