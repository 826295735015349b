# SPDX-License-Identifier: GPL-3.0-or-later
"""Bounds of values, as far as the text gives them: they spare checks, and choose a C type's width.

A variable's bounds are the hull of whatever is assigned to it anywhere, an array's of its items, a
function's of what it returns: the least fixed point over the program, from 0 (which every place
holds at first) upwards. A bound that keeps growing jumps to the next of a few thresholds, so this
ends. Within a loop that alone assigns its variable the range says more.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import TypeAlias

from kilolearn.python_subset.tree import (
    INT_MAX,
    INT_MIN,
    Array,
    Assign,
    Binary,
    BoolOp,
    Call,
    CallBuiltin,
    Compare,
    Constant,
    Expression,
    ForRange,
    IfExpression,
    Item,
    Load,
    Program,
    Return,
    Statement,
    StoreItem,
    Unary,
    Variable,
)
from kilolearn.python_subset.walk import expressions_in, statements_in

__all__ = ["Bounds", "Ranges", "fits", "program_ranges"]

#: The least and the greatest value.
Bounds: TypeAlias = tuple[int, int]

_ANY: Bounds = (INT_MIN, INT_MAX)
_BEYOND: Bounds = (2 * INT_MIN, 2 * INT_MAX)
_ANSWERS: dict[str, Bounds] = {
    "read": (0, 255),
    "adc": (0, 1023),
    "pin": (0, 1),
    "random": (0, 255),
}
_THRESHOLDS = (INT_MIN, -1024, -128, -1, 0, 1, 127, 255, 1024, INT_MAX)
_EXACT_ROUNDS = 4


def fits(interval: Bounds) -> bool:
    """Whether every value has 16 bits."""
    return interval[0] >= INT_MIN and interval[1] <= INT_MAX


def _hull(*intervals: Bounds) -> Bounds:
    return min(low for low, _ in intervals), max(high for _, high in intervals)


@dataclass(frozen=True)
class Ranges:
    """Bounds as one function sees them.

    Attributes:
        known: Global, array, function's name, or (function's name, local) -> bounds.
        stops: A result beyond 16 bits ends the program, so none is left; else it may be any value.
        function: Whose locals are meant; None for the module.
    """

    known: dict[Hashable, Bounds]
    stops: bool
    function: str | None = None
    in_loop: dict[Variable, Bounds] = field(default_factory=dict)

    def of(self, node: Expression) -> Bounds:
        """Bounds of a value."""
        low, high = self.exact(node)
        if fits((low, high)):
            return low, high
        clipped = max(low, INT_MIN), min(high, INT_MAX)
        return clipped if self.stops and clipped[0] <= clipped[1] else _ANY

    def exact(self, node: Expression) -> Bounds:
        """Bounds of the last operation's exact result, which may lie outside 16 bits."""
        if isinstance(node, Constant):
            return node.value, node.value
        if isinstance(node, Load):
            return self.in_loop.get(node.variable) or self.known[self.place(node.variable)]
        if isinstance(node, Item):
            return self.known[node.array]
        if isinstance(node, Call):
            return self.known[node.function]
        if isinstance(node, Compare):
            return 0, 1
        if isinstance(node, BoolOp):
            return _hull(*(self.of(operand) for operand in node.operands))
        if isinstance(node, IfExpression):
            return _hull(self.of(node.then), self.of(node.otherwise))
        if isinstance(node, Unary):
            low, high = self.of(node.operand)
            return {"-": (-high, -low), "~": (~high, ~low), "not": (0, 1)}[node.operator]
        if isinstance(node, Binary):
            return self.operation(node, self.of(node.left), self.of(node.right))
        return _builtin(node, [self.of(argument) for argument in node.arguments])

    def operation(self, node: Binary, left: Bounds, right: Bounds) -> Bounds:
        """Exact bounds of a binary operation."""
        operator, constant = node.operator, right[0] if right[0] == right[1] else None
        if operator == "+":
            return left[0] + right[0], left[1] + right[1]
        if operator == "-":
            return left[0] - right[1], left[1] - right[0]
        if operator == "*":
            return _hull(*((a * b, a * b) for a in left for b in right))
        if operator == "&" and (left[0] >= 0 or right[0] >= 0):
            return 0, min(high for low, high in (left, right) if low >= 0)
        if operator == "%" and right[0] > 0:
            return 0, right[1] - 1
        if operator == "//" and constant is not None and constant > 0:
            return left[0] // constant, left[1] // constant
        if operator == ">>" and constant is not None and constant >= 0:
            return left[0] >> constant, left[1] >> constant
        if operator == "<<" and constant is not None and 0 <= constant < 16:
            return left[0] << constant, left[1] << constant
        return _BEYOND if operator in ("//", "<<") else _ANY

    def place(self, variable: Variable) -> Hashable:
        """What `known` calls a variable."""
        return variable if variable.is_global else (self.function, variable)

    def loop(self, loop: ForRange) -> Bounds:
        """Bounds that the loop itself gives its variable."""
        start, stop = self.of(loop.start), self.of(loop.stop)
        if loop.step > 0:
            return start[0], max(start[0], stop[1] - 1)
        return min(start[1], stop[0] + 1), start[1]


