# SPDX-License-Identifier: GPL-3.0-or-later
"""Says in Python's words how a run ended; computes nothing."""

from __future__ import annotations

from collections.abc import Mapping

from kilolearn.python_subset.emulated import ChipRun
from kilolearn.python_subset.execution import Image
from kilolearn.python_subset.run import ErrorKind

__all__ = ["describe_cost", "describe_globals", "describe_image", "describe_run_error"]

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


def describe_image(image: Image) -> str:
    """What a program takes of its chip's flash."""
    size = image.bytecode.size if image.bytecode else None
    program = "" if size is None else f", {size:,} B of it bytecode"
    return f"{image.mcu}: flash {image.size.flash_bytes:,} B{program}"


def describe_cost(cost: ChipRun) -> str:
    """What a run took of its chip."""
    return (
        f"{cost.cycles:,} cycles, {cost.busy_cycles:,} without the line; "
        f"SRAM {cost.sram_high_water:,} B with the stack"
    )
