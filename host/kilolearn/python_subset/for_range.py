# SPDX-License-Identifier: GPL-3.0-or-later
"""``for variable in range(start, stop, step)``, without a sum that could leave 16 bits.

The counter is the variable itself, or a hidden one where the body may change the variable. An empty
range leaves the variable alone, and after the loop it has its last value: so the loop tests before
it counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeGuard

from kilolearn.python_subset import tree
from kilolearn.python_subset.instructions import Label
from kilolearn.python_subset.walk import statements_in

if TYPE_CHECKING:
    from kilolearn.python_subset.lowering import Routine

__all__ = ["lower_for_range"]


def lower_for_range(routine: Routine, loop: tree.ForRange) -> None:
    """Add the code of a loop to a routine."""
    turns = _known_turns(loop)
    if turns is not None and not turns:
        return
    variable = routine.number(loop.variable)
    counter = routine.hidden() if loop.body_assigns_variable else variable
    top, end, next_turn = Label(), Label(), Label()

    stop = _enter(routine, loop, counter, end, is_empty_possible=turns is None)
    routine.code.append(top)
    if counter != variable:
        routine.emit("load", counter)
        routine.emit("store", variable)
    routine.loop_body(loop.body, end, next_turn)
    routine.code.append(next_turn)
    routine.line = loop.line
    if loop.step == 1:
        _load(routine, stop)
        routine.emit("for_next", counter, top)
    else:
        if turns is not None:
            _leave_after(routine, counter, turns[-1], end)
        else:
            _leave_before(routine, loop.step, counter, stop, end)
        routine.emit("load", counter)
        _add(routine, loop.step)
        routine.emit("store", counter)
        routine.emit("jump", top)
    routine.code.append(end)


def _known_turns(loop: tree.ForRange) -> range | None:
    """The range, where its bounds are constants."""
    if isinstance(loop.start, tree.Constant) and isinstance(loop.stop, tree.Constant):
        return range(loop.start.value, loop.stop.value, loop.step)
    return None


def _enter(
    routine: Routine, loop: tree.ForRange, counter: int, end: Label, *, is_empty_possible: bool
) -> tree.Constant | int:
    """Evaluate the bounds and set the counter; say where the stop is: a constant or a variable."""
    start: tree.Constant | int
    stop: tree.Constant | int
    if isinstance(loop.start, tree.Constant):
        start = loop.start
    else:
        start = routine.hidden()
        routine.value(loop.start)
        routine.emit("store", start)
    if isinstance(loop.stop, tree.Constant):
        stop = loop.stop
    elif _is_constant_in(loop.stop, loop.body) and loop.stop.variable != loop.variable:
        stop = routine.number(loop.stop.variable)
    else:
        stop = routine.hidden()
        routine.value(loop.stop)
        routine.emit("store", stop)
    if is_empty_possible:
        _load(routine, stop)
        routine.emit("push")
    _load(routine, start)
    if is_empty_possible:
        routine.emit("jump_if_not_greater" if loop.step > 0 else "jump_if_not_less", end)
    routine.emit("store", counter)
    return stop


def _is_constant_in(
    stop: tree.Expression, body: tuple[tree.Statement, ...]
) -> TypeGuard[tree.Load]:
    """Whether a stop is a local variable that the body leaves alone, so that it needs no copy."""
    return (
        isinstance(stop, tree.Load)
        and not stop.variable.is_global
        and not any(
            isinstance(statement, tree.Assign | tree.ForRange)
            and statement.variable == stop.variable
            for statement in statements_in(body)
        )
    )


def _leave_after(routine: Routine, counter: int, last: int, end: Label) -> None:
    routine.emit("load", counter)
    routine.emit("push")
    routine.constant(last)
    routine.emit("jump_if_equal", end)


def _leave_before(
    routine: Routine, step: int, counter: int, stop: tree.Constant | int, end: Label
) -> None:
    """Leave unless counter + step is before stop, that is counter before stop - step.

    A stop so near to the end of the integers that stop - step is beyond it is before any next turn.
    """
    is_upward = step > 0
    _load(routine, stop)
    routine.emit("push")
    routine.constant(
        max(tree.INT_MIN, min(tree.INT_MAX, (1 << 15) * (-1 if is_upward else 1) + step))
    )
    routine.emit("jump_if_less" if is_upward else "jump_if_greater", end)
    routine.emit("load", counter)
    routine.emit("push")
    _load(routine, stop)
    _add(routine, -step)
    routine.emit("jump_if_not_less" if is_upward else "jump_if_not_greater", end)


def _add(routine: Routine, constant: int) -> None:
    """Value plus a constant, in parts that have 16 bits."""
    while constant:
        part = max(tree.INT_MIN, min(tree.INT_MAX, constant))
        routine.emit("push")
        routine.constant(part)
        routine.emit("add")
        constant -= part


def _load(routine: Routine, bound: tree.Constant | int) -> None:
    if isinstance(bound, tree.Constant):
        routine.constant(bound.value)
    else:
        routine.emit("load", bound)
