# SPDX-License-Identifier: GPL-3.0-or-later
"""``pyavr-sim chips``: what can be emulated."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from pyavr_sim.chips import ChipDescription, chips

__all__ = ["list_chips"]


def list_chips(
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON array, an object a chip.")
    ] = False,
) -> None:
    """List the chips that can be emulated.

    With --json, the keys of each object are: name (as avr-gcc spells it), flash_bytes,
    sram_bytes, sram_start (data address), eeprom_bytes, has_mul (true or false), hz_default,
    uarts (how many) and source ("simavr", or "ours" for chips that simavr lacks). Keys stay as
    they are; new ones may come.
    """
    rows = [_row(chip) for chip in chips()]
    if as_json:
        typer.echo(json.dumps(rows))
    else:
        Console().print(_table(rows))


def _row(chip: ChipDescription) -> dict[str, Any]:
    return {
        "name": chip.name,
        "flash_bytes": chip.flash_bytes,
        "sram_bytes": chip.sram_bytes,
        "sram_start": chip.sram_start,
        "eeprom_bytes": chip.eeprom_bytes,
        "has_mul": chip.has_mul,
        "hz_default": chip.hz_default,
        "uarts": len(chip.uarts),
        "source": "ours" if chip.is_own else "simavr",
    }


def _table(rows: list[dict[str, Any]]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, caption="memories in bytes, clock in MHz")
    table.add_column("chip", no_wrap=True)
    for heading in ("flash", "SRAM", "EEPROM", "MUL", "UARTs", "clock"):
        table.add_column(heading, justify="right")
    table.add_column("source")
    for row in rows:
        table.add_row(
            row["name"],
            f"{row['flash_bytes']:,}",
            f"{row['sram_bytes']:,}",
            f"{row['eeprom_bytes']:,}",
            "yes" if row["has_mul"] else "no",
            str(row["uarts"]),
            f"{row['hz_default'] / 1e6:g}",
            row["source"],
        )
    return table
