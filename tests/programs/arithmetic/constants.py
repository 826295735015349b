# SPDX-License-Identifier: GPL-3.0-or-later
"""Folded before the run, and the names stay."""

from chip import emit

STEPS = 10
RATE = STEPS * 3 // 4
MASK = ~(1 << 3) & 0xFF
NEGATIVE = -STEPS % 7
FLAG = STEPS > 9 and RATE != 7


def scaled():
    return RATE * LATER


LATER = 3
emit(scaled())
emit(MASK)
emit(NEGATIVE)
emit(FLAG)
