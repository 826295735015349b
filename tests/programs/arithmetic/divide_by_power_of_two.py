# SPDX-License-Identifier: GPL-3.0-or-later
"""Shifts and masks may stand for these, if they floor."""

from chip import emit

for a in range(-20, 21, 7):
    emit(a // 1)
    emit(a // 8)
    emit(a % 8)
    emit(a // 16384)
    emit(a % 16384)
