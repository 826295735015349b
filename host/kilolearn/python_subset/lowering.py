# SPDX-License-Identifier: GPL-3.0-or-later
"""From the checked tree to instructions of the accumulator machine: statements and functions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import singledispatchmethod

from kilolearn.errors import BuildError
from kilolearn.python_subset import tree
from kilolearn.python_subset.call_sites import call_sites, is_assigned
from kilolearn.python_subset.for_range import lower_for_range
from kilolearn.python_subset.instructions import ENTRY, Instruction, Label, Operands
from kilolearn.python_subset.places import Place
from kilolearn.python_subset.value_code import BINARY, Code, ValueCode

__all__ = ["Routine", "lower"]

_FRAME_MAX = 127  # words
_NEAR = 8  # Locals that an opcode itself can name.


def lower(program: tree.Program, places: dict[str, Place]) -> tuple[Code, dict[str, Code]]:
    """Instructions of a program.

    Args:
        program: A checked program; each function is called.
        places: Of its globals; loops of the module add their hidden variables here.

    Returns:
        The module's code and that of each function, by name. A call has the function's label,
        which its code begins with; a function with one call may stand in that one's place alone.

    Raises:
        BuildError: A function has more locals or arguments than a machine can address.
    """
    entries = {function.name: Label() for function in program.functions}
    module = Routine(places, entries)
    module.statements(program.body)
    module.emit("halt", line=0)
    sites = call_sites(program)
    once = {f.name: f for f in program.functions if len(sites[f.name]) == 1}
    functions = {}
    for function in program.functions:
        routine = _Function(places, entries, function, once, program.path)
        functions[function.name] = routine.finished(entries[function.name])
    called = {target for code in (module.code, *functions.values()) for target in _called(code)}
    return module.code, {name: code for name, code in functions.items() if entries[name] in called}


def _called(code: Code) -> Iterator[int | Label]:
    for item in code:
        if isinstance(item, Instruction) and item.opcode.operands is Operands.CALL:
            yield item.operands[0]


class Routine(ValueCode):
    """The code of a module, or of a function."""

    def __init__(self, places: dict[str, Place], entries: Mapping[str, Label]) -> None:
        super().__init__(places, entries)
        self._loops: list[tuple[Label, Label]] = []

    def statements(self, body: tuple[tree.Statement, ...]) -> None:
        """Do one after the other."""
        for statement in body:
            self.line = statement.line
            self.statement(statement)

    @singledispatchmethod
    def statement(self, statement: tree.Statement) -> None:
        """Do a statement; the accumulator is anybody's between two."""
        raise TypeError(statement)

    @statement.register
    def _(self, statement: tree.Assign) -> None:
        self.assign(statement)

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
            self.emit(BINARY[statement.operator], line=statement.line)
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
    def _(self, _: tree.Break) -> None:
        self.emit("jump", self._loops[-1][0])

    @statement.register
    def _(self, _: tree.Continue) -> None:
        self.emit("jump", self._loops[-1][1])

    @statement.register
    def _(self, statement: tree.Return) -> None:
        if statement.value is not None:
            self.value(statement.value)
        self.emit("return")

    def assign(self, statement: tree.Assign) -> None:
        """Give a variable a value."""
        self.value(statement.value)
        self.emit("store", self.number(statement.variable))

    def call(self, call: tree.Call) -> None:
        """Leave what a function returns; its arguments go on the stack."""
        for argument in call.arguments:
            self.value(argument)
            self.emit("push")
        self.emit("call", self._entries[call.function], line=call.line)

    def loop_body(self, body: tuple[tree.Statement, ...], end: Label, next_turn: Label) -> None:
        """Statements where ``break`` leads to `end` and ``continue`` to `next_turn`."""
        self._loops.append((end, next_turn))
        self.statements(body)
        self._loops.pop()


