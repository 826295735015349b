# SPDX-License-Identifier: GPL-3.0-or-later
"""CPython itself runs a program: what every other back end is compared with.

It runs the program's own source, not the checked tree. Only this is added to it: each arithmetic
result passes :meth:`_World.narrow`, which sees what a chip's 16 bits cannot hold, each iteration
and call is counted, and an augmented assignment is written out so that its result passes too.
"""

from __future__ import annotations

import ast
import sys
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Literal, cast

from kilolearn.errors import StepLimitError
from kilolearn.python_subset.check import check
from kilolearn.python_subset.devices import Devices
from kilolearn.python_subset.run import ErrorKind, Run, RunError
from kilolearn.python_subset.tree import INT_MAX, INT_MIN, Program

__all__ = ["DEPTH_MAX", "STEPS_MAX", "run"]

STEPS_MAX = 1_000_000
DEPTH_MAX = 200
"""Calls within calls; more than any of these chips' stacks hold."""

_ERRORS = (ZeroDivisionError, IndexError, OverflowError, ValueError, RecursionError)
_INDEX = "__kilolearn_index__"


def run(
    source: str,
    path: str,
    devices: Devices,
    overflow: Literal["error", "wrap"] = "error",
    *,
    steps_max: int = STEPS_MAX,
    depth_max: int = DEPTH_MAX,
) -> Run:
    """Run a program of the subset in CPython.

    Args:
        source: The program's text.
        path: Its name in messages.
        devices: What it reads.
        overflow: Whether arithmetic beyond 16 bits is an OverflowError or wraps around.
        steps_max: Iterations and calls together.
        depth_max: Calls within calls; one more is a RecursionError.

    Raises:
        SubsetError: The source is outside the subset; nothing of it was run.
        StepLimitError: It did not end within `steps_max`, or waits for more input than there is.
    """
    program = check(source, path)
    world = _World(path, devices, overflow, steps_max, depth_max)
    module = _Instrumented().visit(ast.parse(source, path))
    code = compile(ast.fix_missing_locations(module), path, "exec")
    namespace: dict[str, Any] = {"__name__": "__main__"}
    for watch in (world.narrow, world.step, world.counted):
        namespace[_watch_name(watch.__name__)] = watch
    error = None
    try:
        with _chip_module(world), _stack_for(depth_max):
            exec(code, namespace)
    except _ERRORS as raised:
        error = RunError(cast(ErrorKind, type(raised).__name__), _line(raised, path))
    return Run(tuple(world.outputs), _globals(program, namespace), error)


def _globals(program: Program, namespace: dict[str, Any]) -> dict[str, int | tuple[int, ...]]:
    """The final values; the tree gives the names, and what one holds that was never assigned."""
    values: dict[str, int | tuple[int, ...]] = {}
    for variable in program.variables:
        values[variable.name] = int(namespace.get(variable.name, 0))
    for array in program.arrays:
        values[array.name] = tuple(int(item) for item in namespace.get(array.name, array.initial))
    return values


def _line(error: BaseException, path: str) -> int:
    """The innermost line of the program itself."""
    line, trace = 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == path:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


@contextmanager
def _chip_module(world: _World) -> Iterator[None]:
    """Let ``from chip import ...`` find the devices."""
    before = sys.modules.get("chip")
    module = types.ModuleType("chip")
    for name in ("read", "emit", "adc", "pin", "set_pin", "random", "seed"):
        setattr(module, name, getattr(world, name))
    sys.modules["chip"] = module
    try:
        yield
    finally:
        del sys.modules["chip"]
        if before is not None:
            sys.modules["chip"] = before


