# SPDX-License-Identifier: GPL-3.0-or-later
"""Options that several of the ``py`` subcommands take, and what they name."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kilolearn.errors import SubsetError
from kilolearn.python_subset.devices import Devices

__all__ = [
    "Adc",
    "CyclesMax",
    "DropConstants",
    "File",
    "Input",
    "Mcu",
    "Pin",
    "Wrap",
    "bytes_from",
    "devices_from",
    "read_source",
]

File = Annotated[
    Path,
    typer.Argument(
        metavar="FILE.py", help="A program.", exists=True, dir_okay=False, readable=True
    ),
]
Mcu = Annotated[str, typer.Option(help="The chip, e.g. attiny1634.")]
CyclesMax = Annotated[int, typer.Option(help="A program that takes more cycles is stopped.", min=1)]
Input = Annotated[
    str, typer.Option("--input", help="What read() gets: a file, or bytes in hexadecimal.")
]
Adc = Annotated[
    list[str] | None, typer.Option("--adc", help="CHANNEL=VALUE, 0-1023; may be repeated.")
]
Pin = Annotated[list[str] | None, typer.Option("--pin", help="PIN=LEVEL, 0 or 1; may be repeated.")]
DropConstants = Annotated[
    bool, typer.Option("--drop-constants", help="Globals assigned once, to a constant: no SRAM.")
]
Wrap = Annotated[
    bool,
    typer.Option("--wrap", help="Arithmetic beyond 16 bits wraps around; else it is an error."),
]


def read_source(file: Path) -> str:
    """The text of a program.

    Raises:
        SubsetError: It is not UTF-8.
    """
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise SubsetError(
            str(file), 1, 1, f"this is not UTF-8 ({error.reason})", "save the program as UTF-8"
        ) from error


def devices_from(given: str, adc: list[str] | None, pins: list[str] | None) -> Devices:
    """The world that options describe.

    Raises:
        typer.BadParameter: One of them is neither.
    """
    return Devices(bytes_from(given), _numbers(adc, "--adc", 1023), _numbers(pins, "--pin", 1))


def bytes_from(given: str) -> bytes:
    """The input that an option describes.

    Raises:
        typer.BadParameter: It is neither a file nor hexadecimal.
    """
    if Path(given).is_file():
        return Path(given).read_bytes()
    try:
        return bytes.fromhex(given)
    except ValueError as error:
        raise typer.BadParameter(
            f"{given!r} is no file and no bytes in hexadecimal; write e.g. '0a 1b ff'",
            param_hint="--input",
        ) from error


def _numbers(given: list[str] | None, option: str, most: int) -> dict[int, int]:
    """Channel or pin -> value."""
    numbers = {}
    for text in given or []:
        place, _, value = text.partition("=")
        if not (
            place in "01234567" and len(place) == 1 and value.isdecimal() and int(value) <= most
        ):
            raise typer.BadParameter(
                f"{text!r} is not NUMBER=VALUE; expected 0-7 and 0-{most}", param_hint=option
            )
        numbers[int(place)] = int(value)
    return numbers
