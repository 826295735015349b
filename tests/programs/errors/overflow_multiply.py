# SPDX-License-Identifier: GPL-3.0-or-later
"""A product of more than 16 bits."""

from chip import emit

a = 3
for i in range(20):
    a *= -7
    emit(a)
