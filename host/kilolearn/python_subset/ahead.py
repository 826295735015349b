# SPDX-License-Identifier: GPL-3.0-or-later
"""A checked program as C for the chip, ahead of time.

Globals and arrays have fixed places, functions become C functions and locals C locals, so the
compiler does with them as with a program written by hand. What it builds is ``avr/apps/ahead.c``
with this text as its config.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from typing import Literal

from kilolearn.python_subset.ahead_expressions import Checks, ExpressionsInC, c_name, c_type
from kilolearn.python_subset.ranges import Bounds, Ranges, program_ranges
from kilolearn.python_subset.tree import (
    INT_MAX,
    INT_MIN,
    Assign,
    Binary,
    BinaryOperator,
    Break,
    Call,
    CallBuiltin,
    Constant,
    Continue,
    Expression,
    ExpressionStatement,
    ForRange,
    Function,
    If,
    Item,
    Program,
    Return,
    Statement,
    StoreItem,
    While,
)
from kilolearn.python_subset.walk import expressions_in

__all__ = ["to_c"]

_HEAD = """\
/* Made from {path} by kilolearn.python_subset.ahead. */
#include <stdbool.h>
#include <stdint.h>

#include "fixed/noise.h"
#include "vm/ahead.h"
#include "vm/integers.h"

/* Python does not mind what C would warn of: a value that nobody uses, a test that never holds. */
#pragma GCC system_header

