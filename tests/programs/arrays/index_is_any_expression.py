# SPDX-License-Identifier: GPL-3.0-or-later
"""Items as indices, too."""

from chip import emit

order = bytearray([2, 0, 1])
w = [100, 200, 300]


def third():
    return 2


emit(w[order[0]])
emit(w[order[order[1]] - 1])
emit(w[third() - 1])
emit(w[1 if w[0] > 50 else 0])
w[order[2]] = w[third()] - w[order[1]]
emit(w[1])
