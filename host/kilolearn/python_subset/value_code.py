# SPDX-License-Identifier: GPL-3.0-or-later
"""Instructions for expressions and conditions.

An expression leaves its value in the accumulator and the stack as it was. Code that a jump skips
begins and ends with the stack as deep as behind it, so the depth follows from the text alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import singledispatchmethod

from kilolearn.python_subset import tree
from kilolearn.python_subset.conditions import INVERSE, JUMP_IF
from kilolearn.python_subset.instructions import Instruction, Label, opcodes
from kilolearn.python_subset.places import Place

__all__ = ["BINARY", "Code", "ValueCode"]

#: What a routine consists of: instructions, and labels before the instructions they name.
Code = list[Instruction | Label]

BINARY = {
    "+": "add",
    "-": "subtract",
    "*": "multiply",
    "//": "floor_divide",
    "%": "modulo",
    "&": "and",
    "|": "or",
    "^": "xor",
    "<<": "shift_left",
    ">>": "shift_right",
}


class ValueCode:
    """Code as it grows; here, what expressions become.

    Attributes:
        code: So far.
        places: Of the globals, and of the hidden variables of the module's loops.
        line: Of the statement in hand.
    """

    def __init__(
        self,
        places: dict[str, Place],
        entries: Mapping[str, Label],
    ) -> None:
        self.code: Code = []
        self.places = places
        self._entries = entries
        self.line = 0
        self._hidden = 0

    # ---- emitting ------------------------------------------------------------------------------

    def emit(self, name: str, *operands: int | Label, line: int | None = None) -> None:
        """Add an instruction."""
        at = self.line if line is None else line
        self.code.append(Instruction(opcodes()[name], operands, at))

    def constant(self, value: int) -> None:
        """Leave a constant in the accumulator."""
        self.emit("constant" if -128 <= value < 128 else "constant_word", value)

    def number(self, variable: tree.Variable) -> int:
        """The operand of a variable."""
        return 2 * self.places[variable.name].number

    def hidden(self) -> int:
        """The operand of a variable that the source has not: a loop's own."""
        name = f"loop {self._hidden} of the module"
        self._hidden += 1
        if name not in self.places:
            end = max((place.end for place in self.places.values()), default=0)
            self.places[name] = Place(end, 2, None)
        return 2 * self.places[name].number

    # ---- expressions ---------------------------------------------------------------------------

    @singledispatchmethod
    def value(self, expression: tree.Expression) -> None:
        """Leave the value of an expression in the accumulator."""
        raise TypeError(expression)

    @value.register
    def _(self, expression: tree.Constant) -> None:
        self.constant(expression.value)

    @value.register
    def _(self, expression: tree.Load) -> None:
        self.emit("load", self.number(expression.variable))

    @value.register
    def _(self, expression: tree.Item) -> None:
        fixed = self.fixed_item(expression.array, expression.index)
        if fixed is not None:
            self.emit("load", fixed)
            return
        self.value(expression.index)
        self.item("load", expression.array, expression.line)

    @value.register
    def _(self, expression: tree.Unary) -> None:
        if expression.operator == "not":
            self.truth(expression)
        elif expression.operator == "~":
            self.binary("^", expression.operand, tree.Constant(-1), expression.line)
        else:
            self.value(expression.operand)
            self.emit("negate", line=expression.line)

    @value.register
    def _(self, expression: tree.Binary) -> None:
        self.binary(expression.operator, expression.left, expression.right, expression.line)

    @value.register
    def _(self, expression: tree.Compare) -> None:
        self.truth(expression)

    @value.register
    def _(self, expression: tree.BoolOp) -> None:
        end = Label()
        for operand in expression.operands[:-1]:
            self.value(operand)
            self.emit("jump_if_zero" if expression.operator == "and" else "jump_if_nonzero", end)
        self.value(expression.operands[-1])
        self.code.append(end)

    @value.register
    def _(self, expression: tree.IfExpression) -> None:
        otherwise, end = Label(), Label()
        self.jump(expression.test, otherwise, when=False)
        self.value(expression.then)
        self.emit("jump", end)
        self.code.append(otherwise)
        self.value(expression.otherwise)
        self.code.append(end)

    @value.register
    def _(self, expression: tree.Call) -> None:
        self.call(expression)

    @value.register
    def _(self, expression: tree.CallBuiltin) -> None:
        for index, argument in enumerate(expression.arguments):
            self.value(argument)
            if expression.name in ("min", "max") and index:
                self.emit(expression.name, line=expression.line)
            if index + 1 < len(expression.arguments):
                self.emit("push")
        if expression.name not in ("min", "max"):
            self.emit(expression.name, line=expression.line)

    def call(self, call: tree.Call) -> None:
        """Leave what a function returns."""
        raise NotImplementedError

    def binary(
        self,
        operator: tree.BinaryOperator,
        left: tree.Expression,
        right: tree.Expression,
        line: int,
    ) -> None:
        """``left operator right``."""
        self.value(left)
        self.emit("push")
        self.value(right)
        self.emit(BINARY[operator], line=line)

    def truth(self, expression: tree.Expression) -> None:
        """1 or 0, as a condition holds or not."""
        false, end = Label(), Label()
        self.jump(expression, false, when=False)
        self.constant(1)
        self.emit("jump", end)
        self.code.append(false)
        self.constant(0)
        self.code.append(end)

    def item(self, access: str, array: tree.Array, line: int) -> None:
        """``load`` or ``store`` an item, its index in the accumulator."""
        kind = "byte" if array.item_size == 1 else "item"
        place = self.places[array.name]
        self.emit(f"{access}_{kind}", 2 * place.number, len(array.initial), line=line)

    def fixed_item(self, array: tree.Array, index: tree.Expression) -> int | None:
        """The number of an item of a list that is known: it is as good as a variable."""
        if array.item_size == 1 or not isinstance(index, tree.Constant):
            return None
        at, items = index.value, len(array.initial)
        number = self.places[array.name].number + at % max(items, 1)
        return 2 * number if -items <= at < items and number < 128 else None

    # ---- conditions ----------------------------------------------------------------------------

    def jump(self, test: tree.Expression, target: Label, when: bool) -> None:
        """Jump where a condition is `when`, else fall through."""
        match test:
            case tree.Constant():
                if bool(test.value) == when:
                    self.emit("jump", target)
            case tree.Unary(operator="not"):
                self.jump(test.operand, target, not when)
            case tree.BoolOp():
                self._jump_on_any(test, target, when)
            case tree.Compare():
                self._jump_on_chain(test, target, when)
            case _:
                self.value(test)
                self.emit("jump_if_nonzero" if when else "jump_if_zero", target)

    def _jump_on_any(self, test: tree.BoolOp, target: Label, when: bool) -> None:
        decided = test.operator == "or"  # The truth of an operand that decides the whole.
        end = Label()
        for operand in test.operands[:-1]:
            self.jump(operand, target if decided == when else end, decided)
        self.jump(test.operands[-1], target, when)
        self.code.append(end)

    def _jump_on_chain(self, test: tree.Compare, target: Label, when: bool) -> None:
        false = Label() if when else target
        last = len(test.operators) - 1
        self.value(test.first)
        for index, (operator, right) in enumerate(zip(test.operators, test.rest, strict=True)):
            wanted = operator if when and index == last else INVERSE[operator]
            to = target if index == last else false
            if right == tree.Constant(0) and wanted in ("==", "!=") and index == last:
                self.emit("jump_if_zero" if wanted == "==" else "jump_if_nonzero", to)
                continue
            self.emit("push")
            self.value(right)
            self.emit(JUMP_IF[wanted], to)
        if when:
            self.code.append(false)