"""


def to_c(
    program: Program, overflow: Literal["error", "wrap"] = "error", *, checked: bool = True
) -> str:
    """Make C of a program.

    Args:
        program: Checked.
        overflow: Whether a result beyond 16 bits ends the program or wraps around.
        checked: Find errors at run time. Without, a program that makes none runs the same, and one
            that does may do anything.
    """
    checks = Checks(overflow=checked and overflow == "error", others=checked)
    recursive = _recursive(program)
    known = program_ranges(program, stops=checks.overflow)
    parts = [_HEAD.format(path=program.path.replace("*/", "")), *_data(program, known), "\n"]
    parts += [f"{_signature(function, known)};\n" for function in program.functions]
    for function in program.functions:
        ranges = Ranges(known, checks.overflow, function.name)
        body = _Body(ExpressionsInC(checks, recursive, ranges))
        parts.append(f"\n{_signature(function, known)} {{\n")
        for local in function.locals[function.parameters :]:
            body.line(f"{c_type(known[function.name, local])} {c_name(local.name)} = 0;")
        parts += [body.text(function.body), "}\n"]
    body = _Body(ExpressionsInC(checks, recursive, Ranges(known, checks.overflow)))
    used = {node.name for node in expressions_in(program) if isinstance(node, CallBuiltin)}
    if used & {"read", "emit"}:
        body.line("serial_start();")
    if "adc" in used:
        body.line("analog_start();")
    parts += ["\nvoid python_program(void) {\n", body.text(program.body), "}\n"]
    return "".join(parts)


def _data(program: Program, known: Mapping[Hashable, Bounds]) -> Iterator[str]:
    """The places of variables and arrays, and `python_keep`, since the host reads them at the end.

    The attribute `used` would keep them too, but then gcc takes no function that reads one for
    pure, and calls it anew each time.
    """
    names = [c_name(variable.name) for variable in program.variables]
    names += [c_name(array.name) for array in program.arrays]
    for variable in program.variables:
        yield f"static {c_type(known[variable])} {c_name(variable.name)};\n"
    for array in program.arrays:
        items = ", ".join(str(item) for item in array.initial)
        values = f" = {{{items}}}" if any(array.initial) else ""
        place = f"{c_name(array.name)}[{max(len(array.initial), 1)}]"
        yield f"static {c_type(known[array])} {place}{values};\n"
    yield "\nstatic inline void python_keep(void) {\n"
    yield from (f'    __asm__ volatile("" : "+m"({name}));\n' for name in names)
    yield "}\n"


def _signature(function: Function, known: Mapping[Hashable, Bounds]) -> str:
    kind = c_type(known[function.name]) if function.returns_value else "void"
    parameters = [
        f"{c_type(known[function.name, variable])} {c_name(variable.name)}"
        for variable in function.locals[: function.parameters]
    ]
    return f"static {kind} {c_name(function.name)}({', '.join(parameters) or 'void'})"


def _recursive(program: Program) -> frozenset[str]:
    """The functions that may call themselves, directly or through others."""
    calls = {
        function.name: {
            node.function for node in expressions_in(function) if isinstance(node, Call)
        }
        for function in program.functions
    }
    reached = {name: set(callees) for name, callees in calls.items()}
    for _ in calls:
        for name in calls:
            reached[name] |= {far for near in reached[name] for far in calls[near]}
    return frozenset(name for name in calls if name in reached[name])


class _Body:
    """The statements of one function, indented."""

    def __init__(self, expressions: ExpressionsInC) -> None:
        self.expressions = expressions
        self.lines: list[str] = []
        self.depth = 1

    def text(self, body: tuple[Statement, ...]) -> str:
        """The lines so far, and those of a body."""
        for statement in body:
            self._statement(statement)
        return "".join(f"{line}\n" for line in self.lines)

    def line(self, text: str) -> None:
        """Add a line."""
        self.lines.append("    " * self.depth + text)

    def _block(self, head: str, body: tuple[Statement, ...], first: str = "") -> None:
        self.line(f"{head} {{")
        self.depth += 1
        if first:
            self.line(first)
        for statement in body:
            self._statement(statement)
        self.depth -= 1
        self.line("}")

    def _statement(self, node: Statement) -> None:
        c = self.expressions
        if isinstance(node, Assign):
            self.line(f"{c_name(node.variable.name)} = {c.value(node.value)};")
        elif isinstance(node, StoreItem):
            self._store(node)
        elif isinstance(node, ExpressionStatement):
            self.line(f"{c.value(node.value)};")
        elif isinstance(node, If):
            self._block(f"if ({c.condition(node.test)})", node.then)
            if node.otherwise:
                self._block("else", node.otherwise)
        elif isinstance(node, While):
            self._block(f"while ({c.condition(node.test)})", node.body)
        elif isinstance(node, ForRange):
            self._for(node)
        elif isinstance(node, Return):
            self.line("return;" if node.value is None else f"return {c.value(node.value)};")
        elif isinstance(node, Break):
            self.line("break;")
        else:
            assert isinstance(node, Continue)
            self.line("continue;")

    def _store(self, node: StoreItem) -> None:
        """CPython's order; the checks come last, that of the value before that of the index."""
        c = self.expressions
        item = Item(node.array, node.index, node.line)
        if node.operator is not None:
            self._store_operation(node, node.operator, item)
            return
        text, (value, index) = c.bound((node.value, node.index))
        checked = self._byte(node, node.value, value)
        if not text and not (c.fails(item) and checked != value):
            self.line(f"{c.item(node.array, c.place(item, index))} = {checked};")
            return
        if checked != value:
            text, value = f"{text}uint8_t byte = {checked}; ", "byte"
        self.line(f"{{ {text}{c.item(node.array, c.place(item, index))} = {value}; }}")

    def _store_operation(self, node: StoreItem, operator: BinaryOperator, item: Item) -> None:
        """The index, the item's value, the operand, the result: in this order."""
        c = self.expressions
        place, old = c.temporary(), c.temporary()
        result = Binary(operator, item, node.value, node.line)
        text = f"uint16_t {place} = {c.place(item, c.value(node.index))}; "
        target = c.item(node.array, place)
        if c.effects(item).commutes(c.effects(node.value)):
            value = c.operation(result, target, c.value(node.value))
        else:
            text += f"{c_type(c.ranges.of(item))} {old} = {target}; "
            value = c.operation(result, old, c.value(node.value))
        self.line(f"{{ {text}{target} = {self._byte(node, result, value)}; }}")

    def _byte(self, node: StoreItem, stored: Expression, value: str) -> str:
        """A value on its way into an array, checked where a bytearray may not hold it."""
        low, high = self.expressions.ranges.of(stored)
        if node.array.item_size == 2 or (low >= 0 and high <= 255):
            return value
        checked = self.expressions.checks.others
        return f"in_byte({value}, {node.line})" if checked else f"(uint8_t){value}"

    def _for(self, node: ForRange) -> None:
        """A counter of its own, since the variable holds its last value after the loop.

        The counter goes one step past that, so where this may leave 16 bits iterations are counted.
        """
        c = self.expressions
        counter, stop, step = c.temporary(), c.temporary(), node.step
        first, last = c.value(node.start), c.value(node.stop)
        low, high = c.ranges.of(node.stop)
        kind, sign = "int16_t", "<" if step > 0 else ">"
        begin, test = f"{counter} = {first}", f"{counter} {sign} {stop}"
        if low + 1 + min(step, -1) >= INT_MIN and high - 1 + max(step, 1) <= INT_MAX:
            if isinstance(node.stop, Constant):
                test = f"{counter} {sign} {last}"
            else:
                begin += f", {stop} = {last}"
            if step > 0 and c.ranges.of(node.start)[0] >= 0 and high - 1 + step <= 255:
                kind = "uint8_t"
            head = f"for ({kind} {begin}; {test}; {counter} += {step})"
        else:
            begin += f", {stop} = (int16_t)range_length({counter}, {last}, {step})"
            head = (
                f"for ({kind} {begin}; {stop} != 0; {stop}--, {counter} = add({counter}, {step}))"
            )
        inside = c.ranges.in_loop
        before = dict(inside)
        if not node.body_assigns_variable:
            inside[node.variable] = c.ranges.loop(node)
        self._block(head, node.body, first=f"{c_name(node.variable.name)} = {counter};")
        inside.clear()
        inside.update(before)
