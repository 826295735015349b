# SPDX-License-Identifier: GPL-3.0-or-later
"""From Python source to the checked program that every back end takes.

The steps, each a file: CPython's parser (``source``), forms of the grammar (``grammar``,
``outside``), what a name stands for (``names``), values before they are read (``assigned``), and
the new tree with its constants folded (``expressions``, ``statements``).
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from kilolearn.errors import SubsetError
from kilolearn.python_subset.assigned import check_assigned, returns_value
from kilolearn.python_subset.expressions import Expressions
from kilolearn.python_subset.grammar import check_grammar
from kilolearn.python_subset.names import Names, Scope, collect_names, module_statements
from kilolearn.python_subset.source import Source
from kilolearn.python_subset.statements import Statements
from kilolearn.python_subset.tree import Function, Program, Statement

__all__ = ["check"]


def check(source: str, path: str, *, drop_constants: bool = False) -> Program:
    """Check a program against the subset.

    A global assigned once, at the left margin and to a constant, is folded where it is read.

    Args:
        source: The program's text.
        path: Its name in messages.
        drop_constants: Give such a global no place in memory; its name is then no variable of the
            program, and is missing among the final globals.

    Raises:
        SubsetError: With the place, the construct as found, and what to write instead.
    """
    text = Source(source, path)
    module = text.parse()
    try:
        check_grammar(text, module)
        names = collect_names(text, module)
        check_assigned(text, module, names)
        program = _program(text, module, names)
        if drop_constants:
            names.drop_constants()
            program = _program(text, module, names)
    except RecursionError as error:
        found = "statements or expressions nested too deeply"
        raise SubsetError(path, 1, 1, found, "split them up") from error
    return program


def _program(source: Source, module: ast.Module, names: Names) -> Program:
    """The module first: it fills in the constants and arrays that the functions use."""
    valued = {name for name, scope in names.scopes.items() if returns_value(scope.function)}

    def lowered(nodes: Iterable[ast.stmt], scope: Scope | None) -> tuple[Statement, ...]:
        return Statements(Expressions(source, names, valued, scope)).body(nodes)

    body = lowered(module_statements(module), None)
    functions = tuple(
        Function(
            name,
            tuple(scope.locals.values()),
            len(scope.function.args.args),
            name in valued,
            lowered(scope.function.body, scope),
            scope.function.lineno,
        )
        for name, scope in names.scopes.items()
    )
    variables, arrays = tuple(names.variables.values()), tuple(names.arrays.values())
    return Program(source.path, variables, arrays, functions, body)
