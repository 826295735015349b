# SPDX-License-Identifier: GPL-3.0-or-later
"""Budgets in a file: ``pyavr-sim.toml``, or ``pyproject.toml`` below ``[tool.pyavr_sim]``.

::

    [budget.blink.atmega328p]    # build/blink.elf, on this chip
    flash_bytes = 1000           # also static_bytes, stack_bytes, sram_bytes, cycles
    sram_bytes = 200

    [budget.blink."*"]           # on any chip, where the chip's own table says nothing
    flash_bytes = 1500
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pyavr_sim.budgets import QUANTITIES, Budget, Cost
from pyavr_sim.errors import BudgetFileError

__all__ = ["ANY_CHIP", "Budgets", "budget_of", "find_budget_file", "read_budgets", "update_budgets"]

ANY_CHIP = "*"
Budgets = dict[tuple[str, str], Budget]
"""By the firmware's file name without its suffix, and the chip as avr-gcc spells it."""

_OWN_FILE = "pyavr-sim.toml"
_TABLES = {_OWN_FILE: ("budget",), "pyproject.toml": ("tool", "pyavr_sim", "budget")}
# A new table limits these; cycles are a matter of the test, and limited only where a table does.
_NEW_LIMITS = ("flash_bytes", "static_bytes", "stack_bytes", "sram_bytes")


def find_budget_file(folder: Path) -> Path | None:
    """The ``pyavr-sim.toml``, or ``pyproject.toml`` with budgets, of a folder or the next parent.

    Raises:
        BudgetFileError: A ``pyproject.toml`` on the way cannot be read.
    """
    for place in (folder, *folder.parents):
        own, project = place / _OWN_FILE, place / "pyproject.toml"
        if own.is_file():
            return own
        if project.is_file() and _walk(_parse(project), _path_of(project)):
            return project
    return None


def read_budgets(path: Path) -> Budgets:
    """All budgets of a file.

    Raises:
        BudgetFileError: It cannot be read, is not TOML, or holds something else than limits.
    """
    by_firmware = _walk(_parse(path), _path_of(path))
    return {
        (firmware, chip): _budget(limits, f"{path}: {firmware}.{chip}")
        for firmware, by_chip in _tables(by_firmware, f"{path}")
        for chip, limits in _tables(by_chip, f"{path}: {firmware}")
    }


def budget_of(budgets: Budgets, firmware: str, chip: str) -> Budget:
    """The limits of a firmware on a chip; what its own table leaves open, that of ``"*"`` says."""
    own = budgets.get((firmware, chip), Budget())
    any_chip = budgets.get((firmware, ANY_CHIP), Budget())
    limits = ((getattr(own, what), getattr(any_chip, what)) for what in QUANTITIES)
    return Budget(*(other if limit is None else limit for limit, other in limits))


def update_budgets(path: Path, costs: Mapping[tuple[str, str], Cost]) -> None:
    """Make what was measured the limit; all else in the file stays, comments included.

    A table that is there keeps its limits and gets new numbers. A new one limits flash, static
    data, stack and both together. A file that is not there is made.

    Raises:
        BudgetFileError: It cannot be read or written, or is no budget file.
    """
    import tomlkit  # noqa: PLC0415 - needed for this alone

    if path.exists():
        read_budgets(path)
    try:
        document = tomlkit.parse(path.read_text("utf-8") if path.exists() else "")
        table: Any = document
        for key in _path_of(path):
            table = table.setdefault(key, tomlkit.table(is_super_table=True))
        for (firmware, chip), cost in sorted(costs.items()):
            by_chip = table.setdefault(firmware, tomlkit.table(is_super_table=True))
            limits = by_chip.setdefault(chip, tomlkit.table())
            for what in [key for key in QUANTITIES if key in limits] or _NEW_LIMITS:
                if (found := getattr(cost, what)) is not None:
                    limits[what] = found
        path.write_text(tomlkit.dumps(document), "utf-8")
    except OSError as error:
        raise BudgetFileError(f"{path} cannot be written: {error.strerror}.") from error


def _path_of(path: Path) -> tuple[str, ...]:
    return _TABLES.get(path.name, _TABLES[_OWN_FILE])


def _parse(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise BudgetFileError(
            f"{path} cannot be read: {error.strerror}. Correct the path."
        ) from error
    except ValueError as error:  # not UTF-8, or not TOML
        raise BudgetFileError(f"{path} is not TOML: {error}. Mend it.") from error


def _walk(document: dict[str, Any], path: tuple[str, ...]) -> Any:
    table: Any = document
    for key in path:
        table = table.get(key, {}) if isinstance(table, dict) else {}
    return table


def _tables(found: Any, where: str) -> Iterator[tuple[str, Any]]:
    if not isinstance(found, dict):
        raise BudgetFileError(f"{where} is {found!r}; expected a table, [budget.FIRMWARE.CHIP].")
    return iter(found.items())


def _budget(limits: Any, where: str) -> Budget:
    known = ", ".join(QUANTITIES)
    for what, _ in _tables(limits, where):
        if what not in QUANTITIES:
            raise BudgetFileError(f"{where} limits {what!r}; expected one of {known}.")
    try:
        return Budget(**limits)
    except ValueError as error:
        raise BudgetFileError(f"{where}: {error}.") from error
