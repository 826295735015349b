# SPDX-License-Identifier: GPL-3.0-or-later
"""The initial items of an array, which are known at compile time."""

from __future__ import annotations

import ast

from kilolearn.python_subset.expressions import Expressions
from kilolearn.python_subset.tree import INT_MAX

__all__ = ["initial_items"]

_STORE = "write a constant, and store the value when it is known"


def initial_items(expressions: Expressions, value: ast.expr) -> tuple[int, ...]:
    """The items of ``[..]``, ``[..] * n`` or ``bytearray(..)`` of a length, a list or bytes.

    Raises:
        SubsetError: An item or the length is not a constant, or does not fit.
    """
    if isinstance(value, ast.List):
        return _list(expressions, value)
    if isinstance(value, ast.BinOp):
        items, times = value.left, value.right
        if not isinstance(items, ast.List):
            items, times = times, items
        assert isinstance(items, ast.List)
        return _list(expressions, items) * _length(expressions, times)
    assert isinstance(value, ast.Call)
    argument = value.args[0]
    if isinstance(argument, ast.Constant) and isinstance(argument.value, bytes):
        return tuple(argument.value)
    if not isinstance(argument, ast.List):
        return (0,) * _length(expressions, argument)
    found = _list(expressions, argument)
    for item, node in zip(found, argument.elts, strict=True):
        if not 0 <= item <= 255:
            what = f"{item} in a bytearray"
            raise expressions.source.refuse(node, what, "stay within 0..255, or write a list")
    return found


def _list(expressions: Expressions, node: ast.List) -> tuple[int, ...]:
    return tuple(expressions.constant(item, "an item of an array", _STORE) for item in node.elts)


def _length(expressions: Expressions, node: ast.expr) -> int:
    length = expressions.constant(node, "the length of an array", "write a number, or a constant")
    if length < 0:
        what = f"an array of length {length}"
        raise expressions.source.refuse(node, what, f"write a length of 0..{INT_MAX}")
    return length
