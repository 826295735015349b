# SPDX-License-Identifier: GPL-3.0-or-later
"""Statements typed one by one: what each becomes, and how a conversation survives errors."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kilolearn.errors import ChipRejectedError, LinkTimeoutError, SubsetError
from kilolearn.python_subset.conversation import converse
from kilolearn.python_subset.run import Run, RunError
from kilolearn.python_subset.session import Session
from kilolearn.python_subset.tree import Assign, CallBuiltin, Constant, ExpressionStatement, Load


def places(program) -> dict[str, int]:
    return {named.name: named.index for named in (*program.variables, *program.arrays)}


def take(session: Session, statement: str):
    """What the chip is given for a statement, which it then keeps."""
    snippet = session.compile(statement)
    session.keep(snippet)
    return snippet.program


def test_a_global_keeps_its_place_and_is_no_constant():
    session = Session()
    for statement in ("x = 5", "a = [1, 2]", "y = 6", "b = bytearray(3)"):
        take(session, statement)
    program = take(session, "y + x")
    assert places(program) == {"x": 0, "y": 1, "a": 0, "b": 1}
    (shown,) = program.body
    assert isinstance(shown, ExpressionStatement)
    assert shown.value.name == "emit"
    assert isinstance(shown.value.arguments[0].left, Load)


def test_an_expression_is_emitted_and_a_statement_is_not():
    session = Session()
    take(session, "x = 5")
    assert isinstance(take(session, "x = 7").body[0], Assign)
    emitted = (ExpressionStatement(CallBuiltin("emit", (Constant(3),), 2), 2),)
    assert take(session, "emit(3)").body == emitted
    assert take(session, "3").body == emitted
    assert take(session, "# nothing").body == ()


def test_a_new_array_has_its_values_and_an_old_one_those_on_the_chip():
    session = Session()
    assert take(session, "a = [7, 8]").arrays[0].initial == (7, 8)
    assert take(session, "b = bytearray(b'x')").arrays[1].initial == (120,)


def test_a_function_is_compiled_into_what_calls_it():
    session = Session()
    assert take(session, "def f(n):\n    return n + 1").body == ()
    take(session, "def g(n):\n    return f(n) * 2")
    assert {f.name for f in take(session, "g(1)").functions} == {"f", "g"}
    assert take(session, "4 + 4").functions == ()
    take(session, "def f(n):\n    return n - 1")
    (function,) = take(session, "f(1)").functions
    assert function.body[0].value.operator == "-"


def test_what_is_refused_or_not_kept_changes_nothing():
    session = Session()
    take(session, "x = 1")
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
    session.compile("y = 2")
    assert places(take(session, "x")) == {"x": 0}


class Scripted:
    """A machine that answers as told."""

    def __init__(self, *answers: Run | Exception) -> None:
        self.answers: Iterator[Run | Exception] = iter(answers)
        self.restarts = 0

    def run(self, program, hear) -> Run:
        if not program.body:
            return Run((), {}, None)
        answer = next(self.answers)
        if isinstance(answer, Exception):
            raise answer
        for value in answer.outputs:
            hear(value)
        return answer

    def restart(self) -> None:
        self.restarts += 1


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
        ChipRejectedError("too large", 1, 0),
        Run((3,), {}, None),
    )
    lines = ["x = 1", "def f():", "    return 1 // x", "", "if x:", "    f()", "", "x", "y +", "x"]
    assert talk(machine, *lines) == [
        "1",
        "2",
        '  File "<stdin>", line 2\n    return 1 // x\nZeroDivisionError: division by zero',
        "too large",
        "<stdin>:1:4: this is not Python (invalid syntax); mend it so that python3 takes the file",
        "3",
    ]


def test_an_error_in_an_expression_shows_it_as_typed():
    machine = Scripted(Run((), {}, None), Run((), {}, RunError("ZeroDivisionError", 2)))
    assert talk(machine, "x = 0", "1 // x")[0].splitlines()[1] == "    1 // x"


def test_a_silent_chip_is_reset_and_forgets():
    machine = Scripted(Run((), {}, None), LinkTimeoutError("silence"))
    said = talk(machine, "x = 1", "while x: pass", "", "x")
    assert machine.restarts == 1
    assert said[0] == "silence\nThe chip is reset; its globals and functions are gone."
    assert said[1].startswith("<stdin>:1:1: x has no value anywhere")


def test_ctrl_c_drops_what_was_typed_and_the_end_of_input_completes_it():
    machine = Scripted(Run((4,), {}, None))
    assert talk(machine, "if 1:", KeyboardInterrupt, "for i in range(1):", "    emit(4)") == [
        "KeyboardInterrupt",
        "4",
    ]
