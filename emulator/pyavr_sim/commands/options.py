# SPDX-License-Identifier: GPL-3.0-or-later
"""The firmware and the chip that a command is about, and options that several commands share."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from pyavr_sim.budget_file import ANY_CHIP, Budgets, budget_of, find_budget_file, read_budgets
from pyavr_sim.budgets import Budget, check_known
from pyavr_sim.chip import HZ_MAX, Chip
from pyavr_sim.chips import ChipDescription, describe_chip
from pyavr_sim.firmware import Firmware
from pyavr_sim.stdin_feed import read_whole

__all__ = [
    "BudgetFile",
    "CyclesMax",
    "FirmwareFile",
    "Hz",
    "Json",
    "Mcu",
    "Milliseconds",
    "Seed",
    "Stdin",
    "Target",
    "UartNumber",
    "load_target",
    "power_up",
]

MILLISECONDS = 1000

FirmwareFile = Annotated[Path, typer.Argument(metavar="FIRMWARE", help="ELF or Intel HEX file.")]
Mcu = Annotated[
    str | None,
    typer.Option(metavar="CHIP", help="Such as atmega328p; an ELF usually names its own."),
]
Hz = Annotated[
    int | None,
    typer.Option(help="CPU clock; default: the image's or the chip's.", min=1, max=HZ_MAX),
]
Seed = Annotated[int, typer.Option(help="Of what SRAM and registers hold at power-up.")]
Milliseconds = Annotated[
    int | None,
    typer.Option(
        "--ms", metavar="N", min=1, help="Emulated milliseconds at the most; default: 1000."
    ),
]
CyclesMax = Annotated[
    int | None, typer.Option(metavar="N", min=1, help="Cycles at the most, in place of --ms.")
]
Stdin = Annotated[
    bool,
    typer.Option("--stdin", help="Send standard input, read to its end, to the first UART."),
]
BudgetFile = Annotated[
    Path | None,
    typer.Option(
        "--budget",
        metavar="FILE",
        help="Limits; default: pyavr-sim.toml, or pyproject.toml with [tool.pyavr_sim.budget], "
        "in the working directory or above it.",
    ),
]
UartNumber = Annotated[
    int | None, typer.Option("--uart", help="Which UART; default: the chip's first.", min=0)
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")]


@dataclass(frozen=True)
class Target:
    """A firmware, its chip, and what it may take of it.

    Attributes:
        firmware: The loaded image; it fits the chip.
        chip: What it runs on.
        chip_named_by: Who said so: ``"--mcu"``, ``"the image"`` or ``"the budget file"``.
        budget: Its limits; none where no file states any.
    """

    firmware: Firmware
    chip: ChipDescription
    chip_named_by: str
    budget: Budget

    def __str__(self) -> str:
        return f"{self.firmware.path} on {self.chip.name} (named by {self.chip_named_by})"


def load_target(path: Path, mcu: str | None, budget_file: Path | None = None) -> Target:
    """Load a firmware, and find out which chip it is for and what it may take.

    Args:
        path: ELF or Intel HEX.
        mcu: The chip; None: what the image says, else the one chip that budgets name for it.
        budget_file: None: the one of the working directory, if any.

    Raises:
        typer.BadParameter: Nobody names a chip.
        UnknownChipError: The chip cannot be emulated.
        FirmwareError: The file cannot be read, or does not belong on the chip.
        BudgetFileError: The budget file cannot be read, or limits what the firmware does not tell.
    """
    firmware = Firmware.load(path)
    found_file = budget_file or find_budget_file(Path.cwd())
    budgets = read_budgets(found_file) if found_file else {}
    name, named_by = _chip_name(firmware, mcu, budgets)
    chip = describe_chip(name)
    firmware.check_fits(chip)
    budget = budget_of(budgets, path.stem, name)
    check_known(firmware, budget)
    return Target(firmware, chip, named_by, budget)


def power_up(
    target: Target, hz: int | None, seed: int, ms: int | None, cycles_max: int | None, stdin: bool
) -> tuple[Chip, int]:
    """Make the chip of a command that runs it to a limit.

    Args:
        target: The firmware and its chip.
        hz: The clock; None: the image's or the chip's.
        seed: Of what SRAM and registers hold.
        ms: Emulated milliseconds at the most; with `cycles_max` None, too: 1000.
        cycles_max: Cycles at the most, in place of these.
        stdin: Whether the first UART receives standard input.

    Returns:
        The chip, to be closed, and the cycles that it may run.

    Raises:
        typer.BadParameter: There are two limits.
        PortError: The chip has no UART for standard input, or it is more than a UART takes.
    """
    if ms is not None and cycles_max is not None:
        raise typer.BadParameter("--ms and --cycles-max both limit the run; give one of them.")
    chip = Chip(target.chip.name, target.firmware, hz=hz, seed=seed)
    if stdin:
        chip.uart(min(chip.description.uarts, default=0)).write(read_whole()())
    return chip, cycles_max or -(-chip.hz * (ms or MILLISECONDS) // 1000)


def _chip_name(firmware: Firmware, mcu: str | None, budgets: Budgets) -> tuple[str, str]:
    if mcu:
        return mcu, "--mcu"
    if firmware.mcu:
        return firmware.mcu, "the image"
    stem = firmware.path.stem
    chips = [chip for name, chip in budgets if name == stem and chip != ANY_CHIP]
    if len(chips) == 1:
        return chips[0], "the budget file"
    raise typer.BadParameter(
        f"{firmware.path} does not say which chip it is for. Add --mcu, such as --mcu atmega328p; "
        "`pyavr-sim chips` lists them."
    )
