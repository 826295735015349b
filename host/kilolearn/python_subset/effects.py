# SPDX-License-Identifier: GPL-3.0-or-later
"""What evaluating an expression does besides giving a value, as C leaves the order open."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from kilolearn.python_subset.tree import (
    Binary,
    BoolOp,
    Call,
    CallBuiltin,
    Compare,
    Constant,
    Expression,
    IfExpression,
    Item,
    Load,
    Unary,
)

__all__ = ["Effects", "effects", "operands"]


@dataclass(frozen=True)
class Effects:
    """Of an expression, its operands included.

    Attributes:
        reads: Its value depends on a global, an item or a device.
        writes: It changes one of these.
        fails: It may end the program with an error.
    """

    reads: bool = False
    writes: bool = False
    fails: bool = False

    def __or__(self, other: Effects) -> Effects:
        return Effects(
            self.reads or other.reads, self.writes or other.writes, self.fails or other.fails
        )

    def commutes(self, other: Effects) -> bool:
        """Whether the two may be evaluated in either order."""
        return not (
            (self.writes and (other.reads or other.writes or other.fails))
            or (other.writes and (self.reads or self.fails))
            or (self.fails and other.fails)
        )


def operands(node: Expression) -> Iterator[Expression]:
    """The expressions directly inside one, in the order of evaluation."""
    if isinstance(node, Item):
        yield node.index
    elif isinstance(node, Unary):
        yield node.operand
    elif isinstance(node, Binary):
        yield from (node.left, node.right)
    elif isinstance(node, Compare):
        yield from (node.first, *node.rest)
    elif isinstance(node, BoolOp):
        yield from node.operands
    elif isinstance(node, IfExpression):
        yield from (node.test, node.then, node.otherwise)
    elif isinstance(node, Call | CallBuiltin):
        yield from node.arguments


def effects(node: Expression, fails: Callable[[Expression], bool]) -> Effects:
    """The effects of an expression.

    Args:
        node: The expression.
        fails: Whether an operation itself, apart from its operands, may end the program.
    """
    own = Effects(fails=fails(node))
    if isinstance(node, Constant):
        return own
    if isinstance(node, Load):
        return Effects(reads=node.variable.is_global)
    if isinstance(node, Item):
        own |= Effects(reads=True)
    elif isinstance(node, Call):
        own = Effects(reads=True, writes=True, fails=True)
    elif isinstance(node, CallBuiltin) and node.name not in ("abs", "min", "max"):
        own = Effects(reads=True, writes=True)
    for operand in operands(node):
        own |= effects(operand, fails)
    return own
