# SPDX-License-Identifier: GPL-3.0-or-later
"""Products with either sign."""

from chip import emit

for a in range(-3, 4):
    for b in range(-2, 3):
        emit(a * b * 1000)
emit(181 * 181)
emit(-256 * 128)
