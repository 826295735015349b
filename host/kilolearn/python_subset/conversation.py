# SPDX-License-Identifier: GPL-3.0-or-later
"""Read a statement, run it on the chip, print what it emitted; again."""

from __future__ import annotations

import codeop
from collections.abc import Callable
from typing import Protocol

from kilolearn.errors import KilolearnError
from kilolearn.python_subset.report import describe_run_error
from kilolearn.python_subset.run import Run
from kilolearn.python_subset.session import PATH, Session
from kilolearn.python_subset.tree import Program

__all__ = ["Machine", "converse"]


class Machine(Protocol):
    """What runs programs and keeps their globals from one to the next."""

    def run(self, program: Program) -> Run:
        """Run the body of a program whose globals lie where they lay before.

        Raises:
            KilolearnError: It does not fit, did not end, or the chip does not answer.
        """


def converse(machine: Machine, ask: Callable[[str], str], say: Callable[[str], None]) -> None:
    """Until there is no more input. An error is told, and the next statement taken.

    Args:
        machine: That runs them.
        ask: For a line, after a prompt; raises EOFError at the end of the input, KeyboardInterrupt
            to drop what was typed.
        say: Prints a line.
    """
    session = Session()
    while True:
        try:
            statement = _statement(ask)
        except EOFError:
            return
        except KeyboardInterrupt:
            say("KeyboardInterrupt")
            continue
        try:
            _take(session, machine, statement, say)
        except KilolearnError as error:
            say(str(error))


def _statement(ask: Callable[[str], str]) -> str:
    """Lines up to a complete statement; what is wrong counts as complete."""
    lines = [ask(">>> ")]
    while True:
        source = "\n".join(lines)
        try:
            if codeop.compile_command(source, PATH) is not None:
                return source
        except (SyntaxError, ValueError, OverflowError):
            return source
        try:
            lines.append(ask("... "))
        except EOFError:
            return source


def _take(session: Session, machine: Machine, statement: str, say: Callable[[str], None]) -> None:
    snippet = session.compile(statement)
    if snippet is None:
        return
    run = machine.run(snippet.program)
    for value in run.outputs:
        say(str(value))
    if run.error is not None:
        number, line = snippet.explain(run.error.line)
        say(describe_run_error(run.error.kind, PATH, number, line))
