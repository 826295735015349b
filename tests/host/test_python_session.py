# SPDX-License-Identifier: GPL-3.0-or-later
"""Statements typed one by one: what each compiles to, and how a conversation goes on after errors."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kilolearn.errors import LinkTimeoutError, SubsetError
from kilolearn.python_subset.conversation import converse
from kilolearn.python_subset.run import Run, RunError
from kilolearn.python_subset.session import Session
from kilolearn.python_subset.tree import Assign, CallBuiltin, Constant, ExpressionStatement, Load


def places(program) -> dict[str, int]:
    return {named.name: named.index for named in (*program.variables, *program.arrays)}


def test_a_global_keeps_its_place_and_is_no_constant():
    session = Session()
    for statement in ("x = 5", "a = [1, 2]", "y = 6", "b = bytearray(3)"):
        session.compile(statement)
    program = session.compile("y + x").program
    assert places(program) == {"x": 0, "y": 1, "a": 0, "b": 1}
    (shown,) = program.body
    assert isinstance(shown, ExpressionStatement)
    assert shown.value.name == "emit"
    assert isinstance(shown.value.arguments[0].left, Load)


def test_an_expression_is_emitted_and_a_statement_is_not():
    session = Session()
    session.compile("x = 5")
    assert isinstance(session.compile("x = 7").program.body[0], Assign)
    assert session.compile("emit(3)").program.body == (
        ExpressionStatement(CallBuiltin("emit", (Constant(3),), 2), 2),
    )
    assert session.compile("# nothing") is None


def test_a_new_array_gets_its_values_once():
    session = Session()
    stores = session.compile("a = [7, 8]").program.body
    assert [(store.index.value, store.value.value) for store in stores] == [(0, 7), (1, 8)]
    assert len(session.compile("a[0]").program.body) == 1


def test_a_function_is_compiled_into_what_calls_it():
    session = Session()
    assert session.compile("def f(n):\n    return n + 1") is None
    session.compile("def g(n):\n    return f(n) * 2")
    assert {f.name for f in session.compile("g(1)").program.functions} == {"f", "g"}
    assert session.compile("4 + 4").program.functions == ()
    session.compile("def f(n):\n    return n - 1")
    (function,) = session.compile("f(1)").program.functions
    assert function.body[0].value.operator == "-"


def test_what_is_refused_changes_nothing():
    session = Session()
    session.compile("x = 1")
    for wrong, said in (
        ("y = zz", "<stdin>:1:5: zz "),
        ("x = 1\nimport os", "<stdin>:2:1: "),
        ("def f(a=1):\n    return a", "<stdin>:1:"),
        ("x +=", "<stdin>:1:5: this is not Python"),
        ("x = [1]", "<stdin>:1:1: x is an array"),
    ):
        with pytest.raises(SubsetError) as refusal:
            session.compile(wrong)
        assert str(refusal.value).startswith(said)
    assert places(session.compile("x").program) == {"x": 0}


class Scripted:
    """A machine that answers as told."""

    def __init__(self, *answers: Run | Exception) -> None:
        self.answers: Iterator[Run | Exception] = iter(answers)

    def run(self, program) -> Run:
        answer = next(self.answers)
        if isinstance(answer, Exception):
            raise answer
        return answer


def talk(machine: Scripted, *lines: str | type[BaseException]) -> list[str]:
    """What is said to lines typed; at their end the input ends."""
    typed, said = iter(lines), []

    def ask(_prompt: str) -> str:
        line = next(typed, EOFError)
        if isinstance(line, str):
            return line
        raise line

    converse(machine, ask, said.append)
    return said


def test_errors_do_not_end_a_conversation():
    machine = Scripted(
        Run((), {}, None),
        Run((1, 2), {}, RunError("ZeroDivisionError", 3)),
        LinkTimeoutError("the chip is silent"),
        Run((3,), {}, None),
    )
    lines = ["x = 1", "def f():", "    return 1 // x", "", "if x:", "    f()", "", "x", "y +", "x"]
    assert talk(machine, *lines) == [
        "1",
        "2",
        '  File "<stdin>", line 2\n    return 1 // x\nZeroDivisionError: division by zero',
        "the chip is silent",
        "<stdin>:1:4: this is not Python (invalid syntax); mend it so that python3 takes the file",
        "3",
    ]


def test_ctrl_c_drops_what_was_typed_and_the_end_of_input_completes_it():
    machine = Scripted(Run((4,), {}, None))
    assert talk(machine, "if 1:", KeyboardInterrupt, "for i in range(1):", "    emit(4)") == [
        "KeyboardInterrupt",
        "4",
    ]
