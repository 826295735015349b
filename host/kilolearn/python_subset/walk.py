# SPDX-License-Identifier: GPL-3.0-or-later
"""Every statement and expression of a program, for questions such as which builtins it uses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kilolearn.python_subset.effects import operands
from kilolearn.python_subset.tree import (
    Assign,
    Expression,
    ExpressionStatement,
    ForRange,
    Function,
    If,
    Program,
    Return,
    Statement,
    StoreItem,
    While,
)

__all__ = ["expressions_in", "statements_in"]


def statements_in(body: Iterable[Statement]) -> Iterator[Statement]:
    """All statements of a body, each before those inside it."""
    for node in body:
        yield node
        if isinstance(node, If):
            yield from statements_in((*node.then, *node.otherwise))
        elif isinstance(node, While | ForRange):
            yield from statements_in(node.body)


def expressions_in(node: Program | Function | Statement | Expression) -> Iterator[Expression]:
    """All expressions, each before its operands; a program's functions before its statements."""
    if isinstance(node, Program):
        parts: tuple[Function | Statement | Expression, ...] = (*node.functions, *node.body)
    elif isinstance(node, Function):
        parts = node.body
    elif isinstance(node, Assign | ExpressionStatement):
        parts = (node.value,)
    elif isinstance(node, StoreItem):
        parts = (node.index, node.value)
    elif isinstance(node, If):
        parts = (node.test, *node.then, *node.otherwise)
    elif isinstance(node, While):
        parts = (node.test, *node.body)
    elif isinstance(node, ForRange):
        parts = (node.start, node.stop, *node.body)
    elif isinstance(node, Return):
        parts = (node.value,) if node.value is not None else ()
    elif isinstance(node, Expression):
        yield node
        parts = tuple(operands(node))
    else:
        parts = ()  # Break, continue.
    for part in parts:
        yield from expressions_in(part)