def _builtin(node: CallBuiltin, arguments: list[Bounds]) -> Bounds:
    if node.name == "abs":
        low, high = arguments[0]
        return max(0, low, -high), max(-low, high)
    if node.name in ("min", "max"):
        pick = min if node.name == "min" else max
        return pick(low for low, _ in arguments), pick(high for _, high in arguments)
    return _ANSWERS.get(node.name, _ANY)


def program_ranges(program: Program, *, stops: bool) -> dict[Hashable, Bounds]:
    """The bounds of every place of a program.

    Args:
        program: Checked.
        stops: As for :class:`Ranges`.
    """
    known: dict[Hashable, Bounds] = dict.fromkeys(program.variables, (0, 0))
    for array in program.arrays:
        known[array] = (min(array.initial, default=0), max(array.initial, default=0))
    for function in program.functions:
        known[function.name] = (0, 0)
        known.update(dict.fromkeys(((function.name, local) for local in function.locals), (0, 0)))

    parameters = {f.name: f.locals[: f.parameters] for f in program.functions}
    bodies = [(f.name, f.body) for f in program.functions] + [(None, program.body)]
    rounds, before = 0, None
    while before != known:
        before, rounds = dict(known), rounds + 1
        for name, body in bodies:
            ranges = Ranges(known, stops, name)
            for statement in statements_in(body):
                for place, interval in _given(ranges, statement):
                    known[place] = _joined(known[place], interval, rounds)
                for node in expressions_in(statement):
                    if isinstance(node, Call):
                        for local, argument in zip(
                            parameters[node.function], node.arguments, strict=True
                        ):
                            place = (node.function, local)
                            known[place] = _joined(known[place], ranges.of(argument), rounds)
    return known


def _given(ranges: Ranges, node: Statement) -> list[tuple[Hashable, Bounds]]:
    """The place that a statement stores into, and the bounds of what it stores."""
    if isinstance(node, Assign):
        return [(ranges.place(node.variable), ranges.of(node.value))]
    if isinstance(node, ForRange):
        return [(ranges.place(node.variable), ranges.loop(node))]
    if isinstance(node, Return) and node.value is not None:
        assert ranges.function is not None
        return [(ranges.function, ranges.of(node.value))]
    if isinstance(node, StoreItem):
        value = node.value
        if node.operator is not None:
            value = Binary(node.operator, Item(node.array, node.index, node.line), value, node.line)
        return [(node.array, _stored(node.array, ranges.of(value)))]
    return []


def _stored(array: Array, interval: Bounds) -> Bounds:
    """A bytearray holds nothing but bytes."""
    return (0, 255) if array.item_size == 1 else interval


def _joined(old: Bounds, new: Bounds, rounds: int) -> Bounds:
    low, high = _hull(old, new)
    if rounds > _EXACT_ROUNDS:
        if low < old[0]:
            low = max(threshold for threshold in _THRESHOLDS if threshold <= low)
        if high > old[1]:
            high = min(threshold for threshold in _THRESHOLDS if threshold >= high)
    return low, high
