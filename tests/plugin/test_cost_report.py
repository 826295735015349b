# SPDX-License-Identifier: GPL-3.0-or-later
"""What a session's tests cost, as a file, and what grew since another."""

from __future__ import annotations

import json

import pytest

from pyavr_sim.budgets import Cost
from pyavr_sim.cost_report import CaseCost, Growth, budget_growth, read_costs, write_costs
from pyavr_sim.errors import BudgetFileError


def case(test: str, cost: Cost, chip: str = "attiny85") -> CaseCost:
    return CaseCost(test, "passed", "blink", chip, 8_000_000, cost)


def test_a_file_of_costs_reads_back(tmp_path):
    costs = [case("a.py::one", Cost(900, 1, 2, 3, 4)), case("a.py::two", Cost(flash_bytes=900))]
    path = tmp_path / "costs.json"

    write_costs(path, costs)

    assert read_costs(path) == costs
    assert json.loads(path.read_text())["tests"][1]["stack_bytes"] is None


def test_bytes_grow_by_firmware_and_cycles_by_test():
    base = [case("one", Cost(900, 10, 20, 30, 100)), case("two", Cost(900, 10, 25, 35, 100))]
    now = [case("one", Cost(910, 10, 24, 34, 150)), case("two", Cost(910, 10, 24, 34, 90))]

    assert budget_growth(base, now) == [
        Growth("blink on attiny85", "flash_bytes", 900, 910),
        Growth("one", "cycles", 100, 150),
    ]


def test_what_is_new_grew_and_what_is_gone_did_not():
    base = [case("one", Cost(flash_bytes=900))]
    now = [case("one", Cost(flash_bytes=800), chip="atmega328p")]

    assert [str(row) for row in budget_growth(base, now)] == [
        "blink on atmega328p: flash 800 bytes, new"
    ]
    assert str(Growth("one", "cycles", 1000, 1500)) == "one: cycles 1,000 -> 1,500 (+500)"


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", '{"schema": 2, "tests": []}', '{"schema": 1, "tests": [{}]}',
     '{"schema": 1, "tests": 3}', '{"schema": 1, "tests": [3]}'],
)  # fmt: skip
def test_another_file_is_refused(tmp_path, text):
    path = tmp_path / "costs.json"
    path.write_text(text)

    with pytest.raises(BudgetFileError, match="--avr-json"):
        read_costs(path)
