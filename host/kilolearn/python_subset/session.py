# SPDX-License-Identifier: GPL-3.0-or-later
"""Statements typed one after the other, each compiled for a chip that keeps the globals.

A statement is checked as the last lines of a program whose first line, the preamble, names all
globals so far in the order of their first appearance. So every global keeps its place, and the
preamble itself never runs. Functions are kept as source, and compiled into each statement that
calls them.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace

from kilolearn.errors import SubsetError
from kilolearn.python_subset.check import check
from kilolearn.python_subset.source import Source
from kilolearn.python_subset.tree import (
    Array,
    Constant,
    Program,
    Statement,
    StoreItem,
)

__all__ = ["PATH", "Session", "Snippet"]

PATH = "<stdin>"
_IMPORT = "from chip import adc, emit, pin, random, read, seed, set_pin"


@dataclass(frozen=True)
class Snippet:
    """What one statement became.

    Attributes:
        program: All globals so far, in their places, and the statement as its body.
        lines: The text it was compiled from.
        numbers: Of each line, its number in the input that brought it.
    """

    program: Program
    lines: tuple[str, ...]
    numbers: tuple[int, ...]

    def explain(self, line: int) -> tuple[int, str]:
        """The number of a line as it was typed, and that line."""
        return self.numbers[line - 1], self.lines[line - 1]


class Session:
    """The globals and functions of a session."""

    def __init__(self) -> None:
        self._variables: tuple[str, ...] = ()
        self._arrays: tuple[Array, ...] = ()
        self._functions: dict[str, str] = {}

    def compile(self, statement: str) -> Snippet | None:
        """Check a statement and remember what it names.

        Args:
            statement: One or several, complete; an expression that has a value is emitted.

        Returns:
            What the chip is to run; None where that is nothing, as for a function's definition.

        Raises:
            SubsetError: It is outside the subset, or names what is not there.
        """
        body = Source(statement, PATH).parse().body
        defined = {
            node.name: ast.unparse(node) for node in body if isinstance(node, ast.FunctionDef)
        }
        if len(body) == 1 and isinstance(body[0], ast.Expr):
            try:
                return self._compile(f"emit({ast.unparse(body[0].value)})", body)
            except SubsetError:  # a call without a value, or wrong: the statement as typed says it
                pass
        snippet = self._compile(statement, body)
        self._functions |= defined
        return snippet

    def _compile(self, statement: str, body: list[ast.stmt]) -> Snippet | None:
        """`body` is that of what was typed, by whose names functions are found."""
        defined = {node.name for node in body if isinstance(node, ast.FunctionDef)}
        pieces = [self._preamble()]
        pieces += [self._functions[name] for name in self._called(body) if name not in defined]
        pieces.append(statement)
        lines = [line for piece in pieces for line in piece.split("\n")]
        numbers = [n for piece in pieces for n in range(1, len(piece.split("\n")) + 1)]
        try:
            program = check("\n".join(lines), PATH)
        except SubsetError as error:
            line, column = numbers[error.line - 1], error.column if error.line > 1 else 1
            raise SubsetError(PATH, line, column, error.found, error.advice) from error
        known = {array.name for array in self._arrays}
        added = [array for array in program.arrays if array.name not in known]
        self._variables = tuple(variable.name for variable in program.variables)
        self._arrays = program.arrays
        typed = [stored for stored in program.body if stored.line > 1]
        made = [store for array in added for store in _fill(array, len(lines))]
        if not typed and not made:
            return None
        return Snippet(replace(program, body=(*made, *typed)), tuple(lines), tuple(numbers))

    def _preamble(self) -> str:
        """One line that names every global; what a call gives is not folded as a constant."""
        variables = [f"{name} = read()" for name in self._variables]
        form = {1: "bytearray", 2: "[0] * "}
        arrays = [f"{a.name} = {form[a.item_size]}({len(a.initial)})" for a in self._arrays]
        return "; ".join([_IMPORT, *variables, *arrays])

    def _called(self, body: list[ast.stmt]) -> list[str]:
        """The functions that statements call, and those that these call."""
        found: dict[str, None] = {}
        waiting: list[ast.AST] = list(body)
        while waiting:
            for node in ast.walk(waiting.pop()):
                name = node.id if isinstance(node, ast.Name) else ""
                if name in self._functions and name not in found:
                    found[name] = None
                    waiting.append(ast.parse(self._functions[name]))
        return list(found)


def _fill(array: Array, line: int) -> list[Statement]:
    """Statements that give a new array its first values; the chip has run other code before."""
    return [
        StoreItem(array, Constant(index), Constant(value), None, line)
        for index, value in enumerate(array.initial)
    ]
