# SPDX-License-Identifier: GPL-3.0-or-later
"""The left operand is evaluated before the right one is found to be zero."""

from chip import emit


def told(value):
    emit(value)
    return value


def quotient(divisor):
    return told(7) // divisor


def shifted(count):
    return told(8) << count


emit(quotient(2))
emit(shifted(1))
emit(shifted(0) + quotient(0))
