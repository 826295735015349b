# SPDX-License-Identifier: GPL-3.0-or-later
"""What each name of a program stands for: a function, an array, a variable, a builtin."""

from __future__ import annotations

import ast
import builtins
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import get_args

from kilolearn.errors import SubsetError
from kilolearn.python_subset.grammar import is_array, is_main_guard
from kilolearn.python_subset.source import Source
from kilolearn.python_subset.tree import Array, Builtin, Variable

__all__ = [
    "ARGUMENTS",
    "PYTHONS_OWN",
    "Names",
    "Scope",
    "collect_names",
    "module_statements",
    "unknown_name",
]

#: Builtin -> (fewest arguments, most arguments, whether it has a value). None is any number.
ARGUMENTS: dict[str, tuple[int, int | None, bool]] = {
    "read": (0, 0, True),
    "emit": (1, 1, False),
    "adc": (1, 1, True),
    "pin": (1, 1, True),
    "set_pin": (2, 2, False),
    "random": (0, 0, True),
    "seed": (1, 1, False),
    "abs": (1, 1, True),
    "min": (2, None, True),
    "max": (2, None, True),
}
#: CPython's own functions that the subset has; the other builtins are imported.
PYTHONS_OWN = {"abs", "min", "max", "len", "int", "bool", "range", "bytearray"}
_OF_CHIP = set(get_args(Builtin)) - PYTHONS_OWN


@dataclass
class Scope:
    """A function's names.

    Attributes:
        locals: Name -> variable; the parameters first.
        assigned_globals: The globals that the function itself assigns.
        calls: The names that it calls.
    """

    function: ast.FunctionDef
    locals: dict[str, Variable] = field(default_factory=dict)
    assigned_globals: set[str] = field(default_factory=set)
    calls: set[str] = field(default_factory=set)


@dataclass
class Names:
    """The names of a module.

    Attributes:
        scopes: Function -> its names.
        imported: The builtins that the program imports.
        array_names: The globals that are arrays.
        arrays: An array, once its value is known.
        variables: The globals that are not arrays.
        assigned_once: Those with one assignment in the text, at the left margin.
        constants: A variable assigned once, when its value is known at compile time.
    """

    scopes: dict[str, Scope] = field(default_factory=dict)
    imported: set[str] = field(default_factory=set)
    array_names: set[str] = field(default_factory=set)
    arrays: dict[str, Array] = field(default_factory=dict)
    variables: dict[str, Variable] = field(default_factory=dict)
    assigned_once: set[str] = field(default_factory=set)
    constants: dict[str, int] = field(default_factory=dict)

    def drop_constants(self) -> None:
        """Take the constants' places in memory; a second reading of the module fills the arrays."""
        kept = [name for name in self.variables if name not in self.constants]
        self.variables = {n: Variable(n, index, is_global=True) for index, n in enumerate(kept)}
        self.arrays = {}

    def changed_by(self, function: str) -> set[str]:
        """The globals that a call of a function may assign, itself or through others."""
        reached, waiting = set[str](), {function}
        while waiting:
            name = waiting.pop()
            reached.add(name)
            waiting |= (self.scopes[name].calls & self.scopes.keys()) - reached
        return set().union(*(self.scopes[name].assigned_globals for name in reached))

    def is_builtin(self, name: str) -> bool:
        """Whether a name is a builtin that this program may call."""
        return name in self.imported or name in PYTHONS_OWN


def module_statements(module: ast.Module) -> Iterator[ast.stmt]:
    """The statements at the left margin, with those under ``if __name__ == "__main__":``."""
    for statement in module.body:
        if is_main_guard(statement) and isinstance(statement, ast.If):
            yield from statement.body
        else:
            yield statement


def collect_names(source: Source, module: ast.Module) -> Names:
    """Find out what each name stands for.

    Raises:
        SubsetError: A name stands for two things, or takes a builtin's place.
    """
    names = Names()
    top = list(module_statements(module))
    functions = [node for node in top if isinstance(node, ast.FunctionDef)]
    for node in top:
        if isinstance(node, ast.ImportFrom) and node.module == "chip":
            _import(source, names, node)
    for function in functions:
        _define(source, names, function)
    for node in top:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value and is_array(node.value):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            if isinstance(target, ast.Name):
                _make_array(source, names, target)

    bindings: Counter[str] = Counter()
    for node in top:
        if isinstance(node, ast.FunctionDef):
            continue
        for target in _bound(node):
            _bind_global(source, names, target)
            bindings[target.id] += 1
    for function in functions:
        scope = _scope(source, names, function)
        bindings.update(target.id for target in _bound(function) if target.id not in scope.locals)
        names.scopes[function.name] = scope
    for node in top:
        for target in _bound(node) if isinstance(node, ast.Assign | ast.AnnAssign) else ():
            if bindings[target.id] == 1:
                names.assigned_once.add(target.id)
    return names


