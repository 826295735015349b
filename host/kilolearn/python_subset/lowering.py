# SPDX-License-Identifier: GPL-3.0-or-later
"""From the checked tree to instructions of the accumulator machine.

An expression leaves its value in the accumulator and the stack as it was. Code that a jump skips
begins and ends with the stack as deep as behind it, so the depth follows from the text alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import singledispatchmethod

from kilolearn.errors import BuildError
from kilolearn.python_subset import tree
from kilolearn.python_subset.conditions import INVERSE, JUMP_IF
from kilolearn.python_subset.for_range import lower_for_range
from kilolearn.python_subset.instructions import ENTRY, Instruction, Label, Operands, opcodes
from kilolearn.python_subset.places import Place

__all__ = ["Code", "Routine", "lower"]

#: What a routine consists of: instructions, and labels before the instructions they name.
Code = list[Instruction | Label]

_BINARY = {
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
_FRAME_MAX = 127  # words


def lower(program: tree.Program, places: dict[str, Place]) -> tuple[Code, dict[str, Code]]:
    """Instructions of a program.

    Args:
        program: A checked program.
        places: Of its globals; loops of the module add their hidden variables here.

    Returns:
        The module's code and that of each function, by name. A call has the function's label,
        which its code begins with.

    Raises:
        BuildError: A function has more locals or arguments than a machine can address.
    """
    entries = {function.name: Label() for function in program.functions}
    module = Routine(places, entries)
    module.statements(program.body)
    module.emit("halt", line=0)
    functions = {}
    for function in program.functions:
        routine = _Function(places, entries, function, program.path)
        functions[function.name] = routine.finished(entries[function.name])
    return module.code, functions


class Routine:
    """The code of a module, or of a function, as it grows."""

    def __init__(
        self,
        places: dict[str, Place],
        entries: Mapping[str, Label],
    ) -> None:
        self.code: Code = []
        self.places = places
        self._entries = entries
        self._loops: list[tuple[Label, Label]] = []
        self.line = 0
        self._hidden = 0

    # ---- emitting ------------------------------------------------------------------------------

    def emit(self, name: str, *operands: int | Label, line: int | None = None) -> None:
        """Add an instruction."""
        at = self.line if line is None else line
        self.code.append(Instruction(opcodes()[name], operands, at))

    def constant(self, value: int) -> None:
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
        for argument in expression.arguments:
            self.value(argument)
            self.emit("push")
        self.emit("call", self._entries[expression.function], line=expression.line)

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
        self.emit(_BINARY[operator], line=line)

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

    # ---- statements ----------------------------------------------------------------------------

    def statements(self, body: tuple[tree.Statement, ...]) -> None:
        for statement in body:
            self.line = statement.line
            self.statement(statement)

    @singledispatchmethod
    def statement(self, statement: tree.Statement) -> None:
        """Do a statement; the accumulator is anybody's between two."""
        raise TypeError(statement)

    @statement.register
    def _(self, statement: tree.Assign) -> None:
        self.value(statement.value)
        self.emit("store", self.number(statement.variable))

    @statement.register
    def _(self, statement: tree.StoreItem) -> None:
        array, index = statement.array, statement.index
        fixed = self.fixed_item(array, index)
        if fixed is not None:
            if statement.operator is None:
                self.value(statement.value)
            else:
                item = tree.Item(array, index, statement.line)
                self.binary(statement.operator, item, statement.value, statement.line)
            self.emit("store", fixed)
            return
        if statement.operator is None:
            self.value(statement.value)
            self.emit("push")
            self.value(index)
        else:
            self.value(index)
            self.emit("push")
            self.item("load", array, statement.line)
            self.emit("push")
            self.value(statement.value)
            self.emit(_BINARY[statement.operator], line=statement.line)
            self.emit("swap")
        self.item("store", array, statement.line)

    @statement.register
    def _(self, statement: tree.ExpressionStatement) -> None:
        self.value(statement.value)

    @statement.register
    def _(self, statement: tree.If) -> None:
        otherwise, end = Label(), Label()
        self.jump(statement.test, otherwise, when=False)
        self.statements(statement.then)
        if statement.otherwise:
            self.emit("jump", end)
        self.code.append(otherwise)
        self.statements(statement.otherwise)
        self.code.append(end)

    @statement.register
    def _(self, statement: tree.While) -> None:
        top, end, next_turn = Label(), Label(), Label()
        self.emit("jump", next_turn)
        self.code.append(top)
        self.loop_body(statement.body, end, next_turn)
        self.code.append(next_turn)
        self.line = statement.line
        self.jump(statement.test, top, when=True)
        self.code.append(end)

    @statement.register
    def _(self, statement: tree.ForRange) -> None:
        lower_for_range(self, statement)

    @statement.register
    def _(self, statement: tree.Break) -> None:
        self.emit("jump", self._loops[-1][0])

    @statement.register
    def _(self, statement: tree.Continue) -> None:
        self.emit("jump", self._loops[-1][1])

    @statement.register
    def _(self, statement: tree.Return) -> None:
        if statement.value is not None:
            self.value(statement.value)
        self.emit("return")

    def loop_body(self, body: tuple[tree.Statement, ...], end: Label, next_turn: Label) -> None:
        """Statements where ``break`` leads to `end` and ``continue`` to `next_turn`."""
        self._loops.append((end, next_turn))
        self.statements(body)
        self._loops.pop()


class _Function(Routine):
    """The code of a function: its locals lie on the stack."""

    def __init__(
        self,
        places: dict[str, Place],
        entries: Mapping[str, Label],
        function: tree.Function,
        path: str,
    ) -> None:
        super().__init__(places, entries)
        self._function = function
        self._path = path
        self.line = function.line

    def number(self, variable: tree.Variable) -> int:
        """Of a local: -1 and down in the order in which they are pushed, until `finished`."""
        return super().number(variable) if variable.is_global else -1 - variable.index

    def hidden(self) -> int:
        self._hidden += 1
        return -len(self._function.locals) - self._hidden

    def emit(self, name: str, *operands: int | Label, line: int | None = None) -> None:
        if name == "return":
            operands = (0,)  # Known when the function is `finished`.
        super().emit(name, *operands, line=line)

    def finished(self, entry: Label) -> Code:
        """The whole function, with its label and its frame."""
        function = self._function
        self.statements(function.body)
        self.emit("return")
        frame = len(function.locals) + self._hidden
        if frame > _FRAME_MAX:
            raise BuildError(
                f"{self._path}:{function.line}: {function.name} has {frame} parameters, locals and "
                f"hidden variables of loops; the machine has room for {_FRAME_MAX}: divide it"
            )
        sizes = (2 * (frame - function.parameters), 2 * function.parameters)
        head = Instruction(ENTRY, sizes, function.line)
        return [entry, head, *(_with_frame(item, frame) for item in self.code)]


def _with_frame(item: Instruction | Label, frame: int) -> Instruction | Label:
    """Locals by their place, now that the frame's words are known: the last pushed is the lowest."""
    if isinstance(item, Label):
        return item
    operands = item.operands
    if item.opcode.operands is Operands.FRAME:
        operands = (2 * frame,)
    elif item.opcode.operands in (Operands.VARIABLE, Operands.LOOP, Operands.LIMIT):
        number = operands[0]
        if isinstance(number, int) and number < 0:
            operands = (2 * (frame + number) + 1, *operands[1:])
    return replace(item, operands=operands)
