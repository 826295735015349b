# SPDX-License-Identifier: GPL-3.0-or-later
"""No name is read before it has a value: definite assignment, through calls of functions too.

A state is the set of names that have a value on every path to a place, and None where no path
leads. A function *needs* the globals that it may read before it assigns them, and *gives* those
that it has assigned on every path to its end. Both are the fixed point over the calls among
functions: needs from the empty set upwards, gives from "never returns" downwards.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import TypeAlias

from kilolearn.python_subset.names import Names, Scope, module_statements
from kilolearn.python_subset.source import Source

__all__ = ["check_assigned", "is_bare", "returns_value"]

State: TypeAlias = frozenset[str] | None


def check_assigned(source: Source, module: ast.Module, names: Names) -> None:
    """Refuse a read of a name that may have no value yet.

    Raises:
        SubsetError: With the name and the place.
    """
    needs: dict[str, frozenset[str]] = dict.fromkeys(names.scopes, frozenset())
    gives: dict[str, State] = dict.fromkeys(names.scopes)
    changed = True
    while changed:
        changed = False
        for name, scope in names.scopes.items():
            walk = _Walk(source, names, scope, needs, gives)
            end = walk.function()
            missing = frozenset(walk.missing)
            if (missing, end) != (needs[name], gives[name]):
                needs[name], gives[name] = missing, end
                changed = True
    _Walk(source, names, None, needs, gives).body(module_statements(module), frozenset())


def returns_value(function: ast.FunctionDef) -> bool:
    """Whether a call has a value: every path ends with ``return value``."""
    returns = [node for node in ast.walk(function) if isinstance(node, ast.Return)]
    return _ends(function.body) and all(not is_bare(node) for node in returns)


def is_bare(node: ast.Return) -> bool:
    """Whether it is ``return`` or ``return None``."""
    return node.value is None or (isinstance(node.value, ast.Constant) and node.value.value is None)


def is_forever(node: ast.While) -> bool:
    """Whether it is ``while True:``, which only a break or a return leaves."""
    return isinstance(node.test, ast.Constant) and bool(node.test.value)


def _ends(body: list[ast.stmt]) -> bool:
    """Whether the end of a body is never reached, as the text alone says."""
    last = body[-1]
    if isinstance(last, ast.If):
        return bool(last.orelse) and _ends(last.body) and _ends(last.orelse)
    if isinstance(last, ast.While):
        return is_forever(last) and not _breaks(last.body)
    return isinstance(last, ast.Return)


def _breaks(body: list[ast.stmt]) -> bool:
    """Whether a break of this very loop is in its body."""
    return any(
        isinstance(node, ast.Break)
        or (isinstance(node, ast.If) and (_breaks(node.body) or _breaks(node.orelse)))
        for node in body
    )


def _meet(states: Iterable[State]) -> State:
    """What holds on every one of some paths."""
    reached = [state for state in states if state is not None]
    return frozenset.intersection(*reached) if reached else None


class _Walk:
    """One walk through a module or a function, in the order of execution."""

    def __init__(
        self,
        source: Source,
        names: Names,
        scope: Scope | None,
        needs: dict[str, frozenset[str]],
        gives: dict[str, State],
    ) -> None:
        self.source = source
        self.names = names
        self.scope = scope
        self.needs = needs
        self.gives = gives
        self.missing: set[str] = set()  # The globals read without a value; only in a function.
        self.returned: list[State] = []
        self.breaks: list[list[State]] = []
        self.continues: list[list[State]] = []

    def function(self) -> State:
        """Walk the function; the answer is the globals that it gives."""
        assert self.scope is not None
        parameters = frozenset(self.key(p.arg) for p in self.scope.function.args.args)
        end = self.body(self.scope.function.body, parameters)
        state = _meet([*self.returned, end])
        return None if state is None else frozenset(name for name in state if "." not in name)

    def key(self, name: str) -> str:
        """A name in a state; a local's has a dot, as it is another variable than a global's."""
        local = self.scope is not None and name in self.scope.locals
        return f".{name}" if local else name

    def body(self, statements: Iterable[ast.stmt], state: State) -> State:
        for statement in statements:
            state = self.statement(statement, state)
        return state

    def statement(self, node: ast.stmt, state: State) -> State:
        if state is None or isinstance(node, ast.Pass | ast.Global):
            return state
        if isinstance(node, ast.FunctionDef):
            return state | {node.name}
        if isinstance(node, ast.ImportFrom):
            return state | {alias.name for alias in node.names}
        if isinstance(node, ast.If):
            state = self.expression(node.test, state)
            return _meet([self.body(node.body, state), self.body(node.orelse, state)])
        if isinstance(node, ast.While | ast.For):
            return self.loop(node, state)
        if isinstance(node, ast.Break):
            self.breaks[-1].append(state)
            return None
        if isinstance(node, ast.Continue):
            self.continues[-1].append(state)
            return None
        if isinstance(node, ast.Return):
            if not is_bare(node):
                state = self.expression(node, state)
            self.returned.append(state)
            return None
        return self.assignment(node, state)

    def assignment(self, node: ast.stmt, state: State) -> State:
        """An assignment, or an expression that stands alone."""
        if isinstance(node, ast.Expr):
            return self.expression(node.value, state)
        assert isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign)
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        if isinstance(node, ast.AugAssign) and isinstance(target, ast.Name):
            state = self.read(target, target.id, state)
        if node.value is not None:
            state = self.expression(node.value, state)
        if not isinstance(target, ast.Name):
            return self.expression(target, state)
        return None if state is None else state | {self.key(target.id)}

    def loop(self, node: ast.While | ast.For, state: State) -> State:
        """A body can only add to what has a value, so one walk through it is enough."""
        before = self.expression(node.test if isinstance(node, ast.While) else node.iter, state)
        inside = before
        if isinstance(node, ast.For) and before is not None:
            assert isinstance(node.target, ast.Name)
            inside = before | {self.key(node.target.id)}
        self.breaks.append([])
        self.continues.append([])
        end = _meet([self.body(node.body, inside), *self.continues.pop()])
        left = self.breaks.pop()
        if isinstance(node, ast.While):
            return _meet(left if is_forever(node) else [before, *left])
        return _meet([end if _turns(node) else before, *left])

    # ---- expressions, in the order of evaluation -------------------------------------------------

    def expression(self, node: ast.AST, state: State) -> State:
        if state is None:
            return None
        if isinstance(node, ast.Name):
            return self.read(node, node.id, state) if isinstance(node.ctx, ast.Load) else state
        if isinstance(node, ast.IfExp):
            state = self.expression(node.test, state)
            return _meet([self.expression(node.body, state), self.expression(node.orelse, state)])
        if isinstance(node, ast.BoolOp):
            return self.perhaps(node.values[1:], self.expression(node.values[0], state))
        if isinstance(node, ast.Compare):
            state = self.expression(node.left, state)
            state = self.expression(node.comparators[0], state)
            return self.perhaps(node.comparators[1:], state)
        for child in ast.iter_child_nodes(node):
            state = self.expression(child, state)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            return self.call(node, node.func.id, state)
        return state

    def perhaps(self, operands: Iterable[ast.expr], state: State) -> State:
        """Operands that an earlier one may leave unevaluated give nothing."""
        after = state
        for operand in operands:
            after = self.expression(operand, after)
        return state

    def call(self, node: ast.Call, function: str, state: State) -> State:
        if state is None or function not in self.needs:
            return state
        for name in sorted(self.needs[function] - state):
            self.lacks(node, name, f"{function}() may use {name} before it has a value")
        given = self.gives[function]
        return None if given is None else state | given

    def read(self, node: ast.AST, name: str, state: State) -> State:
        known = self.names
        is_ours = self.key(name) != name or (
            name in known.variables
            or name in known.array_names
            or name in known.scopes
            or name in known.imported
        )
        if state is not None and is_ours and self.key(name) not in state:
            self.lacks(node, self.key(name), f"{name} may be used before it has a value")
        return state

    def lacks(self, node: ast.AST, key: str, found: str) -> None:
        if self.scope is not None and "." not in key:
            self.missing.add(key)
            return
        name = key.lstrip(".")
        if name in self.names.scopes:
            raise self.source.refuse(node, found, f"move def {name} above this line")
        if key != name and name in self.names.variables:
            advice = f"write global {name} in the function, or assign it first on every path"
            raise self.source.refuse(node, found, advice)
        raise self.source.refuse(node, found, "assign it first, on every path that leads here")


def _turns(node: ast.For) -> bool:
    """Whether a loop surely has an iteration: its range is of literals, and not empty."""
    assert isinstance(node.iter, ast.Call)
    try:
        return len(range(*(ast.literal_eval(argument) for argument in node.iter.args))) > 0
    except (ValueError, TypeError):
        return False