def _import(source: Source, names: Names, node: ast.ImportFrom) -> None:
    for alias in node.names:
        if alias.name not in _OF_CHIP:
            own = alias.name in PYTHONS_OWN
            advice = f"leave it out: {alias.name} is Python's own" if own else _chip_has()
            raise source.refuse(node, f"chip has no {alias.name}", advice)
        names.imported.add(alias.name)


def _chip_has() -> str:
    return f"import some of {', '.join(sorted(_OF_CHIP))}"


def _define(source: Source, names: Names, node: ast.FunctionDef) -> None:
    if node.name in names.scopes:
        raise source.refuse(node, f"a second def {node.name}", "give each function its own name")
    _refuse_builtin(source, names, node, node.name)
    names.scopes[node.name] = Scope(node)


def _make_array(source: Source, names: Names, target: ast.Name) -> None:
    if target.id in names.array_names:
        found = f"a second assignment of the array {target.id}"
        raise source.refuse(target, found, "store its items one by one, in a loop")
    names.array_names.add(target.id)


def _bound(node: ast.AST) -> Iterator[ast.Name]:
    """The names that a statement assigns, those in its blocks too, in the order of the text."""
    if isinstance(node, ast.Assign | ast.AnnAssign) and node.value and is_array(node.value):
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        if isinstance(target, ast.Name):
            return  # An array's: see _make_array.
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        yield node
    for child in ast.iter_child_nodes(node):
        yield from _bound(child)


def _refuse_builtin(source: Source, names: Names, node: ast.AST, name: str) -> None:
    if names.is_builtin(name):
        found = f"an assignment to the builtin {name}"
        raise source.refuse(node, found, "choose another name")


def _refuse_taken(source: Source, names: Names, node: ast.AST, name: str) -> None:
    """Refuse a variable whose name is a builtin's, a function's or an array's."""
    _refuse_builtin(source, names, node, name)
    if name in names.scopes:
        found = f"{name} is a function, and is assigned here"
        raise source.refuse(node, found, "choose another name for the variable")
    if name in names.array_names:
        found = f"{name} is an array, and is assigned here as a whole"
        advice = "store its items one by one, or choose another name for the variable"
        raise source.refuse(node, found, advice)


def _bind_global(source: Source, names: Names, target: ast.Name) -> None:
    _refuse_taken(source, names, target, target.id)
    if target.id not in names.variables:
        names.variables[target.id] = Variable(target.id, len(names.variables), is_global=True)


def _scope(source: Source, names: Names, function: ast.FunctionDef) -> Scope:
    scope = Scope(function)
    declared = {
        name for node in ast.walk(function) if isinstance(node, ast.Global) for name in node.names
    }

    def bind_local(node: ast.AST, name: str) -> None:
        _refuse_taken(source, names, node, name)
        if name not in scope.locals:
            scope.locals[name] = Variable(name, len(scope.locals), is_global=False)

    for parameter in function.args.args:
        bind_local(parameter, parameter.arg)
    for target in _bound(function):
        if target.id in declared:
            _bind_global(source, names, target)
            scope.assigned_globals.add(target.id)
        else:
            bind_local(target, target.id)
    scope.calls = {
        node.func.id
        for node in ast.walk(function)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    return scope


def unknown_name(source: Source, node: ast.AST, name: str) -> SubsetError:
    """The error for a name that stands for nothing."""
    if name in _OF_CHIP:
        advice = f"write from chip import {name} at the top"
        return source.refuse(node, f"{name} is not imported", advice)
    if name == "print":
        return source.outside(node, "print", "write emit(value), which sends a number")
    if name == "__name__":
        advice = 'write if __name__ == "__main__": alone, at the left margin'
        return source.outside(node, "__name__ inside an expression", advice)
    if hasattr(builtins, name):
        advice = "write it out as a function of the program"
        return source.outside(node, f"Python's {name}", advice)
    return source.refuse(node, f"{name} has no value anywhere", "assign it, or mend the spelling")
