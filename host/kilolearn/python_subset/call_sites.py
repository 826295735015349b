# SPDX-License-Identifier: GPL-3.0-or-later
"""Which functions a program calls, and from how many places."""

from __future__ import annotations

from collections import Counter

from kilolearn.python_subset.tree import Call, Function, Program, Statement
from kilolearn.python_subset.walk import expressions_in

__all__ = ["call_sites"]


def call_sites(program: Program) -> Counter[str]:
    """Count the calls of each function in what the module reaches."""
    functions = {function.name: function for function in program.functions}
    sites: Counter[str] = Counter()
    waiting: list[Statement | Function] = list(program.body)
    while waiting:
        for node in expressions_in(waiting.pop()):
            if isinstance(node, Call):
                if node.function not in sites:
                    waiting.append(functions[node.function])
                sites[node.function] += 1
    return sites
