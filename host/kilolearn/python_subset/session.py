# SPDX-License-Identifier: GPL-3.0-or-later
"""Statements typed one after the other, each compiled for a chip that keeps the globals.

A statement is checked as the last lines of a program whose first line, the preamble, names all
globals so far; the preamble itself never runs. Functions are kept as source, and compiled into each
statement that calls them.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, replace

from kilolearn.errors import SubsetError
from kilolearn.python_subset.check import check
from kilolearn.python_subset.source import Source
from kilolearn.python_subset.tree import Program

__all__ = ["PATH", "Session", "Snippet"]

PATH = "<stdin>"
_IMPORT = "from chip import adc, emit, pin, random, read, seed, set_pin"
_ARRAY = {1: "bytearray", 2: "[0] * "}


@dataclass(frozen=True)
class Snippet:
    """What one statement became.

    Attributes:
        program: All globals so far, those that the statement adds behind them, and it as the body.
        functions: The source of those that it defines.
        lines: The text it was compiled from, as it was typed.
        numbers: Of each line, its number in the input that brought it.
    """

    program: Program
    functions: Mapping[str, str]
    lines: tuple[str, ...]
    numbers: tuple[int, ...]

    def explain(self, line: int) -> tuple[int, str]:
        """The number of a line as it was typed, and that line."""
        return self.numbers[line - 1], self.lines[line - 1]


class Session:
    """The globals and functions of a session."""

    def __init__(self) -> None:
        self._known = Program(PATH, (), ())
        self._functions: dict[str, str] = {}

    def compile(self, statement: str) -> Snippet:
        """Check a statement; it changes nothing here.

        Args:
            statement: One or several, complete; an expression that has a value is emitted.

        Raises:
            SubsetError: It is outside the subset, or names what is not there.
        """
        body = Source(statement, PATH).parse().body
        if len(body) == 1 and isinstance(body[0], ast.Expr):
            value = ast.unparse(body[0].value)
            try:
                snippet = self._compile(f"emit({value})", body)
            except SubsetError:  # A call without a value, or wrong: the statement as typed says it.
                pass
            else:
                return replace(snippet, lines=(*snippet.lines[:-1], value))
        return self._compile(statement, body)

    def keep(self, snippet: Snippet) -> None:
        """The chip has taken it: from now on its globals and functions are known."""
        self._known = snippet.program
        self._functions |= snippet.functions

    def _compile(self, statement: str, body: list[ast.stmt]) -> Snippet:
        """`body` is that of what was typed, by whose names functions are found."""
        defined = {node.name: node for node in body if isinstance(node, ast.FunctionDef)}
        called = [name for name in self._called(body) if name not in defined]
        pieces = [self._preamble(), *(self._functions[name] for name in called), statement]
        lines = [line for piece in pieces for line in piece.split("\n")]
        numbers = [n for piece in pieces for n in range(1, len(piece.split("\n")) + 1)]
        try:
            program = check("\n".join(lines), PATH)
        except SubsetError as error:
            line, column = numbers[error.line - 1], error.column if error.line > 1 else 1
            raise SubsetError(PATH, line, column, error.found, error.advice) from error
        typed = tuple(stored for stored in program.body if stored.line > 1)
        return Snippet(
            replace(program, body=typed),
            {name: ast.unparse(node) for name, node in defined.items()},
            tuple(lines),
            tuple(numbers),
        )

    def _preamble(self) -> str:
        """One line that names every global; what a call gives is not folded as a constant."""
        variables = [f"{variable.name} = read()" for variable in self._known.variables]
        arrays = [
            f"{array.name} = {_ARRAY[array.item_size]}({len(array.initial)})"
            for array in self._known.arrays
        ]
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
