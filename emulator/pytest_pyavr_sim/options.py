# SPDX-License-Identifier: GPL-3.0-or-later
"""Options and markers of the plugin, as pytest wants them declared."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

__all__ = [
    "LIMITS",
    "MARKERS",
    "CoverageRequest",
    "add_options",
    "check_options",
    "coverage_request",
]

LIMITS = {
    "limit_sram": "sram_bytes",
    "limit_stack": "stack_bytes",
    "limit_flash": "flash_bytes",
    "limit_cycles": "cycles",
}
"""Markers of one number, and the quantity of :class:`pyavr_sim.budgets.Budget` that they limit."""

MARKERS = (
    "firmware(path_or_app, mcu=None, hz=None): what to run; an app is made by ini avr_build",
    "limit_sram(bytes): static data and the deepest stack together",
    "limit_stack(bytes): the deepest stack",
    "limit_flash(bytes): the image in flash",
    "limit_cycles(count): emulated cycles from power-up to the end of the test",
    "no_uninitialised_reads: fail when the firmware reads SRAM that nothing has written",
    "hardware: needs a board; skipped without --avr-port",
)

AVRDUDE = "-c arduino -P {port} -D"


@dataclass(frozen=True)
class CoverageRequest:
    """What is to be told about the lines that were executed.

    Attributes:
        folders: Of the sources.
        lcov_file: To be written, if any.
        percent_least: Fewer lines than these fail the session, if any number does.
    """

    folders: tuple[Path, ...]
    lcov_file: Path | None
    percent_least: float | None


def add_options(parser: pytest.Parser) -> None:
    """Declare them."""
    group = parser.getgroup("avr", "AVR firmware (pyavr_sim)")
    add = group.addoption
    add("--avr-port", metavar="PORT", help="run on the board at this device or pyserial URL")
    add("--avr-flash", action="store_true", help="program the board with avrdude before its tests")
    add("--avr-golden-update", action="store_true", help="write the golden files of golden_run")
    add("--avr-json", metavar="FILE", help="write what each test's firmware took")
    add("--avr-budget-update", action="store_true", help="make what was measured the budget")
    add("--avr-budget-diff", metavar="BASE", help="print what grew since the --avr-json of BASE")
    add("--avr-coverage", metavar="DIR", action="append", help="lines executed of sources in DIR")
    add("--avr-coverage-lcov", metavar="FILE", help="write them as an lcov tracefile")
    add("--avr-coverage-fail-under", metavar="PCT", help="fail below so many percent of lines")
    parser.addini("avr_build", "command that makes an app, such as: make {app}.elf MCU={mcu}")
    parser.addini("avr_artifact", "the image that avr_build leaves, relative to the rootdir")
    parser.addini("avr_mcu", "chip of firmwares that do not say theirs, such as atmega328p")
    parser.addini("avr_coverage", "folders, relative to the rootdir", type="paths")
    parser.addini("avr_coverage_lcov", "file")
    parser.addini("avr_coverage_fail_under", "percent")
    parser.addini("avr_baud", "of a board's firmware", default="9600")
    parser.addini("avr_avrdude", "avrdude's programmer and port", default=AVRDUDE)


def check_options(config: pytest.Config) -> None:
    """Refuse options that contradict each other.

    Raises:
        pytest.UsageError: They do.
    """
    port = config.getoption("avr_port")
    if config.getoption("avr_flash") and not port:
        raise pytest.UsageError("--avr-flash programs a board: give --avr-port, too")
    if port and getattr(config.option, "numprocesses", None):
        raise pytest.UsageError("--avr-port has one board for all tests: leave out -n")
    if not config.getini("avr_baud").isdecimal():
        raise pytest.UsageError(
            f"the ini option avr_baud is {config.getini('avr_baud')!r}; expected a number"
        )


def coverage_request(config: pytest.Config) -> CoverageRequest | None:
    """What ``--avr-coverage`` and its kin ask for; None: nothing.

    Raises:
        pytest.UsageError: They make no sense.
    """
    here, root = config.invocation_params.dir, config.rootpath
    asked = [here / folder for folder in config.getoption("avr_coverage") or []]
    folders = tuple(folder.resolve() for folder in asked or config.getini("avr_coverage"))
    for folder in folders:
        if not folder.is_dir():
            raise pytest.UsageError(f"--avr-coverage takes a folder of sources; found {folder}")
    asked_file, ini_file = config.getoption("avr_coverage_lcov"), config.getini("avr_coverage_lcov")
    lcov_file = here / asked_file if asked_file else root / ini_file if ini_file else None
    option = "avr_coverage_fail_under"
    percent = _percent(config.getoption(option) or config.getini(option))
    if (asked_file or config.getoption(option)) and not folders:
        raise pytest.UsageError("name the folder of the sources to cover: --avr-coverage=DIR")
    return CoverageRequest(folders, lcov_file, percent) if folders else None


def _percent(text: str) -> float | None:
    try:
        percent = float(text) if text else None
    except ValueError:
        percent = -1.0
    if percent is not None and not 0 <= percent <= 100:
        raise pytest.UsageError(f"--avr-coverage-fail-under is a percentage; found {text!r}")
    return percent
