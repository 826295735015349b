# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs drawn from the grammar of the subset: every one is inside it, and every one ends.

Loops are over constants or count down a variable of their own, a function calls only those above
it, or itself with a count that falls; so the text bounds the run. Most divisors, indices and shifts
are drawn so that they do no harm, and the rest end in errors, which are results too.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from cases import Case

from kilolearn.python_subset.devices import Devices

__all__ = ["random_program"]

_EDGES = (0, 1, -1, 2, 7, 8, 127, 128, -128, 255, 256, 1000, 16384, 32767, -32768, -32767)
_BINARY = ("+", "-", "*", "//", "%", "&", "|", "^", "<<", ">>")
_COMPARE = ("<", "<=", "==", "!=", ">", ">=")
_INPUT = 48


def random_program(seed: int) -> Case:
    """The program of a seed, with its world."""
    draw = random.Random(seed)
    source = _Writer(draw).program()
    devices = Devices(
        bytes(draw.randrange(256) for _ in range(_INPUT)),
        {channel: draw.randrange(1024) for channel in range(4)},
        {number: draw.randrange(2) for number in (1, 2)},
    )
    return Case(f"seed {seed}", source, devices, draw.choice(("error", "wrap")))


@dataclass
class _Function:
    name: str
    parameters: int
    has_value: bool
    recursive: bool


@dataclass
class _Scope:
    """What may be named at a place."""

    readable: list[str]
    assignable: list[str]
    in_function: _Function | None = None
    counters: int = 0  # Loop counters in use: each nest has its own.


