# SPDX-License-Identifier: GPL-3.0-or-later
"""Statements of Python's tree into those of the checked tree."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Literal

from kilolearn.python_subset.array_forms import initial_items
from kilolearn.python_subset.assigned import is_bare
from kilolearn.python_subset.expressions import BINARY, Expressions
from kilolearn.python_subset.grammar import is_array, is_docstring
from kilolearn.python_subset.tree import (
    Array,
    Assign,
    Binary,
    Break,
    Constant,
    Continue,
    Expression,
    ExpressionStatement,
    ForRange,
    If,
    Load,
    Return,
    Statement,
    StoreItem,
    While,
)

__all__ = ["Statements"]


class Statements:
    """The statements of one scope.

    Args:
        expressions: Those of the same scope.
    """

    def __init__(self, expressions: Expressions) -> None:
        self.expressions = expressions
        self.source = expressions.source
        self.names = expressions.names
        self.scope = expressions.scope

    def body(self, nodes: Iterable[ast.stmt]) -> tuple[Statement, ...]:
        """A block, or a whole scope."""
        return tuple(statement for node in nodes for statement in self._statement(node))

    def _statement(self, node: ast.stmt) -> tuple[Statement, ...]:
        """None, one, or the taken branch of an `if` that is decided at compile time."""
        line = node.lineno
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
            return self._assignment(node)
        if isinstance(node, ast.If):
            test = self.expressions.value(node.test)
            then, otherwise = self.body(node.body), self.body(node.orelse)
            if isinstance(test, Constant):
                return then if test.value else otherwise
            return (If(test, then, otherwise, line),)
        if isinstance(node, ast.While):
            test = self.expressions.value(node.test)
            return (While(test, self.body(node.body), line),)
        if isinstance(node, ast.For):
            return (self._for(node),)
        if isinstance(node, ast.Return):
            return self._return(node)
        if isinstance(node, ast.Break):
            return (Break(line),)
        if isinstance(node, ast.Continue):
            return (Continue(line),)
        if isinstance(node, ast.Expr) and not is_docstring(node):
            return (ExpressionStatement(self.expressions.statement(node.value), line),)
        return ()  # A docstring, pass, global, an import, a def.

    def _assignment(
        self, node: ast.Assign | ast.AnnAssign | ast.AugAssign
    ) -> tuple[Statement, ...]:
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        operator = BINARY[type(node.op)] if isinstance(node, ast.AugAssign) else None
        assert node.value is not None
        if isinstance(target, ast.Name):
            if operator is None and is_array(node.value):
                self._array(target.id, node.value)
                return ()
            if operator is None:
                return self._name(target.id, self.expressions.value(node.value), node.lineno)
            variable = self.expressions.variable(target.id)
            value = self.expressions.value(node.value)
            binary = Binary(operator, Load(variable), value, node.lineno)
            return (Assign(variable, binary, node.lineno),)
        assert isinstance(target, ast.Subscript)
        array, index = self.expressions.array(target), self.expressions.index(target)
        value = self.expressions.value(node.value)
        return (StoreItem(array, index, value, operator, node.lineno),)

    def _name(self, name: str, value: Expression, line: int) -> tuple[Statement, ...]:
        once = self.scope is None and name in self.names.assigned_once
        if once and isinstance(value, Constant):
            self.names.constants[name] = value.value
            if name not in self.names.variables:
                return ()
        return (Assign(self.expressions.variable(name), value, line),)

    def _array(self, name: str, value: ast.expr) -> None:
        items = initial_items(self.expressions, value)
        size: Literal[1, 2] = 1 if isinstance(value, ast.Call) else 2
        self.names.arrays[name] = Array(name, len(self.names.arrays), size, items)

    def _for(self, node: ast.For) -> ForRange:
        assert isinstance(node.target, ast.Name)
        assert isinstance(node.iter, ast.Call)
        arguments = node.iter.args
        start: Expression = Constant(0)
        stop, step = self.expressions.value(arguments[0]), 1
        if len(arguments) > 1:
            start, stop = stop, self.expressions.value(arguments[1])
        if len(arguments) > 2:
            advice = "write a while loop, or one loop for each step"
            step = self.expressions.constant(arguments[2], "the step of a range", advice)
            if step == 0:
                raise self.source.refuse(arguments[2], "range with step 0", "write a step, 1 or -1")
        variable = self.expressions.variable(node.target.id)
        changed = variable.name in _assigned(node.body) or (
            variable.is_global
            and any(
                variable.name in self.names.changed_by(function)
                for function in _called(node.body) & self.names.scopes.keys()
            )
        )
        return ForRange(variable, start, stop, step, self.body(node.body), changed, node.lineno)

    def _return(self, node: ast.Return) -> tuple[Statement, ...]:
        """Where a function's calls have no value, its ``return value`` drops it."""
        assert self.scope is not None
        if node.value is None or is_bare(node):
            return (Return(None, node.lineno),)
        value = self.expressions.value(node.value)
        if self.scope.function.name in self.expressions.valued:
            return (Return(value, node.lineno),)
        return (ExpressionStatement(value, node.lineno), Return(None, node.lineno))


def _assigned(body: list[ast.stmt]) -> set[str]:
    return {
        node.id
        for statement in body
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }


def _called(body: list[ast.stmt]) -> set[str]:
    return {
        node.func.id
        for statement in body
        for node in ast.walk(statement)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
