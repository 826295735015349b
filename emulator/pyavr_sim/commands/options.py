# SPDX-License-Identifier: GPL-3.0-or-later
"""The firmware and the chip that a command is about, and options that several commands share."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from pyavr_sim.chip import HZ_MAX
from pyavr_sim.chips import ChipDescription, describe_chip
from pyavr_sim.firmware import Firmware

__all__ = ["FirmwareFile", "Hz", "Json", "Mcu", "Seed", "Target", "load_target"]

FirmwareFile = Annotated[Path, typer.Argument(metavar="FIRMWARE", help="ELF or Intel HEX file.")]
Mcu = Annotated[
    str | None,
    typer.Option(metavar="CHIP", help="Such as atmega328p; an ELF usually names its own."),
]
Hz = Annotated[
    int | None, typer.Option(help="CPU clock; default: the image's or the chip's.", max=HZ_MAX)
]
Seed = Annotated[int, typer.Option(help="Of what SRAM and registers hold at power-up.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")]


@dataclass(frozen=True)
class Target:
    """A firmware and its chip.

    Attributes:
        firmware: The loaded image; it fits the chip.
        chip: What it runs on.
        chip_named_by: Who said so: ``"--mcu"`` or ``"the image"``.
    """

    firmware: Firmware
    chip: ChipDescription
    chip_named_by: str

    def __str__(self) -> str:
        return f"{self.firmware.path} on {self.chip.name} (named by {self.chip_named_by})"


def load_target(path: Path, mcu: str | None) -> Target:
    """Load a firmware and find out which chip it is for.

    Raises:
        typer.BadParameter: Neither the command line nor the image names a chip.
        UnknownChipError: The chip cannot be emulated.
        FirmwareError: The file cannot be read, or does not belong on the chip.
    """
    firmware = Firmware.load(path)
    name, named_by = (mcu, "--mcu") if mcu else (firmware.mcu, "the image")
    if name is None:
        raise typer.BadParameter(
            f"{path} does not say which chip it is for. Add --mcu, such as --mcu atmega328p; "
            "`pyavr-sim chips` lists them."
        )
    chip = describe_chip(name)
    firmware.check_fits(chip)
    return Target(firmware, chip, named_by)
