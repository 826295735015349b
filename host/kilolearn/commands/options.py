# SPDX-License-Identifier: GPL-3.0-or-later
"""Arguments and options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kilolearn.port import AUTO_BAUD

__all__ = [
    "App",
    "Baud",
    "Config",
    "Data",
    "Epochs",
    "Json",
    "LabelColumn",
    "LinkBaud",
    "Mcu",
    "PortUrl",
    "Seed",
    "SharedScale",
    "Timeout",
    "WeightsFile",
]

App = Annotated[str, typer.Argument(help="A learner of avr/apps, e.g. digits.")]
Config = Annotated[
    str | None, typer.Option(help="Variant of the app, avr/apps/configs/APP-NAME.h.")
]
Mcu = Annotated[str | None, typer.Option(help="Chip to build for and emulate, e.g. attiny1634.")]
PortUrl = Annotated[
    str | None,
    typer.Option("--port", help="Any pyserial URL: /dev/ttyUSB0, avrsim://attiny1634/FILE.elf."),
]
Baud = Annotated[int, typer.Option(help="Baud rate of the firmware.", min=1)]


def _baud_or_auto(text: str | int) -> int:
    if text == "auto":
        return AUTO_BAUD
    if not str(text).isdecimal() or int(text) == 0:
        raise typer.BadParameter(f"{text!r}; expected a rate, e.g. 115200, or auto")
    return int(text)


LinkBaud = Annotated[
    int,
    typer.Option(
        "--baud", parser=_baud_or_auto, help="Baud rate of the firmware, or auto: try some."
    ),
]
Timeout = Annotated[float, typer.Option(help="Longest wait for one reply, seconds.", min=0.001)]
Data = Annotated[
    str, typer.Option("--data", help="breast_cancer, digits, iris, wine, or a .csv or .npz file.")
]
LabelColumn = Annotated[
    str | None,
    typer.Option("--label", help="CSV column of the class: header name or number; default last."),
]
SharedScale = Annotated[
    bool | None,
    typer.Option("--shared-scale/--own-scales", help="One scale for all features, as for pixels."),
]
Seed = Annotated[
    int, typer.Option(help="Of split, first weights, rounding and shuffle.", min=0, max=65535)
]
Epochs = Annotated[
    int | None,
    typer.Option(
        help="How often each sample is seen; default: the recipe's.", min=1, max=1_000_000
    ),
]
WeightsFile = Annotated[Path, typer.Option("--weights", help="What kilolearn train --save wrote.")]
Json = Annotated[bool, typer.Option("--json", help="End with one JSON object on one line.")]
