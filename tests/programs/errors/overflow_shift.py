# SPDX-License-Identifier: GPL-3.0-or-later
"""Bits shifted out."""

from chip import emit

a = 3
for i in range(20):
    emit(a << i)
