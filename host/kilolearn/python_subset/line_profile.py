# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a program's cycles went, line by line, and what its globals take; pure.

The bytecode machine takes one operation after the other; each belongs to a line. A line is
entered when an operation of it follows one of another line, or its own first one comes again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kilolearn.python_subset.tree import Program

__all__ = ["LineCost", "Operation", "describe_lines", "describe_memory", "sum_by_line"]


@dataclass(frozen=True)
class Operation:
    """One executed operation.

    Attributes:
        offset: Of its opcode in the bytecode.
        line: Of the source.
        cycles: From its dispatch to the next one's.
    """

    offset: int
    line: int
    cycles: int


@dataclass(frozen=True)
class LineCost:
    """What one source line took: times entered, operations, cycles."""

    times: int
    operations: int
    cycles: int


def sum_by_line(operations: Iterable[Operation]) -> dict[int, LineCost]:
    """Costs by line, in the order of the source."""
    costs: dict[int, LineCost] = {}
    entry = line = None
    for operation in operations:
        cost = costs.get(operation.line, LineCost(0, 0, 0))
        enters = operation.line != line or operation.offset == entry
        if enters:
            entry, line = operation.offset, operation.line
        costs[operation.line] = LineCost(
            cost.times + enters, cost.operations + 1, cost.cycles + operation.cycles
        )
    return dict(sorted(costs.items()))


def describe_lines(costs: dict[int, LineCost], source: str) -> str:
    """The source's lines that were executed, each with its costs."""
    total = sum(cost.cycles for cost in costs.values()) or 1
    text = source.splitlines()
    rows = [f"{'cycles':>12} {'share':>6} {'times':>8} {'operations':>11}  line"]
    rows += [
        f"{cost.cycles:>12,} {100 * cost.cycles / total:>5.1f}% {cost.times:>8,} "
        f"{cost.operations:>11,}  {f'{line}: {text[line - 1]}' if line else 'the end'}"
        for line, cost in costs.items()
    ]
    return "\n".join(rows)


def describe_memory(program: Program) -> str:
    """The bytes of each global, largest first."""
    sizes = {variable.name: 2 for variable in program.variables}
    sizes |= {array.name: array.item_size * len(array.initial) for array in program.arrays}
    rows = [f"{sum(sizes.values()):>12,}  globals"]
    rows += [
        f"{size:>12,}    {name}" for name, size in sorted(sizes.items(), key=lambda item: -item[1])
    ]
    return "\n".join(rows)
