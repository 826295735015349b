# SPDX-License-Identifier: GPL-3.0-or-later
"""Read a statement, run it on the chip, print what it emits; again."""

from __future__ import annotations

import codeop
from collections.abc import Callable
from typing import Protocol

from kilolearn.errors import ChipRejectedError, KilolearnError, LinkError
from kilolearn.python_subset.report import describe_run_error
from kilolearn.python_subset.run import Run
from kilolearn.python_subset.session import PATH, Session, Snippet
from kilolearn.python_subset.tree import Program

__all__ = ["Machine", "converse"]


class Machine(Protocol):
    """What runs programs and keeps their globals from one to the next."""

    def run(self, program: Program, hear: Callable[[int], None]) -> Run:
        """Run the body of a program; the globals that were there before are where they were.

        Raises:
            LinkError: The chip does not answer; but a ChipRejectedError is an answer.
            KilolearnError: The program cannot be run.
        """

    def restart(self) -> None:
        """Reset the chip, which forgets everything.

        Raises:
            LinkError: It does not answer after that either.
        """


def converse(machine: Machine, ask: Callable[[str], str], say: Callable[[str], None]) -> None:
    """Until there is no more input. An error is told, and the next statement taken.

    Args:
        machine: That runs them.
        ask: For a line, after a prompt; raises EOFError at the end of the input, KeyboardInterrupt
            to drop what was typed.
        say: Prints a line.

    Raises:
        LinkError: The chip does not answer, and a reset does not help.
    """
    session = Session()
    while True:
        try:
            snippet = session.compile(_statement(ask))
            _run(machine, snippet, say)
            session.keep(snippet)
        except EOFError:
            return
        except KeyboardInterrupt:
            say("KeyboardInterrupt")
        except ChipRejectedError as error:
            say(str(error))
        except LinkError as error:
            say(f"{error}\nThe chip is reset; its globals and functions are gone.")
            machine.restart()
            session = Session()
        except KilolearnError as error:
            say(str(error))


def _statement(ask: Callable[[str], str]) -> str:
    """Lines up to a complete statement; what is wrong counts as complete, and so does the last."""
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


def _run(machine: Machine, snippet: Snippet, say: Callable[[str], None]) -> None:
    run = machine.run(snippet.program, lambda value: say(str(value)))
    if run.error is not None:
        number, line = snippet.explain(run.error.line)
        say(describe_run_error(run.error.kind, PATH, number, line))
