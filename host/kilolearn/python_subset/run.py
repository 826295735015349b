# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run of a program leaves behind: the same by CPython, bytecode and ahead-of-time C."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

__all__ = ["ErrorKind", "Run", "RunError", "Variables"]

ErrorKind = Literal[
    "ZeroDivisionError", "IndexError", "OverflowError", "ValueError", "RecursionError"
]


#: Every global by name, an array as a tuple.
Variables = Mapping[str, int | tuple[int, ...]]


@dataclass(frozen=True)
class RunError:
    """The error that ended a run.

    Attributes:
        kind: CPython's name of it.
        line: The Python line that raised it, 1 is the first.
    """

    kind: ErrorKind
    line: int

    @classmethod
    def numbered(cls, number: int, line: int) -> RunError:
        """The error that a chip numbers so; 1 is the first of :data:`ErrorKind`."""
        return cls(get_args(ErrorKind)[number - 1], line)


@dataclass(frozen=True)
class Run:
    """The end of a program.

    Attributes:
        outputs: The values given to ``emit``, in their order.
        variables: Of the program. One that was never assigned is 0.
        error: None when the program came to its end.
    """

    outputs: tuple[int, ...]
    variables: Variables
    error: RunError | None
