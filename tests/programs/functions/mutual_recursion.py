# SPDX-License-Identifier: GPL-3.0-or-later
"""Functions may call those below them."""

from chip import emit


def even(n):
    return True if n == 0 else odd(n - 1)


def odd(n):
    return False if n == 0 else even(n - 1)


emit(even(6))
emit(odd(6))
