# SPDX-License-Identifier: GPL-3.0-or-later
"""The test rig: the firmware of one test, the chip or board that it runs on, and the verdict."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import pytest

from pyavr_sim import Chip, Firmware
from pyavr_sim.board import BoardDut, flash_board
from pyavr_sim.budget_file import Budgets, budget_of, find_budget_file, read_budgets
from pyavr_sim.budgets import Budget, Cost, check_known
from pyavr_sim.dut import Dut, EmulatedDut
from pyavr_sim.errors import ChipClosedError, UnknownChipError
from pyavr_sim.firmware_request import FirmwareRequest, Recipe, find_image
from pyavr_sim.verdict import over_budget, uninitialised_reads
from pytest_pyavr_sim.options import LIMITS
from pytest_pyavr_sim.session_costs import cost_properties

__all__ = ["Rig"]

_FLASHED = pytest.StashKey[Path]()


class Rig:
    """What the fixtures of one test share.

    Args:
        item: A test with a marker ``firmware``.

    Attributes:
        firmware: What it names.
        mcu: The chip for it.
        hz: The clock that the test asks for, or None.
        chip: The emulated chip, once a fixture has powered it up; None on a board.

    Raises:
        PyavrSimError: The firmware is not there, or it is not known for which chip.
        ValueError: A marker is not used as it should.
    """

    def __init__(self, item: pytest.Item) -> None:
        self._item = item
        self._config = item.config
        request = _request(item)
        recipe = Recipe(
            self._config.getini("avr_build"),
            self._config.getini("avr_artifact"),
            self._config.rootpath,
        )
        image = find_image(request, (item.path.parent, self._config.rootpath), recipe)
        self.firmware = _load(image, image.stat().st_mtime_ns)
        self.mcu = self._mcu(request)
        self.hz = request.hz
        self.chip: Chip | None = None
        self._limits = {name: limit for name in LIMITS if (limit := _limit(item, name))}

    def _mcu(self, request: FirmwareRequest) -> str:
        mcu = request.mcu or self.firmware.mcu or self._config.getini("avr_mcu")
        if not mcu:
            raise UnknownChipError(
                f"{self.firmware.path} does not say which chip it is for. Name it in the marker, "
                "firmware(..., mcu='atmega328p'), or in the ini option avr_mcu."
            )
        return str(mcu)

    def power_up(self) -> Chip:
        """Make the chip of a test that uses no serial port."""
        self.chip = Chip(self.mcu, self.firmware, hz=self.hz)
        return self.chip

    def connect(self) -> Dut:
        """Make the device under test: an emulated chip, or the board, flashed if asked for."""
        port = self._config.getoption("avr_port")
        if not port:
            dut = EmulatedDut(self.firmware, self.mcu, self.hz)
            self.chip = dut.chip
            return dut
        if self._config.getoption("avr_flash") and self._flashed() != self.firmware.path:
            flash_board(self.firmware, self.mcu, port, self._config.getini("avr_avrdude"))
            self._config.stash[_FLASHED] = self.firmware.path
        return BoardDut(port, int(self._config.getini("avr_baud")), self.firmware)

    def _flashed(self) -> Path | None:
        return self._config.stash.get(_FLASHED, None)

    def golden_path(self) -> Path:
        """Where the test's golden files are, without what is added to the name."""
        test = self._item.nodeid.split("::", 1)[1]
        name = "".join(letter if letter.isalnum() or letter in "-_." else "_" for letter in test)
        return self._item.path.parent / "golden" / self._item.path.stem / name

    def properties(self) -> list[tuple[str, object]]:
        """What the firmware took until now, for the test's report."""
        try:
            return cost_properties(self.firmware.path.stem, self.mcu, self._hz(), self._cost())
        except ChipClosedError:
            return []  # the test closed it; what it took is gone

    def _hz(self) -> int | None:
        return self.chip.hz if self.chip else self.hz or self.firmware.hz

    def _cost(self) -> Cost:
        return Cost.of_run(self.chip) if self.chip else Cost.of_image(self.firmware)

    def complaint(self) -> str:
        """Why the test must fail although it passed; empty when it need not.

        Raises:
            BudgetFileError: The budget file cannot be read, or limits what the firmware does not
                tell.
        """
        cost = self._cost()
        on_board = self._config.getoption("avr_port")
        limits = [*self._limits.items(), *self._limits_of_file()]
        for _, budget in limits:
            check_known(self.firmware, budget)
        for name in self._limits:
            if not on_board and getattr(cost, LIMITS[name]) is None:
                return f"{name} limits nothing: no chip ran. Use the fixture chip or dut."
        complaints = [over_budget(cost, limits, self.firmware, self.chip)]
        if self.chip and self._item.get_closest_marker("no_uninitialised_reads"):
            complaints.append(uninitialised_reads(self.chip.findings, self.chip.findings_dropped))
        return "\n".join(filter(None, complaints))

    def _limits_of_file(self) -> list[tuple[str, Budget]]:
        if self._config.getoption("avr_budget_update"):
            return []
        path = find_budget_file(self._config.rootpath)
        if path is None:
            return []
        budgets = _budgets(path, path.stat().st_mtime_ns)
        return [(path.name, budget_of(budgets, self.firmware.path.stem, self.mcu))]


def _request(item: pytest.Item) -> FirmwareRequest:
    marker = item.get_closest_marker("firmware")
    if marker is None:
        raise ValueError(
            "the test does not say which firmware: mark it with "
            "@pytest.mark.firmware('build/blink.elf', mcu='atmega328p')"
        )
    try:
        return FirmwareRequest(*marker.args, **marker.kwargs)
    except TypeError:
        raise ValueError(
            f"the marker firmware takes path_or_app, mcu and hz; found {_arguments(marker)}"
        ) from None


def _limit(item: pytest.Item, name: str) -> Budget | None:
    marker = item.get_closest_marker(name)
    if marker is None:
        return None
    if len(marker.args) != 1 or marker.kwargs:
        raise ValueError(f"the marker {name} takes one number; found {_arguments(marker)}")
    return Budget(**{LIMITS[name]: marker.args[0]})


def _arguments(marker: pytest.Mark) -> str:
    named = [f"{key}={value!r}" for key, value in marker.kwargs.items()]
    return f"({', '.join([*map(repr, marker.args), *named])})"


@lru_cache(maxsize=32)
def _load(path: Path, mtime_ns: int) -> Firmware:  # noqa: ARG001 - a new build is another image
    return Firmware.load(path)


@lru_cache(maxsize=4)
def _budgets(path: Path, mtime_ns: int) -> Budgets:  # noqa: ARG001 - as above
    return read_budgets(path)
