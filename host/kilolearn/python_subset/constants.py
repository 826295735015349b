# SPDX-License-Identifier: GPL-3.0-or-later
"""Arithmetic at compile time, with CPython's own meaning and 16 bits."""

from __future__ import annotations

import operator
from collections.abc import Callable

from kilolearn.python_subset.tree import INT_MAX, INT_MIN, BinaryOperator, CompareOperator

__all__ = ["compare", "fits", "fold"]

_BINARY: dict[BinaryOperator, Callable[[int, int], int]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "//": operator.floordiv,
    "%": operator.mod,
    "&": operator.and_,
    "|": operator.or_,
    "^": operator.xor,
    "<<": operator.lshift,
    ">>": operator.rshift,
}
_COMPARE: dict[CompareOperator, Callable[[int, int], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
}


def fits(value: int) -> bool:
    """Whether a value has 16 bits."""
    return INT_MIN <= value <= INT_MAX


def fold(op: BinaryOperator, left: int, right: int) -> int | None:
    """The value of an operation on constants; None where it is an error, and left to the run."""
    if op == "<<" and right > 16 and left:
        return None
    try:
        value = _BINARY[op](left, right)
    except (ZeroDivisionError, ValueError):
        return None
    return value if fits(value) else None


def compare(op: CompareOperator, left: int, right: int) -> bool:
    """Whether a comparison of constants holds."""
    return _COMPARE[op](left, right)
