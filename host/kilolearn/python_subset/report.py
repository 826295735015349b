# SPDX-License-Identifier: GPL-3.0-or-later
"""Says in Python's words how a run ended; computes nothing."""

from __future__ import annotations

from collections.abc import Mapping

from kilolearn.python_subset.execution import Cost
from kilolearn.python_subset.run import ErrorKind

__all__ = ["describe_cost", "describe_globals", "describe_run_error"]

_MEANING: dict[ErrorKind, str] = {
    "ZeroDivisionError": "division by zero",
    "IndexError": "index out of range",
    "OverflowError": "a value beyond -32768 to 32767",
    "ValueError": "a bytearray's item beyond 0 to 255, or a negative shift",
    "RecursionError": "calls too deep for the chip's SRAM",
}


def describe_run_error(kind: ErrorKind, path: str, number: int, line: str) -> str:
    """The last lines of Python's traceback: file, line, source line, kind."""
    return f'  File "{path}", line {number}\n    {line.strip()}\n{kind}: {_MEANING[kind]}'


def describe_globals(variables: Mapping[str, int | tuple[int, ...]]) -> str:
    """A line a global, as an assignment."""
    return "\n".join(
        f"{name} = {list(value) if isinstance(value, tuple) else value}"
        for name, value in variables.items()
    )


def describe_cost(cost: Cost) -> str:
    """A line for time, a line for memory."""
    program = f", {cost.bytecode_bytes:,} of them bytecode" if cost.bytecode_bytes is not None else ""
    return (
        f"{cost.mcu}, {cost.hz / 1e6:g} MHz: {cost.cycles:,} cycles, "
        f"{1000 * cost.cycles / cost.hz:,.1f} ms\n"
        f"flash {cost.flash_bytes:,} B{program}; SRAM {cost.sram_high_water:,} of "
        f"{cost.sram_total:,} B with the stack"
    )
