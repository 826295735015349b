# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of a session cost, as JSON that another session can be compared with.

::

    {"schema": 1, "tests": [{"test": "tests/test_blink.py::test_boots", "outcome": "passed",
      "firmware": "blink", "chip": "atmega328p", "hz": 16000000, "flash_bytes": 1022,
      "static_bytes": 27, "stack_bytes": 14, "sram_bytes": 41, "cycles": 120034}]}

A quantity that was not measured is null. Keys stay as they are; new ones may come.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pyavr_sim.budgets import QUANTITIES, Cost, largest
from pyavr_sim.errors import BudgetFileError

__all__ = [
    "CaseCost",
    "Growth",
    "budget_growth",
    "cost_by_firmware",
    "read_costs",
    "write_costs",
]

SCHEMA = 1


@dataclass(frozen=True)
class CaseCost:
    """What one test's firmware took.

    Attributes:
        test: The test's node id.
        outcome: ``"passed"`` or ``"failed"``; a failed test may have ended early.
        firmware: File name of the image, without its suffix.
        chip: As avr-gcc spells it.
        hz: Its clock.
        cost: What it took.
    """

    test: str
    outcome: str
    firmware: str
    chip: str
    hz: int
    cost: Cost

    def as_row(self) -> dict[str, Any]:
        """As an object of the JSON file."""
        row = asdict(self)
        row |= row.pop("cost")
        return row

    @classmethod
    def of_row(cls, row: dict[str, Any]) -> CaseCost:
        """From an object of the JSON file; keys that are not known are left out."""
        cost = Cost(*(None if row[what] is None else int(row[what]) for what in QUANTITIES))
        test, outcome, firmware, chip = (
            str(row[key]) for key in ("test", "outcome", "firmware", "chip")
        )
        return cls(test, outcome, firmware, chip, int(row["hz"]), cost)


@dataclass(frozen=True)
class Growth:
    """What takes more than before.

    Attributes:
        name: The firmware and chip, or for cycles the test.
        what: A quantity of :class:`~pyavr_sim.budgets.Cost`.
        before: None: it was not there.
        now: More than that.
    """

    name: str
    what: str
    before: int | None
    now: int

    def __str__(self) -> str:
        unit = " bytes" if self.what.endswith("_bytes") else ""
        text = f"{self.name}: {self.what.removesuffix('_bytes')}"
        if self.before is None:
            return f"{text} {self.now:,}{unit}, new"
        return f"{text} {self.before:,} -> {self.now:,}{unit} (+{self.now - self.before:,})"


def cost_by_firmware(costs: Iterable[CaseCost]) -> dict[tuple[str, str], Cost]:
    """The most that any test took, by firmware and chip."""
    groups: dict[tuple[str, str], list[Cost]] = {}
    for cost in costs:
        groups.setdefault((cost.firmware, cost.chip), []).append(cost.cost)
    return {key: largest(group) for key, group in groups.items()}


def budget_growth(base: Iterable[CaseCost], now: Iterable[CaseCost]) -> list[Growth]:
    """What grew: bytes by firmware and chip, cycles by test. What is gone is no growth."""
    before, after = _figures(base), _figures(now)
    return [
        Growth(name, what, before.get((name, what)), found)
        for (name, what), found in after.items()
        if found > before.get((name, what), -1)
    ]


def _figures(costs: Iterable[CaseCost]) -> dict[tuple[str, str], int]:
    rows = list(costs)
    named = [
        (f"{firmware} on {chip}", what, getattr(cost, what))
        for (firmware, chip), cost in sorted(cost_by_firmware(rows).items())
        for what in QUANTITIES
        if what != "cycles"
    ]
    named += [(row.test, "cycles", row.cost.cycles) for row in rows]
    return {(name, what): found for name, what, found in named if found is not None}


def write_costs(path: Path, costs: Iterable[CaseCost]) -> None:
    """Write the JSON file.

    Raises:
        BudgetFileError: It cannot be written.
    """
    document = {"schema": SCHEMA, "tests": [cost.as_row() for cost in costs]}
    try:
        path.write_text(json.dumps(document, indent=2) + "\n", "utf-8")
    except OSError as error:
        raise BudgetFileError(f"{path} cannot be written: {error.strerror}.") from error


def read_costs(path: Path) -> list[CaseCost]:
    """Read a file that :func:`write_costs` wrote.

    Raises:
        BudgetFileError: It cannot be read, or is another kind of file.
    """
    try:
        return list(_rows(json.loads(path.read_text("utf-8"))))
    except OSError as error:
        raise BudgetFileError(
            f"{path} cannot be read: {error.strerror}. Make it with pytest --avr-json={path.name}."
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise BudgetFileError(
            f"{path} is no file of costs ({error}). Make it with pytest --avr-json={path.name}."
        ) from error


def _rows(document: Any) -> Iterator[CaseCost]:
    if document["schema"] != SCHEMA:
        raise ValueError(f"schema {document['schema']!r}; expected {SCHEMA}")
    return map(CaseCost.of_row, document["tests"])
