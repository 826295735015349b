# SPDX-License-Identifier: GPL-3.0-or-later
"""A parameter that every call gives the same constant is that constant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any

from kilolearn.python_subset.call_sites import call_sites, is_assigned
from kilolearn.python_subset.tree import Call, Constant, Function, Load, Program, Variable

__all__ = ["fold_constant_parameters"]


def fold_constant_parameters(program: Program) -> Program:
    """The same program without such parameters: a loop then knows its range.

    Functions that nothing calls are left out.
    """
    sites = call_sites(program)
    called = [function for function in program.functions if function.name in sites]
    found = {f.name: _constants(f, sites[f.name]) for f in called}
    functions = tuple(
        _rewritten(_without(function, found[function.name]), function, found) for function in called
    )
    return replace(program, functions=functions, body=_rewritten(program.body, None, found))


def _constants(function: Function, calls: Sequence[Call]) -> dict[int, Constant]:
    """By the index of the parameter."""
    constants = {}
    for index, parameter in enumerate(function.locals[: function.parameters]):
        given = {call.arguments[index] for call in calls}
        first = next(iter(given))
        if len(given) == 1 and isinstance(first, Constant) and not is_assigned(parameter, function):
            constants[index] = first
    return constants


def _without(function: Function, constants: Mapping[int, Constant]) -> Function:
    return replace(
        function,
        locals=tuple(v for v in function.locals if v.index not in constants),
        parameters=function.parameters - len(constants),
    )


def _rewritten(
    node: Any, function: Function | None, found: Mapping[str, Mapping[int, Constant]]
) -> Any:
    """A part of a function, or of the module, with constants, and locals numbered without them."""
    if isinstance(node, tuple):
        return tuple(_rewritten(part, function, found) for part in node)
    if not is_dataclass(node):
        return node
    constants = found[function.name] if function is not None else {}
    if isinstance(node, Load) and not node.variable.is_global and node.variable.index in constants:
        return constants[node.variable.index]
    if isinstance(node, Variable):
        if node.is_global:
            return node
        return replace(node, index=node.index - sum(index < node.index for index in constants))
    if isinstance(node, Call):
        dropped = found[node.function]
        kept = (a for index, a in enumerate(node.arguments) if index not in dropped)
        node = replace(node, arguments=tuple(kept))
    return replace(
        node,
        **{f.name: _rewritten(getattr(node, f.name), function, found) for f in fields(node)},
    )
