# SPDX-License-Identifier: GPL-3.0-or-later
"""Below -32768, in a function."""

from chip import emit


def less(x):
    return x - 1000


a = -30000
while True:
    a = less(a)
    emit(a)
