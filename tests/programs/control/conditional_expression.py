# SPDX-License-Identifier: GPL-3.0-or-later
"""Only one side is evaluated."""

from chip import emit


def told(value):
    emit(value)
    return value


for a in range(3):
    emit(told(100) if a > 1 else told(200) if a else told(300))
emit((1 if a else 2) + (3 if not a else 4))