class _Function(Routine):
    """The code of a function: its locals lie on the stack.

    A function with one call in the whole program needs no frame: its statements stand where the
    call would, as long as all locals stay near. What follows the call uses their places again.
    """

    def __init__(
        self,
        places: dict[str, Place],
        entries: Mapping[str, Label],
        function: tree.Function,
        once: Mapping[str, tree.Function],
        path: str,
    ) -> None:
        super().__init__(places, entries)
        self._function = function
        self._once = once
        self._path = path
        self._slots = list(range(len(function.locals)))  # Of the locals of the body in hand.
        self._taken = self._frame = len(function.locals)  # Now, and at most.
        self._end: Label | None = None  # Behind the body in hand, where that is not the function's.
        self.line = function.line

    def number(self, variable: tree.Variable) -> int:
        """Of a local: -1 and down, in the order in which they are pushed."""
        return super().number(variable) if variable.is_global else -1 - self._slots[variable.index]

    def hidden(self) -> int:
        return -1 - self._take()

    def emit(self, name: str, *operands: int | Label, line: int | None = None) -> None:
        if name == "return" and self._end is not None:
            name, operands = "jump", (self._end,)
        elif name == "return":
            operands = (0,)  # Known when the function is `finished`.
        super().emit(name, *operands, line=line)

    def call(self, call: tree.Call) -> None:
        """Leave what a function returns."""
        self._call(call, None)

    def assign(self, statement: tree.Assign) -> None:
        """Give a variable a value; a call may put it there itself."""
        value, variable = statement.value, statement.variable
        if isinstance(value, tree.Call) and not variable.is_global:
            self._call(value, variable)
            self.emit("store", self.number(variable))
        else:
            super().assign(statement)

    def _call(self, call: tree.Call, result: tree.Variable | None) -> None:
        """Leave what a function returns, which goes into a local of the caller's, where known."""
        body = self._once.get(call.function)
        if body is None or self._taken + len(body.locals) > _NEAR:
            super().call(call)
            return
        outer = self._slots, self._taken, self._end, self.line
        shared = [self._shared(local, call, result, body) for local in body.locals]
        slots = [self._take() if slot is None else slot for slot in shared]
        for slot, argument in zip(slots, call.arguments, strict=False):
            if not isinstance(argument, tree.Load) or slot != self._slot(argument.variable):
                self.value(argument)
                self.emit("store", -1 - slot)
        self._slots, self._end = slots, Label()
        self.statements(body.body)
        self.code.append(self._end)
        self._slots, self._taken, self._end, self.line = outer

    def _slot(self, variable: tree.Variable) -> int | None:
        return None if variable.is_global else self._slots[variable.index]

    def _take(self) -> int:
        """A place for one more local."""
        self._taken += 1
        self._frame = max(self._frame, self._taken)
        return self._taken - 1

    def _shared(
        self,
        local: tree.Variable,
        call: tree.Call,
        result: tree.Variable | None,
        body: tree.Function,
    ) -> int | None:
        """The place of the caller's local that one of an inlined body may be.

        A parameter that is never assigned is the argument; what is returned is what it goes to,
        unless that is an argument too.
        """
        arguments = [a.variable for a in call.arguments if isinstance(a, tree.Load)]
        if local.index < body.parameters:
            given = call.arguments[local.index]
            if isinstance(given, tree.Load) and not is_assigned(local, body):
                return self._slot(given.variable)
            return None
        if result is None or result in arguments:
            return None
        last = body.body[-1]
        is_result = isinstance(last, tree.Return) and last.value == tree.Load(local)
        return self._slot(result) if is_result else None

    def finished(self, entry: Label) -> Code:
        """The whole function, with its label and its frame."""
        function = self._function
        self.statements(function.body)
        self.emit("return")
        frame = self._frame
        if frame > _FRAME_MAX:
            raise BuildError(
                f"{self._path}:{function.line}: {function.name} has {frame} parameters, locals and "
                f"hidden variables of loops; the machine has room for {_FRAME_MAX}: divide it"
            )
        sizes = (2 * (frame - function.parameters), 2 * function.parameters)
        head = Instruction(ENTRY, sizes, function.line)
        return [entry, head, *(_with_frame(item, frame) for item in self.code)]


def _with_frame(item: Instruction | Label, frame: int) -> Instruction | Label:
    """Locals by their place, now that the frame is known: the last pushed is the lowest."""
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