@contextmanager
def _stack_for(depth: int) -> Iterator[None]:
    """Room for so many calls, each of which passes :meth:`_World.counted`."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(before + 4 * depth)
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


class _World:
    """The devices, and what is watched while the program runs."""

    def __init__(
        self, path: str, devices: Devices, overflow: str, steps_max: int, depth_max: int
    ) -> None:
        self.path = path
        self.devices = devices
        self.wraps = overflow == "wrap"
        self.steps_max = steps_max
        self.depth_max = depth_max
        self.steps = 0
        self.depth = 0
        self.outputs: list[int] = []
        self.taken = 0
        self.pins = dict(devices.pins)
        self.state = 1

    # ---- what `from chip import` gives -----------------------------------------------------------

    def read(self) -> int:
        if self.taken == len(self.devices.input):
            raise StepLimitError(
                f"{self.path} reads more than the {self.taken} bytes of its input, and would wait "
                f"for ever; give it more input"
            )
        self.taken += 1
        return self.devices.input[self.taken - 1]

    def emit(self, value: int) -> None:
        self.outputs.append(int(value))

    def adc(self, channel: int) -> int:
        return self.devices.adc.get(channel & 7, 0)

    def pin(self, number: int) -> int:
        return self.pins.get(number & 7, 0)

    def set_pin(self, number: int, value: int) -> None:
        self.pins[number & 7] = int(value != 0)

    def random(self) -> int:
        bits = self.state
        bits ^= bits << 7 & 0xFFFF
        bits ^= bits >> 9
        bits ^= bits << 8 & 0xFFFF
        self.state = bits
        return bits & 0xFF

    def seed(self, value: int) -> None:
        self.state = value & 0xFFFF

    # ---- what is watched -------------------------------------------------------------------------

    def narrow(self, value: int) -> int:
        """An arithmetic result in 16 bits."""
        if INT_MIN <= value <= INT_MAX:
            return value
        if self.wraps:
            return (value - INT_MIN & 0xFFFF) + INT_MIN
        raise OverflowError("an arithmetic result has more than 16 bits")

    def step(self) -> None:
        """One iteration or call more."""
        self.steps += 1
        if self.steps > self.steps_max:
            raise StepLimitError(
                f"{self.path} did not end within {self.steps_max:,} iterations and calls; mend a "
                f"loop that never ends, or allow more"
            )

    def counted(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The decorator of every function: it counts, and ends a recursion that is too deep."""

        def call(*arguments: int) -> Any:
            self.step()
            if self.depth == self.depth_max:
                raise RecursionError(f"{self.depth_max} calls within calls")
            self.depth += 1
            try:
                return function(*arguments)
            finally:
                self.depth -= 1

        return call


class _Instrumented(ast.NodeTransformer):
    """Puts what is watched into the program; every new node has the place of the old one."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.left, ast.List) or isinstance(node.right, ast.List):
            return node
        return _watched(node, "narrow", node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        self.generic_visit(node)
        return _watched(node, "narrow", node) if isinstance(node.op, ast.USub) else node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        absolute = isinstance(node.func, ast.Name) and node.func.id == "abs"
        return _watched(node, "narrow", node) if absolute else node

    def visit_AugAssign(self, node: ast.AugAssign) -> list[ast.stmt]:
        """``w[i] += v`` becomes ``index = i`` and ``w[index] = narrow(w[index] + v)``."""
        before: list[ast.stmt] = []
        target, value = node.target, cast(ast.expr, self.visit(node.value))
        if isinstance(target, ast.Subscript):
            index = ast.Name(_INDEX, ast.Store())
            before = [ast.Assign([index], cast(ast.expr, self.visit(target.slice)))]
            target = ast.Subscript(target.value, ast.Name(_INDEX, ast.Load()), ast.Store())
            item: ast.expr = ast.Subscript(target.value, target.slice, ast.Load())
        else:
            item = ast.Name(cast(ast.Name, target).id, ast.Load())
        result = ast.copy_location(ast.BinOp(item, node.op, value), node)
        after = ast.Assign([target], _watched(node, "narrow", result))
        return [_placed(statement, node) for statement in [*before, after]]

    def visit_While(self, node: ast.While) -> ast.AST:
        return self._loop(node)

    def visit_For(self, node: ast.For) -> ast.AST:
        return self._loop(node)

    def _loop(self, node: ast.While | ast.For) -> ast.AST:
        self.generic_visit(node)
        node.body.insert(0, _placed(ast.Expr(_watched(node, "step")), node))
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self.generic_visit(node)
        node.decorator_list.append(ast.copy_location(_watch("counted"), node))
        return node


def _watch_name(name: str) -> str:
    return f"__kilolearn_{name}__"


def _watch(name: str) -> ast.Name:
    return ast.Name(_watch_name(name), ast.Load())


def _watched(node: ast.AST, name: str, *arguments: ast.expr) -> ast.Call:
    """A call of one of the world's methods, at a node's place."""
    return ast.copy_location(ast.Call(_watch(name), list(arguments), []), node)


def _placed(statement: ast.stmt, node: ast.AST) -> ast.stmt:
    """A statement whose parts without a place have a node's."""
    for part in ast.walk(statement):
        if isinstance(part, ast.stmt | ast.expr) and not hasattr(part, "lineno"):
            ast.copy_location(part, node)
    return statement
