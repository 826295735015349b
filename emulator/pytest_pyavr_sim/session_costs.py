# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of a session cost: gathered from their reports, written, compared.

A cost travels as the test's properties, which pytest-xdist carries from its workers and which
JUnit files show.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pyavr_sim.budget_file import find_budget_file, update_budgets
from pyavr_sim.budgets import QUANTITIES, Cost
from pyavr_sim.cost_report import (
    CaseCost,
    budget_growth,
    cost_by_firmware,
    read_costs,
    write_costs,
)

__all__ = ["cost_properties", "settle_costs"]

_PREFIX = "avr_"


def cost_properties(
    firmware: str, chip: str, hz: int | None, cost: Cost
) -> list[tuple[str, object]]:
    """A test's cost as properties; what was not measured is left out."""
    row = {"firmware": firmware, "chip": chip, "hz": hz} | vars(cost)
    return [(_PREFIX + key, value) for key, value in row.items() if value is not None]


def settle_costs(config: pytest.Config) -> Iterator[str]:
    """Do at the end of a session what the options ask for; yields lines to be printed.

    Raises:
        BudgetFileError: A file cannot be read or written, or is no such file.
    """
    costs = list(_costs(config))
    if base := config.getoption("avr_budget_diff"):
        growth = budget_growth(read_costs(Path(base)), costs)
        yield f"grew since {base}:" if growth else f"nothing grew since {base}"
        yield from (f"  {row}" for row in growth)
    if target := config.getoption("avr_json"):
        write_costs(Path(target), costs)
        yield f"costs of {len(costs)} tests written to {target}"
    if config.getoption("avr_budget_update"):
        passed = cost_by_firmware(cost for cost in costs if cost.outcome == "passed")
        path = find_budget_file(config.rootpath) or config.rootpath / "pyavr-sim.toml"
        update_budgets(path, passed)
        yield f"budgets of {len(passed)} firmwares written to {path}"


def _costs(config: pytest.Config) -> Iterator[CaseCost]:
    terminal: Any = config.pluginmanager.get_plugin("terminalreporter")
    reports = [report for reports in terminal.stats.values() for report in reports]
    calls = [report for report in reports if getattr(report, "when", None) == "call"]
    for report in sorted(calls, key=lambda report: report.nodeid):
        row = {key.removeprefix(_PREFIX): value for key, value in report.user_properties}
        if "firmware" in row:
            row = dict.fromkeys(QUANTITIES) | {"hz": None} | row
            yield CaseCost.of_row(row | {"test": report.nodeid, "outcome": report.outcome})
