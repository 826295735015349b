# SPDX-License-Identifier: GPL-3.0-or-later
"""What a session's tests took: in JUnit files, in JSON, in the budget file, under pytest-xdist."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET

import pytest

from pyavr_sim import Firmware
from pyavr_sim.budget_file import read_budgets
from pyavr_sim.budgets import Budget

TESTS = """
def test_rests(chip):
    chip.run(1000)

def test_dives(chip):
    chip.uart(0).write(b"d")
    chip.run(1_000_000, until=until.uart_bytes(12))

def test_has_no_firmware():
    pass
"""


def costs(path) -> dict[str, dict]:
    document = json.loads(path.read_text())
    return {row["test"].split("::")[1]: row for row in document["tests"]}


@pytest.mark.parametrize("workers", [[], ["-n2"]], ids=["alone", "xdist"])
def test_costs_are_written_as_json(project, pytester, meter, workers):
    result = project(TESTS, "--avr-json=costs.json", *workers)

    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines(["costs of 2 tests written to costs.json"])
    found = costs(pytester.path / "costs.json")
    assert found.keys() == {"test_rests", "test_dives"}
    assert found["test_rests"]["cycles"] == 1000
    assert found["test_dives"] | {"cycles": None} == {
        "test": "test_meter.py::test_dives",
        "outcome": "passed",
        "firmware": "meter",
        "chip": "atmega328p",
        "hz": 16_000_000,
        "flash_bytes": Firmware.load(meter).flash_bytes,
        "static_bytes": 77,
        "stack_bytes": 108,
        "sram_bytes": 185,
        "cycles": None,
    }


def test_costs_are_properties_in_a_junit_file(project, pytester):
    project(TESTS, "--junitxml=junit.xml").assert_outcomes(passed=3)

    cases = {case.get("name"): case for case in ET.parse("junit.xml").iter("testcase")}
    properties = {p.get("name"): p.get("value") for p in cases["test_dives"].iter("property")}
    assert properties["avr_sram_bytes"] == "185"
    assert properties["avr_chip"] == "atmega328p"
    assert not list(cases["test_has_no_firmware"].iter("property"))


@pytest.mark.parametrize("workers", [[], ["-n2"]], ids=["alone", "xdist"])
def test_budgets_are_rewritten_and_then_held(project, pytester, meter, workers):
    path = pytester.path / "pyavr-sim.toml"
    path.write_text("[budget.meter.atmega328p]\nstack_bytes = 9  # little\n")
    failed = project(TESTS, *workers)
    failed.assert_outcomes(passed=2, failed=1)
    failed.stdout.fnmatch_lines(
        ["meter.elf is over budget: stack 108 bytes, 99 over 9 (pyavr-sim.toml)"]
    )

    updated = project(TESTS, "--avr-budget-update", *workers)

    updated.assert_outcomes(passed=3)
    updated.stdout.fnmatch_lines(["budgets of 1 firmwares written to *pyavr-sim.toml"])
    assert "stack_bytes = 108  # little" in path.read_text()
    project(TESTS, *workers).assert_outcomes(passed=3)


def test_an_update_without_a_budget_file_makes_one(project, pytester, meter):
    project(TESTS, "--avr-budget-update").assert_outcomes(passed=3)

    flash = Firmware.load(meter).flash_bytes
    assert read_budgets(pytester.path / "pyavr-sim.toml") == {
        ("meter", "atmega328p"): Budget(flash, 77, 108, 185)
    }


def test_a_failed_test_does_not_set_a_budget(project, pytester):
    project(TESTS + "    assert False\n" + TESTS.split("def test_has", maxsplit=1)[0].replace(
        "test_dives(chip):", "test_fails(chip):\n    assert chip.run(9) is None"
    ), "--avr-budget-update", "-k", "fails")  # fmt: skip

    assert read_budgets(pytester.path / "pyavr-sim.toml") == {}


def test_what_grew_is_printed(project, pytester):
    project(TESTS, "--avr-json=base.json").assert_outcomes(passed=3)
    same = project(TESTS, "--avr-budget-diff=base.json")
    same.stdout.fnmatch_lines(["nothing grew since base.json"])

    more = project(TESTS.replace("1000", "2000", 1), "--avr-budget-diff=base.json")

    more.stdout.fnmatch_lines(
        ["grew since base.json:", "  test_meter.py::test_rests: cycles 1,000 -> 2,00? (+1,00?)"]
    )


def test_a_base_that_is_not_there_is_one_message_and_a_usage_error(project):
    result = project(TESTS, "--avr-budget-diff=no.json")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stdout.fnmatch_lines(["ERROR: no.json cannot be read: *"])


def test_a_damaged_budget_file_fails_the_tests_with_its_message(project, pytester):
    (pytester.path / "pyavr-sim.toml").write_text("[budget")
    result = project(TESTS)

    result.assert_outcomes(passed=1, failed=2)
    result.stdout.fnmatch_lines(["*pyavr-sim.toml is not TOML*"])
    result.stdout.no_fnmatch_line("*Traceback*")


def test_a_session_without_firmware_never_imports_the_emulator(pytester):
    pytester.makepyfile("import sys\ndef test_x():\n    assert 'pyavr_sim' not in sys.modules\n")
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("*AVR*")