@dataclass
class _Writer:
    draw: random.Random
    lines: list[str] = field(default_factory=list)
    arrays: dict[str, tuple[int, bool]] = field(default_factory=dict)  # length, of bytes
    functions: list[_Function] = field(default_factory=list)
    calls_left: int = 6

    def program(self) -> str:
        draw = self.draw
        self.lines = ["from chip import adc, emit, pin, random, read, seed, set_pin", ""]
        variables = [f"g{i}" for i in range(draw.randint(2, 4))]
        for number in range(draw.randint(0, 2)):
            self.lines.append(f"K{number} = {self.constant()}")
            variables.append(f"K{number}")
        assignable = [name for name in variables if name.startswith("g")]
        self.lines += [f"{name} = {self.constant()}" for name in assignable]
        for number in range(draw.randint(1, 3)):
            self.array(f"w{number}")
        loops = [f"i{depth}" for depth in range(3)]
        self.lines += [f"{name} = 0" for name in loops]
        for number in range(draw.randint(0, 3)):
            self.function(f"f{number}", variables, assignable)
        scope = _Scope([*variables, *loops], assignable)
        self.block(scope, draw.randint(4, 9), depth=3, indent="", loop=False)
        for name in (
            *assignable,
            *(f"{a}[{draw.randrange(n)}]" for a, (n, _) in self.arrays.items()),
        ):
            self.lines.append(f"emit({name})")
        return "\n".join(self.lines) + "\n"

    def array(self, name: str) -> None:
        draw, length = self.draw, self.draw.randint(1, 5)
        form = draw.randrange(4)
        items = ", ".join(
            str(draw.randrange(256) if form == 3 else self.constant()) for _ in range(length)
        )
        self.lines.append(
            f"{name} = "
            + (
                f"[{items}]",
                f"[{self.constant()}] * {length}",
                f"bytearray({length})",
                f"bytearray([{items}])",
            )[form]
        )
        self.arrays[name] = (length, form >= 2)

    def function(self, name: str, variables: list[str], assignable: list[str]) -> None:
        draw = self.draw
        function = _Function(name, draw.randint(0, 3), draw.random() < 0.7, draw.random() < 0.3)
        if function.recursive:
            function.parameters = max(function.parameters, 1)
        parameters = [f"p{i}" for i in range(function.parameters)]
        written = [g for g in assignable if draw.random() < 0.4]
        self.lines += ["", f"def {name}({', '.join(parameters)}):"]
        if written:
            self.lines.append(f"    global {', '.join(written)}")
        local = [f"x{i}" for i in range(draw.randint(0, 2))]
        loops = [f"j{depth}" for depth in range(2)]
        self.lines += [f"    {x} = {self.constant()}" for x in local + loops]
        scope = _Scope(
            [*variables, *parameters, *local, *loops], [*written, *parameters[1:], *local], function
        )
        if function.recursive:
            again = ", ".join(["p0 - 1", *(self.value(scope, 1) for _ in parameters[1:])])
            self.lines.append("    if p0 > 0:")
            self.lines.append(
                f"        {self.target(scope)} = {name}({again})"
                if function.has_value
                else f"        {name}({again})"
            )
        self.block(scope, draw.randint(1, 4), depth=2, indent="    ", loop=False)
        if function.has_value:
            self.lines.append(f"    return {self.value(scope, 2)}")
        self.lines.append("")
        self.functions.append(function)

    # ---- statements ------------------------------------------------------------------------------

    def block(self, scope: _Scope, count: int, depth: int, indent: str, loop: bool) -> None:
        for _ in range(count):
            self.statement(scope, depth, indent, loop)

    def statement(self, scope: _Scope, depth: int, indent: str, loop: bool) -> None:
        draw = self.draw
        kind = draw.choices(
            ("assign", "store", "emit", "if", "for", "while", "call", "leave", "device", "bare"),
            (6, 5, 3, 3 * (depth > 0), 2 * (depth > 0), depth > 0, 2, 1, 0.4, 0.2),
        )[0]
        write, value = self.lines.append, self.value(scope, depth=2)
        if kind == "assign":
            write(f"{indent}{self.target(scope)} {self.operator()}= {value}")
        elif kind == "store":
            write(f"{indent}{self.item(scope)} {self.operator()}= {self.small(scope, value)}")
        elif kind == "if":
            write(f"{indent}if {value}:")
            self.block(scope, draw.randint(1, 2), depth - 1, f"{indent}    ", loop)
            if draw.random() < 0.3:
                write(f"{indent}elif {self.value(scope, 1)}:")
                self.block(scope, 1, depth - 1, f"{indent}    ", loop)
            if draw.random() < 0.4:
                write(f"{indent}else:")
                self.block(scope, 1, depth - 1, f"{indent}    ", loop)
        elif kind in ("for", "while") and scope.counters < (2 if scope.in_function else 3):
            self.loop(scope, kind, depth, indent)
        elif kind == "call" and self.functions:
            write(f"{indent}{self.call(scope, draw.choice(self.functions))}")
        elif kind == "leave":
            self.leave(scope, indent, loop)
        elif kind == "device":
            form = draw.choice(("seed({})", "set_pin(3, {})", "set_pin(0, {})"))
            write(f"{indent}{form.format(value)}")
        elif kind == "bare":
            write(f"{indent}{draw.choice((value, 'pass'))}")
        else:
            write(f"{indent}emit({value})")

    def loop(self, scope: _Scope, kind: str, depth: int, indent: str) -> None:
        draw, name = self.draw, f"{'j' if scope.in_function else 'i'}{scope.counters}"
        scope.counters += 1
        inside = f"{indent}    "
        global_counter = scope.in_function is None
        if kind == "for":
            start, step = (
                draw.choice((0, 0, 1, -3, 32760, -32768)),
                draw.choice((1, 1, 2, 3, -1, -2)),
            )
            stop = max(min(start + step * draw.randint(0, 5) + draw.randint(-1, 1), 32767), -32768)
            bounds = (f"{stop}", f"{start}, {stop}", f"{start}, {stop}, {step}")
            form = bounds[2] if step != 1 or draw.random() < 0.2 else bounds[start != 0]
            if draw.random() < 0.2:
                form = f"{self.value(scope, 1)} & 3"
            self.lines.append(f"{indent}for {name} in range({form}):")
            # What the body does to the variable must not change the iterations.
            if draw.random() < 0.15:
                self.lines.append(f"{inside}{name} = {self.value(scope, 1)}")
        else:
            self.lines.append(f"{indent}{name} = {draw.randint(0, 6)}")
            self.lines.append(f"{indent}while {name} > 0:")
            self.lines.append(f"{inside}{name} -= {draw.randint(1, 3)}")
        assert global_counter == (name[0] == "i")
        self.block(scope, draw.randint(1, 3), depth - 1, inside, loop=True)
        scope.counters -= 1

    def leave(self, scope: _Scope, indent: str, loop: bool) -> None:
        if loop and self.draw.random() < 0.7:
            self.lines.append(f"{indent}if {self.value(scope, 1)}:")
            self.lines.append(f"{indent}    {self.draw.choice(('break', 'continue'))}")
        elif scope.in_function:
            self.lines.append(f"{indent}if {self.value(scope, 1)}:")
            value = f" {self.value(scope, 1)}" if scope.in_function.has_value else ""
            self.lines.append(f"{indent}    return{value}")
        else:
            self.lines.append(f"{indent}pass")

    def target(self, scope: _Scope) -> str:
        return self.draw.choice(scope.assignable) if scope.assignable else self.item(scope)

    def operator(self) -> str:
        return self.draw.choice(_BINARY) if self.draw.random() < 0.4 else ""

    # ---- expressions -----------------------------------------------------------------------------

    def constant(self) -> int:
        draw = self.draw
        return draw.choice(_EDGES) if draw.random() < 0.3 else draw.randint(-20, 100)

    def small(self, scope: _Scope, value: str) -> str:
        """Mostly a byte, for arrays of bytes."""
        return f"{value} & 255" if self.draw.random() < 0.6 else value

    def item(self, scope: _Scope) -> str:
        draw = self.draw
        name, (length, _) = draw.choice(list(self.arrays.items()))
        kind = draw.random()
        if kind < 0.4:
            return f"{name}[{draw.randint(-length, length - 1)}]"
        if kind < 0.9:
            return f"{name}[({self.value(scope, 1)}) % {length}]"
        return f"{name}[{draw.choice([v for v in scope.readable if v[0] in 'ij'])}]"

    def call(self, scope: _Scope, function: _Function) -> str:
        given = [self.value(scope, 1) for _ in range(function.parameters)]
        if function.recursive:
            given[0] = str(self.draw.randint(0, 4))
        return f"{function.name}({', '.join(given)})"

    def value(self, scope: _Scope, depth: int) -> str:
        draw = self.draw
        if depth == 0 or draw.random() < 0.15:
            return self.leaf(scope)
        inner = depth - 1
        one, two = self.value(scope, inner), self.value(scope, inner)
        form = draw.randrange(12)
        if form < 5:
            return self.binary(draw.choice(_BINARY), one, two)
        if form == 5:
            return f"({draw.choice(('-', '~', 'not ', '+'))}{one})"
        if form == 6:
            more = f" {draw.choice(_COMPARE)} {self.leaf(scope)}" if draw.random() < 0.3 else ""
            return f"({one} {draw.choice(_COMPARE)} {two}{more})"
        if form == 7:
            return f"({one} {draw.choice(('and', 'or'))} {two})"
        if form == 8:
            return f"({one} if {two} else {self.leaf(scope)})"
        if form == 9:
            return draw.choice((f"abs({one})", f"min({one}, {two})", f"max({one}, {two}, 3)"))
        valued = [function for function in self.functions if function.has_value]
        if form == 10 and valued:
            return self.call(scope, draw.choice(valued))
        return self.item(scope)

    def binary(self, operator: str, left: str, right: str) -> str:
        """Mostly harmless."""
        if self.draw.random() < 0.9:
            if operator in ("//", "%"):
                right = f"({right} | 1)"
            elif operator in ("<<", ">>"):
                right = f"({right} & {15 if operator == '>>' else 3})"
            elif operator == "*":
                left, right = f"({left} % 100)", f"({right} % 100)"
        return f"({left} {operator} {right})"

    def leaf(self, scope: _Scope) -> str:
        draw = self.draw
        kind = draw.random()
        if kind < 0.35:
            return str(self.constant())
        if kind < 0.85:
            return draw.choice(scope.readable)
        if kind < 0.95:
            name, (length, _) = draw.choice(list(self.arrays.items()))
            return draw.choice((f"{name}[{draw.randrange(length)}]", f"len({name})"))
        return draw.choice(("random()", "read()", "adc(2)", "pin(1)", "True"))
