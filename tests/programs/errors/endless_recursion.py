# SPDX-License-Identifier: GPL-3.0-or-later
"""The stack is full."""

from chip import emit

depth = 0


def deeper(n):
    return n + deeper(n + 1)


emit(1)
depth = deeper(0)
