# SPDX-License-Identifier: GPL-3.0-or-later
"""Which functions a program calls, from where, and what they assign."""

from __future__ import annotations

from kilolearn.python_subset.tree import (
    Assign,
    Call,
    ForRange,
    Function,
    Program,
    Statement,
    Variable,
)
from kilolearn.python_subset.walk import expressions_in, statements_in

__all__ = ["call_sites", "is_assigned"]


def call_sites(program: Program) -> dict[str, list[Call]]:
    """The calls of each function that the module reaches."""
    functions = {function.name: function for function in program.functions}
    sites: dict[str, list[Call]] = {}
    waiting: list[Statement | Function] = list(program.body)
    while waiting:
        for node in expressions_in(waiting.pop()):
            if isinstance(node, Call):
                if node.function not in sites:
                    waiting.append(functions[node.function])
                sites.setdefault(node.function, []).append(node)
    return sites


def is_assigned(variable: Variable, function: Function) -> bool:
    """Whether a statement of the function assigns a variable."""
    return any(
        isinstance(statement, Assign | ForRange) and statement.variable == variable
        for statement in statements_in(function.body)
    )
