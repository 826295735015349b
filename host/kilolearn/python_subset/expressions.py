# SPDX-License-Identifier: GPL-3.0-or-later
"""Expressions of Python's tree into those of the checked tree, constants folded."""

from __future__ import annotations

import ast
from collections.abc import Set
from typing import cast

from kilolearn.python_subset import constants
from kilolearn.python_subset.names import ARGUMENTS, Names, Scope, unknown_name
from kilolearn.python_subset.source import Source
from kilolearn.python_subset.tree import (
    INT_MAX,
    INT_MIN,
    Array,
    Binary,
    BinaryOperator,
    BoolOp,
    Builtin,
    Call,
    CallBuiltin,
    Compare,
    CompareOperator,
    Constant,
    Expression,
    IfExpression,
    Item,
    Load,
    Unary,
    Variable,
)

__all__ = ["BINARY", "Expressions"]

BINARY: dict[type[ast.operator], BinaryOperator] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.BitAnd: "&",
    ast.BitOr: "|",
    ast.BitXor: "^",
    ast.LShift: "<<",
    ast.RShift: ">>",
}
_COMPARE: dict[type[ast.cmpop], CompareOperator] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Gt: ">",
    ast.GtE: ">=",
}


class Expressions:
    """The expressions of one scope.

    Args:
        source: For the places in refusals.
        names: Their constants and arrays are filled while the module is read.
        valued: The functions whose calls have a value.
        scope: The function's; None is the module.
    """

    def __init__(
        self,
        source: Source,
        names: Names,
        valued: Set[str],
        scope: Scope | None,
    ) -> None:
        self.source = source
        self.names = names
        self.valued = valued
        self.scope = scope

    def value(self, node: ast.expr) -> Expression:
        """An expression whose value is used."""
        if isinstance(node, ast.Call):
            return self._call(node, used=True)
        if isinstance(node, ast.Constant):
            return self._integer(node, int(cast(int, node.value)))
        if isinstance(node, ast.Name):
            return self._name(node)
        if isinstance(node, ast.UnaryOp):
            return self._unary(node)
        if isinstance(node, ast.BinOp):
            left, right = self.value(node.left), self.value(node.right)
            return self._binary(BINARY[type(node.op)], left, right, node.lineno)
        if isinstance(node, ast.Compare):
            return self._compare(node)
        if isinstance(node, ast.BoolOp):
            return self._bool_op(node)
        if isinstance(node, ast.IfExp):
            test, then, otherwise = (self.value(e) for e in (node.test, node.body, node.orelse))
            if isinstance(test, Constant):
                return then if test.value else otherwise
            return IfExpression(test, then, otherwise)
        assert isinstance(node, ast.Subscript)
        return Item(self.array(node), self.index(node), node.lineno)

    def statement(self, node: ast.expr) -> Expression:
        """An expression that stands alone; a call need not have a value there."""
        return self._call(node, used=False) if isinstance(node, ast.Call) else self.value(node)

    def constant(self, node: ast.expr, what: str, advice: str) -> int:
        """The value of an expression that must be known at compile time."""
        value = self.value(node)
        if not isinstance(value, Constant):
            raise self.source.refuse(node, f"{what} is not a constant", advice)
        return value.value

    def variable(self, name: str) -> Variable:
        """The variable that an assignment to a name stores into."""
        if self.scope is not None and name in self.scope.locals:
            return self.scope.locals[name]
        return self.names.variables[name]

    def array(self, node: ast.Subscript) -> Array:
        """The array that an item names."""
        assert isinstance(node.value, ast.Name)
        name = node.value.id
        if name in self.names.arrays:
            return self.names.arrays[name]
        if name in self.names.variables or (self.scope and name in self.scope.locals):
            found = f"an item of {name}, which is an integer"
            raise self.source.refuse(node, found, f"make an array: {name} = [0] * n")
        raise unknown_name(self.source, node, name)

    def index(self, node: ast.Subscript) -> Expression:
        """An item's index; a constant one is checked and counts from the start."""
        index, length = self.value(node.slice), len(self.array(node).initial)
        if not isinstance(index, Constant):
            return index
        if not -length <= index.value < length:
            found = f"index {index.value} of an array of {length}"
            advice = f"use {-length}..{length - 1}" if length else "give it a length"
            raise self.source.refuse(node.slice, found, advice)
        return Constant(index.value % length)

    def _integer(self, node: ast.expr, value: int) -> Constant:
        if not constants.fits(value):
            found = f"{value} has more than 16 bits"
            advice = f"stay within {INT_MIN}..{INT_MAX}"
            raise self.source.refuse(node, found, advice)
        return Constant(value)

    def _name(self, node: ast.Name) -> Expression:
        name = node.id
        if self.scope is not None and name in self.scope.locals:
            return Load(self.scope.locals[name])
        if name in self.names.constants:
            return Constant(self.names.constants[name])
        if name in self.names.variables:
            return Load(self.names.variables[name])
        if name in self.names.array_names:
            advice = f"name an item, {name}[i], in a loop over range(len({name}))"
            raise self.source.outside(node, f"the array {name} as a value", advice)
        if name in self.names.scopes or self.names.is_builtin(name):
            raise self.source.outside(node, f"the function {name} as a value", f"call it: {name}()")
        raise unknown_name(self.source, node, name)

    def _unary(self, node: ast.UnaryOp) -> Expression:
        literal = node.operand.value if isinstance(node.operand, ast.Constant) else None
        if isinstance(node.op, ast.USub) and isinstance(literal, int):
            return self._integer(node, -literal)  # -32768, though 32768 has 17 bits.
        operand = self.value(node.operand)
        if isinstance(node.op, ast.UAdd):
            return operand
        if isinstance(node.op, ast.Not):
            if isinstance(operand, Constant):
                return Constant(int(not operand.value))
            return Unary("not", operand, node.lineno)
        if isinstance(node.op, ast.Invert):
            if isinstance(operand, Constant):
                return Constant(~operand.value)
            return Unary("~", operand, node.lineno)
        if isinstance(operand, Constant) and constants.fits(-operand.value):
            return Constant(-operand.value)
        return Unary("-", operand, node.lineno)

    def _binary(
        self, op: BinaryOperator, left: Expression, right: Expression, line: int
    ) -> Expression:
        if isinstance(left, Constant) and isinstance(right, Constant):
            value = constants.fold(op, left.value, right.value)
            if value is not None:
                return Constant(value)
        return Binary(op, left, right, line)

    def _compare(self, node: ast.Compare) -> Expression:
        operators = tuple(_COMPARE[type(op)] for op in node.ops)
        values = [self.value(operand) for operand in [node.left, *node.comparators]]
        known = [value.value for value in values if isinstance(value, Constant)]
        if len(known) == len(values):
            pairs = zip(operators, known, known[1:], strict=False)
            return Constant(int(all(constants.compare(*pair) for pair in pairs)))
        return Compare(values[0], operators, tuple(values[1:]))

    def _bool_op(self, node: ast.BoolOp) -> Expression:
        """Constants that cannot decide are dropped, as is what follows one that does."""
        is_and = isinstance(node.op, ast.And)
        kept: list[Expression] = []
        for operand in [self.value(value) for value in node.values]:
            if kept and isinstance(kept[-1], Constant):
                if bool(kept[-1].value) != is_and:
                    break
                kept.pop()
            kept.append(operand)
        return BoolOp("and" if is_and else "or", tuple(kept)) if len(kept) > 1 else kept[0]

    # ---- calls -----------------------------------------------------------------------------------

    def _call(self, node: ast.Call, *, used: bool) -> Expression:
        assert isinstance(node.func, ast.Name)
        name = node.func.id
        if name in self.names.scopes:
            parameters = len(self.names.scopes[name].function.args.args)
            self._count(node, name, parameters, parameters)
            if used and name not in self.valued:
                found = f"the value of {name}(), which does not return one on every path"
                raise self.source.refuse(node, found, f"end every path of {name} with return value")
            return Call(name, tuple(self.value(a) for a in node.args), node.lineno)
        if name in ("len", "int", "bool"):
            return self._folded(node, name)
        if not self.names.is_builtin(name) or name not in ARGUMENTS:
            if name in self.names.variables or name in self.names.array_names:
                found = f"a call of {name}, which is not a function"
                raise self.source.refuse(node, found, "call a function of the program or of chip")
            raise unknown_name(self.source, node, name)
        fewest, most, has_value = ARGUMENTS[name]
        self._count(node, name, fewest, most)
        if used and not has_value:
            found = f"the value of {name}(), which has none"
            raise self.source.refuse(node, found, "call it on a line of its own")
        arguments = tuple(self.value(argument) for argument in node.args)
        return self._builtin(cast(Builtin, name), arguments, node.lineno)

    def _builtin(self, name: Builtin, arguments: tuple[Expression, ...], line: int) -> Expression:
        known = [argument.value for argument in arguments if isinstance(argument, Constant)]
        if name in ("abs", "min", "max") and len(known) == len(arguments):
            value = abs(known[0]) if name == "abs" else (min if name == "min" else max)(known)
            if constants.fits(value):
                return Constant(value)
        return CallBuiltin(name, arguments, line)

    def _folded(self, node: ast.Call, name: str) -> Expression:
        self._count(node, name, 1, 1)
        argument = node.args[0]
        if name == "len":
            if isinstance(argument, ast.Name) and argument.id in self.names.arrays:
                return Constant(len(self.names.arrays[argument.id].initial))
            found = f"len of {ast.unparse(argument)}"
            raise self.source.outside(node, found, "give it the name of an array")
        value = self.value(argument)
        if name == "int":
            return value
        if isinstance(value, Constant):
            return Constant(int(bool(value.value)))
        return Compare(value, ("!=",), (Constant(0),))

    def _count(self, node: ast.Call, name: str, fewest: int, most: int | None) -> None:
        given = len(node.args)
        if given < fewest or (most is not None and given > most):
            takes = f"{fewest} or more" if most is None else str(fewest)
            found = f"{name}() is called with {given} arguments"
            raise self.source.refuse(node, found, f"give it {takes}")
