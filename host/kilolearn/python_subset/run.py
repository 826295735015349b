# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run of a program leaves behind: the same by CPython, bytecode and ahead-of-time C."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

__all__ = ["ErrorKind", "Run", "RunError"]

ErrorKind = Literal[
    "ZeroDivisionError", "IndexError", "OverflowError", "ValueError", "RecursionError"
]


@dataclass(frozen=True)
class RunError:
    """The error that ended a run.

    Attributes:
        kind: CPython's name of it.
        line: The Python line that raised it, 1 is the first.
    """

    kind: ErrorKind
    line: int


@dataclass(frozen=True)
class Run:
    """The end of a program.

    Attributes:
        outputs: The values given to ``emit``, in their order.
        variables: Every global, an array as a tuple. One that was never assigned is 0.
        error: None when the program came to its end.
    """

    outputs: tuple[int, ...]
    variables: Mapping[str, int | tuple[int, ...]]
    error: RunError | None
