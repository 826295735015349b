# SPDX-License-Identifier: GPL-3.0-or-later
"""Expressions of the checked tree as C, in CPython's order of evaluation.

An operation whose exact result surely fits is a plain C operator; else it is a function of
``avr/vm/integers.h``, which wraps or checks. C may evaluate operands in any order: where that could
be seen they go into temporaries first, in a GNU statement expression ``({ ... })``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

from kilolearn.python_subset.effects import Effects, effects
from kilolearn.python_subset.ranges import Bounds, Ranges, fits
from kilolearn.python_subset.tree import (
    INT_MIN,
    Array,
    Binary,
    BinaryOperator,
    BoolOp,
    Call,
    CallBuiltin,
    Compare,
    Constant,
    Expression,
    IfExpression,
    Item,
    Load,
    Unary,
)

__all__ = ["Checks", "ExpressionsInC", "c_name", "c_type"]

_FUNCTIONS: dict[BinaryOperator, str] = {
    "+": "add",
    "-": "subtract",
    "*": "multiply",
    "//": "divide",
    "%": "modulo",
    "<<": "shift_left",
    ">>": "shift_right",
}


@dataclass(frozen=True)
class Checks:
    """Which errors the C finds; without any, a program that makes none still runs the same.

    Attributes:
        overflow: A result beyond 16 bits.
        others: Division by zero, index, value, full stack.
    """

    overflow: bool
    others: bool


def c_name(name: str) -> str:
    """A Python name in C, which has letters of ASCII only: others are written by their bytes."""
    return f"py_{name}" if name.isascii() else f"py_0{name.encode().hex()}"


def c_type(interval: Bounds) -> str:
    """The narrowest type of C that holds every value within bounds."""
    low, high = interval
    if low >= 0 and high <= 255:
        return "uint8_t"
    return "int8_t" if low >= -128 and high <= 127 else "int16_t"


@dataclass
class ExpressionsInC:
    """The expressions of one function.

    Attributes:
        checks: What is checked.
        recursive: The functions whose calls may be too deep.
        ranges: Bounds, where the next expression stands.
        temporaries: How many names are taken.
    """

    checks: Checks
    recursive: frozenset[str]
    ranges: Ranges
    temporaries: int = 0

    # ---- values and conditions -------------------------------------------------------------------

    def value(self, node: Expression) -> str:
        """A C expression of the value, an integer that fits into 16 bits."""
        if isinstance(node, Constant):
            return "INT16_MIN" if node.value == INT_MIN else str(node.value)
        if isinstance(node, Load):
            return c_name(node.variable.name)
        if isinstance(node, Item):
            return self.item(node.array, self.place(node, self.value(node.index)))
        if isinstance(node, Unary):
            return self._unary(node)
        if isinstance(node, Binary):
            return self.ordered(
                (node.left, node.right),
                lambda left, right: self.operation(node, left, right),
                checks_last=node.operator in ("//", "%", "<<", ">>") and self.fails(node),
            )
        if isinstance(node, BoolOp) and not self._is_condition(node):
            return self._deciding(node.operator, node.operands)
        if isinstance(node, IfExpression):
            then, otherwise = self.value(node.then), self.value(node.otherwise)
            return f"({self.condition(node.test)} ? {then} : {otherwise})"
        if isinstance(node, Call):
            return self._call(node)
        if isinstance(node, CallBuiltin):
            return self._builtin(node)
        return self.condition(node)

    def condition(self, node: Expression) -> str:
        """A C expression that is 0 exactly where the value is."""
        if isinstance(node, Compare):
            return self._compare(node)
        if isinstance(node, BoolOp):
            sign = {"and": " && ", "or": " || "}[node.operator]
            return f"({sign.join(self.condition(operand) for operand in node.operands)})"
        if isinstance(node, Unary) and node.operator == "not":
            return f"!{self.condition(node.operand)}"
        return self.value(node)

    def _is_condition(self, node: Expression) -> bool:
        """Whether a value is 0 or 1, so that C's operators give the very value."""
        if isinstance(node, BoolOp):
            return all(self._is_condition(operand) for operand in node.operands)
        return isinstance(node, Compare) or (isinstance(node, Unary) and node.operator == "not")

    # ---- order of evaluation ---------------------------------------------------------------------

    def temporary(self) -> str:
        """A name that is not taken."""
        self.temporaries += 1
        return f"t{self.temporaries}"

    def effects(self, node: Expression) -> Effects:
        """What evaluating it does, here."""
        return effects(node, self.fails)

    def ordered(
        self,
        nodes: Sequence[Expression],
        combine: Callable[..., str],
        *,
        checks_last: bool = False,
    ) -> str:
        """`combine` of the nodes' values, which are evaluated in their order.

        With `checks_last` it puts a check around the last value, which must not come first.
        """
        done = [self.effects(node) for node in nodes]
        if checks_last:
            done[-1] |= Effects(fails=True)
        if all(one.commutes(other) for one, other in combinations(done, 2)):
            return combine(*(self.value(node) for node in nodes))
        text, names = self.bound(nodes)
        return f"({{ {text}{combine(*names)}; }})"

    def bound(self, nodes: Sequence[Expression]) -> tuple[str, list[str]]:
        """Declarations that evaluate the nodes in their order, and the values' names."""
        text, names = "", []
        for node in nodes:
            if isinstance(node, Constant) or (
                isinstance(node, Load) and not node.variable.is_global
            ):
                names.append(self.value(node))
                continue
            value = self.value(node)
            names.append(self.temporary())
            text += f"{c_type(self.ranges.of(node))} {names[-1]} = {value}; "
        return text, names

    # ---- arithmetic ------------------------------------------------------------------------------

    def fails(self, node: Expression) -> bool:
        """Whether an operation itself may end the program."""
        overflows = self.checks.overflow and not fits(self.ranges.exact(node))
        if not self.checks.others:
            return False
        if isinstance(node, Item):
            low, high = self.ranges.of(node.index)
            return low < 0 or high >= len(node.array.initial)
        if isinstance(node, Binary):
            low, high = self.ranges.of(node.right)
            by_zero = node.operator in ("//", "%") and low <= 0 <= high
            return overflows or by_zero or (node.operator in ("<<", ">>") and low < 0)
        return overflows

    def operation(self, node: Binary, left: str, right: str) -> str:
        """A binary operation on operands that are already C."""
        low, high = self.ranges.of(node.right)
        constant = node.right.value if isinstance(node.right, Constant) else None
        if node.operator in ("&", "|", "^"):
            return f"({left} {node.operator} {right})"
        if constant is not None and constant > 0 and node.operator in ("//", "%"):
            if constant & (constant - 1) == 0:  # Shifts and masks floor.
                shift = constant.bit_length() - 1
                return (
                    f"({left} >> {shift})"
                    if node.operator == "//"
                    else f"({left} & {constant - 1})"
                )
            if self.ranges.of(node.left)[0] >= 0:
                return f"({left} {node.operator[0]} {right})"
        if node.operator == ">>" and constant is not None and constant >= 0:
            return f"({left} >> {min(constant, 15)})"
        fit = fits(self.ranges.exact(node))
        if node.operator in ("+", "-", "*") and fit:
            return f"({left} {node.operator} {right})"
        if self.checks.others and node.operator in ("//", "%") and low <= 0 <= high:
            right = f"nonzero({right}, {node.line})"
        if self.checks.others and node.operator in ("<<", ">>") and low < 0:
            right = f"nonnegative({right}, {node.line})"
        return self._function(_FUNCTIONS[node.operator], [left, right], fit, node.line)

    def _function(self, name: str, arguments: list[str], fit: bool, line: int) -> str:
        if self.checks.overflow and not fit:
            name, arguments = f"{name}_checked", [*arguments, str(line)]
        return f"{name}({', '.join(arguments)})"

    def _unary(self, node: Unary) -> str:
        if node.operator == "not":
            return self.condition(node)
        operand = self.value(node.operand)
        if node.operator == "~":
            return f"(~{operand})"
        fit = fits(self.ranges.exact(node))
        return f"(-{operand})" if fit else self._function("negate", [operand], fit, node.line)

    def _compare(self, node: Compare) -> str:
        if len(node.rest) == 1:
            operator = node.operators[0]
            return self.ordered((node.first, node.rest[0]), lambda a, b: f"({a} {operator} {b})")
        text, (first, second) = self.bound((node.first, node.rest[0]))
        text += f"({first} {node.operators[0]} {second})"
        for operator, operand in zip(node.operators[1:], node.rest[1:], strict=True):
            declared, (third,) = self.bound((operand,))
            text += f" && ({{ {declared}({second} {operator} {third})"
            second = third
        return f"({{ {text}{'; })' * (len(node.rest) - 1)}; }})"

    def _deciding(self, operator: str, operands: Sequence[Expression]) -> str:
        """``and`` and ``or``: the value of the operand that decides."""
        if len(operands) == 1:
            return self.value(operands[0])
        text, (first,) = self.bound(operands[:1])
        rest = self._deciding(operator, operands[1:])
        then, otherwise = (rest, first) if operator == "and" else (first, rest)
        return f"({{ {text}{first} ? {then} : {otherwise}; }})"

    # ---- items -----------------------------------------------------------------------------------

    def item(self, array: Array, place: str) -> str:
        """An array's item at a place that counts from its start."""
        return f"{c_name(array.name)}[{place}]"

    def place(self, item: Item, index: str) -> str:
        """Where an item is, of its index in C."""
        low, high = self.ranges.of(item.index)
        length = len(item.array.initial)
        if low >= 0 and (high < length or not self.checks.others):
            return index
        if self.checks.others:
            return f"in_array({index}, {length}, {item.line})"
        return f"from_end({index}, {length})"

    # ---- calls -----------------------------------------------------------------------------------

    def _call(self, node: Call) -> str:
        name = c_name(node.function)
        if not (self.checks.others and node.function in self.recursive):
            return self.ordered(node.arguments, lambda *given: f"{name}({', '.join(given)})")
        text, given = self.bound(node.arguments)
        full = f"if (stack_is_full()) python_fail(RECURSION_ERROR, {node.line}); "
        return f"({{ {text}{full}{name}({', '.join(given)}); }})"

    def _builtin(self, node: CallBuiltin) -> str:
        if node.name in ("min", "max"):
            return self._extreme(node)
        if node.name == "abs":
            fit = fits(self.ranges.exact(node))
            return self._function("absolute", [self.value(node.arguments[0])], fit, node.line)
        form = {
            "read": "serial_read()",
            "emit": "serial_emit({})",
            "adc": "analog_read({})",
            "pin": "pin_level({})",
            "set_pin": "pin_drive({}, {})",
            "random": "(noise_next(&random_state) & 0xFF)",
            "seed": "(random_state = (uint16_t){})",
        }[node.name]
        return self.ordered(node.arguments, form.format)

    def _extreme(self, node: CallBuiltin) -> str:
        """Each argument once, from the left; C's temporaries keep the least or greatest so far."""
        sign = "<" if node.name == "min" else ">"
        text, (best, *others) = "", [self.temporary() for _ in node.arguments]
        for name, argument in zip([best, *others], node.arguments, strict=True):
            text += f"int16_t {name} = {self.value(argument)}; "
        for other in others:
            text += f"if ({other} {sign} {best}) {best} = {other}; "
        return f"({{ {text}{best}; }})"
