# SPDX-License-Identifier: GPL-3.0-or-later
"""Each call has its own locals."""

from chip import emit


def factorial(n):
    if n < 2:
        return 1
    return n * factorial(n - 1)


def fibonacci(n):
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)


def digits(n):
    rest = n // 10
    if rest:
        digits(rest)
    emit(n - rest * 10)


emit(factorial(7))
emit(fibonacci(8))
digits(4711)
