# SPDX-License-Identifier: GPL-3.0-or-later
"""Bounds of an expression's exact value, where the text alone gives them.

Known are constants, what a device can answer, comparisons, the items of a bytearray, and the variable
of a loop over constants; from these, sums, products, masks, remainders and shifts. They spare a check
where no value can fail it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from kilolearn.python_subset.tree import (
    INT_MAX,
    INT_MIN,
    Binary,
    CallBuiltin,
    Compare,
    Constant,
    Expression,
    ForRange,
    IfExpression,
    Item,
    Load,
    Unary,
    Variable,
)

__all__ = ["ANY", "Bounds", "bounds", "exact_bounds", "fits", "loop_bounds"]

#: The least and the greatest value.
Bounds: TypeAlias = tuple[int, int]

ANY: Bounds = (INT_MIN, INT_MAX)
_BEYOND: Bounds = (2 * INT_MIN, 2 * INT_MAX)
_ANSWERS: dict[str, Bounds] = {
    "read": (0, 255),
    "adc": (0, 1023),
    "pin": (0, 1),
    "random": (0, 255),
}


def fits(interval: Bounds) -> bool:
    """Whether every value has 16 bits."""
    return interval[0] >= INT_MIN and interval[1] <= INT_MAX


def bounds(node: Expression, known: Mapping[Variable, Bounds]) -> Bounds:
    """Bounds of the value that a chip has: one that may have left 16 bits may be any."""
    interval = exact_bounds(node, known)
    return interval if fits(interval) else ANY


def exact_bounds(node: Expression, known: Mapping[Variable, Bounds]) -> Bounds:
    """Bounds of the last operation's exact result, which may lie outside 16 bits.

    Args:
        node: The expression.
        known: Variables whose bounds are known.
    """
    if isinstance(node, Constant):
        return node.value, node.value
    if isinstance(node, Load):
        return known.get(node.variable, ANY)
    if isinstance(node, Item) and node.array.item_size == 1:
        return 0, 255
    if isinstance(node, Compare):
        return 0, 1
    if isinstance(node, Unary):
        low, high = bounds(node.operand, known)
        return {"-": (-high, -low), "~": (~high, ~low), "not": (0, 1)}[node.operator]
    if isinstance(node, Binary):
        return _binary(node, bounds(node.left, known), bounds(node.right, known))
    if isinstance(node, IfExpression):
        then, otherwise = bounds(node.then, known), bounds(node.otherwise, known)
        return min(then[0], otherwise[0]), max(then[1], otherwise[1])
    if isinstance(node, CallBuiltin):
        return _builtin(node, [bounds(argument, known) for argument in node.arguments])
    return ANY


def _binary(node: Binary, left: Bounds, right: Bounds) -> Bounds:
    if node.operator == "+":
        return left[0] + right[0], left[1] + right[1]
    if node.operator == "-":
        return left[0] - right[1], left[1] - right[0]
    if node.operator == "*":
        corners = [a * b for a in left for b in right]
        return min(corners), max(corners)
    if node.operator == "&" and (left[0] >= 0 or right[0] >= 0):
        return 0, min(high for low, high in (left, right) if low >= 0)
    if node.operator == "%" and right[0] > 0:
        return 0, right[1] - 1
    if right[0] == right[1]:
        constant = right[0]
        if node.operator == "//" and constant > 0:
            return left[0] // constant, left[1] // constant
        if node.operator == ">>" and constant >= 0:
            return left[0] >> constant, left[1] >> constant
        if node.operator == "<<" and 0 <= constant < 16:
            return left[0] << constant, left[1] << constant
    return _BEYOND if node.operator in ("//", "<<") else ANY


def _builtin(node: CallBuiltin, arguments: list[Bounds]) -> Bounds:
    if node.name == "abs":
        low, high = arguments[0]
        return max(0, low, -high), max(-low, high)
    if node.name in ("min", "max"):
        pick = min if node.name == "min" else max
        return pick(low for low, _ in arguments), pick(high for _, high in arguments)
    return _ANSWERS.get(node.name, ANY)


def loop_bounds(loop: ForRange, known: Mapping[Variable, Bounds]) -> Bounds:
    """Bounds of a loop's variable within its body, where nothing but the loop assigns it."""
    start, stop = bounds(loop.start, known), bounds(loop.stop, known)
    if loop.step > 0:
        return start[0], max(start[0], stop[1] - 1)
    return min(start[1], stop[0] + 1), start[1]
