# SPDX-License-Identifier: GPL-3.0-or-later
"""Verdicts about costs, and budgets in files."""

from __future__ import annotations

import tomllib

import pytest

from pyavr_sim.budget_file import budget_of, find_budget_file, read_budgets, update_budgets
from pyavr_sim.budgets import Budget, Cost, Excess, excesses, largest
from pyavr_sim.errors import BudgetFileError

BOTH_FILES = pytest.mark.parametrize(
    ("name", "prefix"), [("pyavr-sim.toml", ""), ("pyproject.toml", "tool.pyavr_sim.")]
)


def test_only_what_is_above_its_limit_is_over_budget():
    cost = Cost(flash_bytes=1000, static_bytes=50, stack_bytes=31, sram_bytes=81, cycles=900)
    budget = Budget(flash_bytes=1000, stack_bytes=30, cycles=899)

    assert excesses(cost, budget) == [Excess("stack_bytes", 31, 30), Excess("cycles", 900, 899)]


def test_what_was_not_measured_is_never_over_budget():
    assert excesses(Cost(flash_bytes=1), Budget(0, 0, 0, 0, 0)) == [Excess("flash_bytes", 1, 0)]


def test_an_excess_says_how_much_it_is_over():
    assert str(Excess("sram_bytes", 1224, 1024)) == "sram 1,224 bytes, 200 over 1,024"
    assert str(Excess("cycles", 1001, 1000)) == "cycles 1,001, 1 over 1,000"


@pytest.mark.parametrize("limit", [-1, 1.5, "12", True])
def test_a_limit_is_a_whole_number(limit):
    with pytest.raises(ValueError, match="stack_bytes is limited to"):
        Budget(stack_bytes=limit)


def test_the_largest_cost_is_taken_by_quantity():
    costs = [Cost(flash_bytes=5, cycles=1), Cost(flash_bytes=4, stack_bytes=7, cycles=3)]
    assert largest(costs) == Cost(flash_bytes=5, stack_bytes=7, cycles=3)


@BOTH_FILES
def test_budgets_are_read_by_firmware_and_chip(tmp_path, name, prefix):
    path = tmp_path / name
    path.write_text(
        f"[{prefix}budget.blink.atmega328p]\nflash_bytes = 900\nsram_bytes = 90\n"
        f'[{prefix}budget.blink."*"]\nflash_bytes = 1200\ncycles = 7\n'
    )
    below = tmp_path / "tests" / "deep"
    below.mkdir(parents=True)

    budgets = read_budgets(find_budget_file(below))

    assert budget_of(budgets, "blink", "atmega328p") == Budget(
        flash_bytes=900, sram_bytes=90, cycles=7
    )
    assert budget_of(budgets, "blink", "attiny85") == Budget(flash_bytes=1200, cycles=7)
    assert budget_of(budgets, "other", "attiny85") == Budget()


def test_a_project_without_budgets_is_passed_over(tmp_path):
    (tmp_path / "pyavr-sim.toml").write_text("")
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "pyproject.toml").write_text("[project]\nname = 'x'\n")

    assert find_budget_file(inner) == tmp_path / "pyavr-sim.toml"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[budget", "is not TOML"),
        ("budget = 3", "is 3; expected a table"),
        ("[budget]\nblink = 3", "blink is 3; expected a table"),
        ("[budget.blink]\nflash_bytes = 1000", "flash_bytes is 1000; expected a table"),
        ("[budget.blink.attiny85]\nflash = 1000", "limits 'flash'; expected one of flash_bytes"),
        ("[budget.blink.attiny85]\nflash_bytes = '1k'", "flash_bytes is limited to '1k'"),
    ],
)
def test_a_damaged_budget_file_is_refused_with_the_place(tmp_path, text, complaint):
    path = tmp_path / "pyavr-sim.toml"
    path.write_text(text)

    with pytest.raises(BudgetFileError, match=complaint) as error:
        read_budgets(path)

    assert str(path) in str(error.value)


@pytest.mark.parametrize("damage", [b"\xff\xfe", None], ids=["binary", "missing"])
def test_a_file_that_is_no_text_is_refused(tmp_path, damage):
    path = tmp_path / "pyavr-sim.toml"
    if damage:
        path.write_bytes(damage)
    with pytest.raises(BudgetFileError):
        read_budgets(path)


@BOTH_FILES
def test_an_update_keeps_comments_and_the_choice_of_limits(tmp_path, name, prefix):
    path = tmp_path / name
    path.write_text(
        f"# ours\n[{prefix}budget.blink.attiny85]\nflash_bytes = 900  # fits the old part\n"
        "\n[other]\nkey = 'value'\n"
    )
    cost = Cost(flash_bytes=1000, static_bytes=1, stack_bytes=2, sram_bytes=3, cycles=4)

    update_budgets(path, {("blink", "attiny85"): cost, ("sense", "atmega328p"): cost})

    text = path.read_text()
    assert "# ours" in text
    assert "flash_bytes = 1000  # fits the old part" in text
    assert tomllib.loads(text)["other"] == {"key": "value"}
    assert read_budgets(path) == {
        ("blink", "attiny85"): Budget(flash_bytes=1000),
        ("sense", "atmega328p"): Budget(1000, 1, 2, 3),
    }


@BOTH_FILES
def test_an_update_makes_a_file_that_reads_back(tmp_path, name, prefix):
    path = tmp_path / name

    update_budgets(path, {("sketch.ino", "*"): Cost(flash_bytes=1000)})

    assert read_budgets(path) == {("sketch.ino", "*"): Budget(flash_bytes=1000)}


def test_a_file_that_cannot_be_written_is_an_error(tmp_path):
    with pytest.raises(BudgetFileError, match="cannot be written"):
        update_budgets(tmp_path / "no" / "pyavr-sim.toml", {})
