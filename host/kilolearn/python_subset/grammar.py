# SPDX-License-Identifier: GPL-3.0-or-later
"""Which forms of Python's grammar are inside the subset; names and values are looked at later."""

from __future__ import annotations

import ast
from typing import Literal

from kilolearn.python_subset.outside import NODES
from kilolearn.python_subset.source import Source

__all__ = ["check_grammar", "is_array", "is_docstring", "is_main_guard"]

#: Where a statement stands: at the left margin, inside a module's if or loop, in a function.
Place = Literal["module", "block", "function"]

_ANNOTATIONS = {"int", "bool", "bytearray", "list", "list[int]", "None"}
_METHODS = dict.fromkeys(
    ("append", "extend", "insert", "pop", "remove", "clear"),
    "give the array its full length at the start, and keep a count of the items in use",
)


def is_docstring(node: ast.stmt) -> bool:
    """Whether a statement is a string and nothing else."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def is_main_guard(node: ast.stmt) -> bool:
    """Whether a statement is ``if __name__ == "__main__":``."""
    return isinstance(node, ast.If) and ast.unparse(node.test) == "__name__ == '__main__'"


def is_array(value: ast.expr) -> bool:
    """Whether a value has the form of an array: a list, a repeated list, a bytearray."""
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Mult):
        return isinstance(value.left, ast.List) or isinstance(value.right, ast.List)
    if isinstance(value, ast.Call):
        return isinstance(value.func, ast.Name) and value.func.id == "bytearray"
    return isinstance(value, ast.List)


def check_grammar(source: Source, module: ast.Module) -> None:
    """Refuse the first form that is outside.

    Raises:
        SubsetError: With the construct, and what to write instead.
    """
    _Grammar(source).body(module.body, "module")


class _Grammar:
    """A walk in the order of the text.

    A method a node with forms that are outside; any other node outside stands in `NODES`, and the
    rest is as good as its parts.
    """

    def __init__(self, source: Source) -> None:
        self.source = source

    def body(self, statements: list[ast.stmt], place: Place) -> None:
        for index, statement in enumerate(statements):
            if index == 0 and place != "block" and is_docstring(statement):
                continue
            self.statement(statement, place)

    def node(self, node: ast.AST) -> None:
        """An expression, an operator, or a part of one."""
        name = type(node).__name__
        if name in NODES:
            raise self.source.outside(node, *NODES[name])
        method = getattr(self, f"_{name.lower()}", None)
        if method is not None:
            method(node)
            return
        for child in ast.iter_child_nodes(node):
            # An operator has no place of its own in the text.
            if type(child).__name__ in NODES and not hasattr(child, "lineno"):
                raise self.source.outside(node, *NODES[type(child).__name__])
            self.node(child)

    # ---- statements ------------------------------------------------------------------------------

    def statement(self, node: ast.stmt, place: Place) -> None:
        name = type(node).__name__
        if name in NODES:
            raise self.source.outside(node, *NODES[name])
        if is_main_guard(node) and isinstance(node, ast.If):
            self.main_guard(node, place)
            return
        if isinstance(node, ast.FunctionDef):
            self.function(node, place)
            return
        inner: Place = "function" if place == "function" else "block"
        if isinstance(node, ast.If):
            self.node(node.test)
            self.body(node.body, inner)
            self.body(node.orelse, inner)
        elif isinstance(node, ast.While | ast.For):
            self.loop(node, inner)
        elif isinstance(node, ast.ImportFrom):
            self.import_from(node, place)
        elif isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
            self.assignment(node, place)
        elif isinstance(node, ast.Global) and place != "function":
            raise self.source.outside(node, "global at module level", "leave it out")
        elif isinstance(node, ast.Return):
            if node.value is not None and not _is_none(node.value):
                self.node(node.value)
        else:
            self.node(node)

    def main_guard(self, node: ast.If, place: Place) -> None:
        if place != "module":
            advice = "put it at the left margin"
            raise self.source.outside(node, 'if __name__ == "__main__" inside another', advice)
        if node.orelse:
            advice = "leave it out: the program is never imported"
            raise self.source.outside(node, 'else after if __name__ == "__main__"', advice)
        self.body(node.body, "module")

    def function(self, node: ast.FunctionDef, place: Place) -> None:
        if place != "module":
            found = "a function inside another" if place == "function" else "a def inside a block"
            raise self.source.outside(node, found, "define it at the left margin")
        if node.decorator_list:
            found = f"a decorator (@{ast.unparse(node.decorator_list[0])})"
            raise self.source.outside(
                node.decorator_list[0], found, "call the function from another"
            )
        if getattr(node, "type_params", []):
            raise self.source.outside(node, "a type parameter", "annotate with int, or not at all")
        arguments = node.args
        for default in [*arguments.defaults, *[d for d in arguments.kw_defaults if d]]:
            found = f"a default argument (def f(x={ast.unparse(default)}))"
            raise self.source.outside(default, found, "pass the value at each call")
        for star in [arguments.vararg, arguments.kwarg]:
            if star is not None:
                found = f"a parameter for any number of arguments (*{star.arg})"
                raise self.source.outside(star, found, "name each parameter")
        for parameter in [*arguments.kwonlyargs, *arguments.posonlyargs]:
            advice = "leave out the bare * or /, and pass the arguments by position"
            raise self.source.outside(parameter, "a keyword- or positional-only parameter", advice)
        for parameter in arguments.args:
            self.annotation(parameter.annotation)
        self.annotation(node.returns)
        self.body(node.body, "function")

    def loop(self, node: ast.While | ast.For, inner: Place) -> None:
        word = type(node).__name__.lower()
        if node.orelse:
            advice = "set a variable before break, and test it after the loop"
            raise self.source.outside(node.orelse[0], f"else after {word}", advice)
        if isinstance(node, ast.For):
            if not isinstance(node.target, ast.Name):
                advice = "count with one variable, for i in range(...), and assign inside"
                raise self.source.outside(
                    node.target, "a loop over something but a variable", advice
                )
            self.range_call(node.iter)
        else:
            self.node(node.test)
        self.body(node.body, inner)

    def range_call(self, node: ast.expr) -> None:
        if not (isinstance(node, ast.Call) and _called(node) == "range"):
            advice = "write for i in range(...), and take the item by its index"
            raise self.source.outside(node, f"a loop over {ast.unparse(node)}", advice)
        self.arguments(node)
        if not 1 <= len(node.args) <= 3:
            found = f"range with {len(node.args)} arguments"
            raise self.source.refuse(node, found, "write range(stop) or range(start, stop, step)")

    def import_from(self, node: ast.ImportFrom, place: Place) -> None:
        if node.module == "__future__":
            return
        if node.module != "chip" or node.level:
            found = f"import from {'.' * node.level}{node.module or ''}"
            raise self.source.outside(node, found, "write from chip import read, emit, ...")
        if place != "module":
            raise self.source.outside(node, "import inside a block", "import at the left margin")
        for alias in node.names:
            if alias.name == "*":
                raise self.source.outside(node, "import *", "name what is used: read, emit, ...")
            if alias.asname:
                found = f"import as ({alias.name} as {alias.asname})"
                raise self.source.outside(node, found, f"use the name {alias.name}")

    def assignment(self, node: ast.Assign | ast.AnnAssign | ast.AugAssign, place: Place) -> None:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if len(targets) > 1:
            advice = "write one assignment a line"
            raise self.source.outside(node, "an assignment to several names (a = b = ...)", advice)
        if isinstance(node, ast.AnnAssign):
            self.annotation(node.annotation)
            if node.value is None:
                found = f"a declaration without a value ({ast.unparse(node)})"
                raise self.source.outside(node, found, "give it a value, as in x: int = 0")
        if isinstance(targets[0], ast.Tuple | ast.List):
            advice = "assign one at a time, with a variable more where values change places"
            raise self.source.outside(targets[0], "an assignment to a tuple", advice)
        self.node(targets[0])
        value = node.value
        assert value is not None
        if isinstance(node, ast.AugAssign):
            if type(node.op).__name__ in NODES:
                raise self.source.outside(node, *NODES[type(node.op).__name__])
        elif isinstance(targets[0], ast.Name) and is_array(value):
            self.array(node, value, place)
            return
        self.node(value)

    def array(self, node: ast.stmt, value: ast.expr, place: Place) -> None:
        """``[..]``, ``[..] * n``, ``bytearray(n)``, ``bytearray([..])`` or ``bytearray(b"..")``."""
        if place != "module":
            advice = "make it once, at the left margin; a function may read and store its items"
            found = "an array in a function" if place == "function" else "an array made in a block"
            raise self.source.outside(node, found, advice)
        parts: list[ast.expr] = [value]
        if isinstance(value, ast.BinOp):
            parts = [value.left, value.right]
        elif isinstance(value, ast.Call):
            self.keywords(value)
            if len(value.args) != 1:
                found = f"bytearray with {len(value.args)} arguments"
                advice = 'write bytearray(n), bytearray([..]) or bytearray(b"..")'
                raise self.source.outside(value, found, advice)
            parts = value.args
            if isinstance(parts[0], ast.Constant) and isinstance(parts[0].value, bytes):
                return
        for part in parts:
            for item in part.elts if isinstance(part, ast.List) else [part]:
                self.node(item)

    def annotation(self, node: ast.expr | None) -> None:
        if node is not None and ast.unparse(node) not in _ANNOTATIONS:
            found = f"the annotation {ast.unparse(node)}"
            raise self.source.outside(
                node, found, "annotate with int, bool, list[int] or bytearray"
            )

    # ---- expressions -----------------------------------------------------------------------------

    def keywords(self, node: ast.Call) -> None:
        for keyword in node.keywords:
            found = f"a keyword argument ({keyword.arg or '**'}=...)"
            raise self.source.outside(keyword, found, "pass the arguments by position")

    def arguments(self, node: ast.Call) -> None:
        self.keywords(node)
        for argument in node.args:
            self.node(argument)

    def _call(self, node: ast.Call) -> None:
        if isinstance(node.func, ast.Attribute):
            method = node.func.attr
            advice = _METHODS.get(method, "call a function of the program or of chip")
            raise self.source.outside(node.func, f"a method (.{method})", advice)
        if not isinstance(node.func, ast.Name):
            found = f"a call of {ast.unparse(node.func)}"
            raise self.source.outside(node.func, found, "call a function by its name")
        if node.func.id == "range":
            raise self.source.outside(node, "range outside for", "write for i in range(...)")
        if node.func.id == "bytearray":
            self._list(node)
        self.arguments(node)

    def _list(self, node: ast.expr) -> None:
        advice = "write w = [...] alone on a line at the left margin, and name its items: w[i]"
        raise self.source.outside(node, "an array inside an expression", advice)

    def _subscript(self, node: ast.Subscript) -> None:
        if not isinstance(node.value, ast.Name):
            found = f"an item of {ast.unparse(node.value)}"
            raise self.source.outside(node.value, found, "index an array by its name, w[i]")
        self.node(node.slice)

    def _constant(self, node: ast.Constant) -> None:
        value = node.value
        if isinstance(value, int):
            return
        constructs = {
            float: (f"a float ({value!r})", "write a scaled integer: 3 for 0.75 of 4"),
            complex: (f"a complex number ({value!r})", "write two integers"),
            str: ("a string", "emit numbers, and let the host write the text"),
            bytes: ("a bytes object", 'write w = bytearray(b"..") at the left margin'),
            type(None): ("None", "write a number that stands for it, such as -1"),
            type(...): ("an ellipsis (...)", "write pass"),
        }
        raise self.source.outside(node, *constructs[type(value)])


def _called(node: ast.Call) -> str | None:
    return node.func.id if isinstance(node.func, ast.Name) else None


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None
