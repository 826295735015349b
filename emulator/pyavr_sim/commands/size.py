# SPDX-License-Identifier: GPL-3.0-or-later
"""``pyavr-sim size``: what an image takes of its chip, by section and by symbol."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated, Any

import typer

from pyavr_sim.budgets import Cost, Excess, excesses
from pyavr_sim.commands.options import BudgetFile, FirmwareFile, Json, Mcu, Target, load_target
from pyavr_sim.exit_codes import ExitCode
from pyavr_sim.missing_names import missing_names
from pyavr_sim.sram_layout import Region, static_by_symbol
from pyavr_sim.symbols import Symbol, flash_by_symbol

__all__ = ["size"]


def size(
    firmware: FirmwareFile,
    mcu: Mcu = None,
    symbols: Annotated[
        int, typer.Option(metavar="N", min=0, help="List the N largest of flash and of SRAM.")
    ] = 10,
    budget: BudgetFile = None,
    as_json: Json = False,
) -> None:
    """Say what an image takes of flash, SRAM and EEPROM, without running it.

    SRAM is that of variables; what the stack takes on top is found by `pyavr-sim run`. Exit codes:
    0, or 11 over the budget of flash_bytes or static_bytes.
    """
    target = load_target(firmware, mcu, budget)
    over = excesses(Cost.of_image(target.firmware), target.budget)
    flash = flash_by_symbol(target.firmware.symbols)[:symbols]
    sram = static_by_symbol(target.firmware)[:symbols]
    if as_json:
        typer.echo(json.dumps(_as_json(target, over, flash, sram)))
    else:
        typer.echo("\n".join(_as_lines(target, over, flash, sram)))
    raise typer.Exit(ExitCode.OVER_BUDGET if over else ExitCode.OK)


def _memories(target: Target) -> list[tuple[str, int | None, int]]:
    """(name, bytes used if known, bytes that the chip has) of each memory."""
    firmware, chip = target.firmware, target.chip
    return [
        ("flash", firmware.flash_bytes, chip.flash_bytes),
        ("SRAM", firmware.static_bytes, chip.sram_bytes),
        ("EEPROM", firmware.eeprom_bytes, chip.eeprom_bytes),
    ]


def _as_lines(
    target: Target, over: list[Excess], flash: list[Symbol], sram: list[Region]
) -> list[str]:
    lines = [str(target)]
    for name, used, available in _memories(target):
        share = 100 * (used or 0) / available if available else 0.0
        known = f"{name}, {share:.1f} % of {available:,}"
        lines.append(f"{used:7,}  {known}" if used is not None else f"unknown  {name}")
    if missing := missing_names(target.firmware):
        lines.append(missing)
    sections = target.firmware.section_bytes
    lines += _table("by section", [(count, name) for name, count in sections.items()])
    lines += _table("largest in flash", _functions(flash))
    lines += _table("largest in SRAM", [(region.size, _named(region)) for region in sram])
    return [*lines, *(f"over budget: {excess}" for excess in over)]


def _table(heading: str, rows: list[tuple[int, str]]) -> list[str]:
    return [f"{heading}:", *(f"{count:7,}  {name}" for count, name in rows)] if rows else []


def _functions(flash: list[Symbol]) -> list[tuple[int, str]]:
    return [(symbol.size, symbol.name) for symbol in flash]


def _named(region: Region) -> str:
    source = f" ({region.source})" if region.source else ""
    return f"{region.name or 'no name'}{source} .{region.owner}"


def _as_json(
    target: Target, over: list[Excess], flash: list[Symbol], sram: list[Region]
) -> dict[str, Any]:
    return {
        "firmware": str(target.firmware.path),
        "mcu": target.chip.name,
        "memories": {
            name.lower(): {"used_bytes": used, "available_bytes": available}
            for name, used, available in _memories(target)
        },
        "sections": target.firmware.section_bytes,
        "flash_symbols": [
            {"name": symbol.name, "address": symbol.address, "bytes": symbol.size}
            for symbol in flash
        ],
        "sram_symbols": [
            {
                "name": region.name,
                "address": region.start,
                "bytes": region.size,
                "owner": region.owner.value,
                "source": region.source,
            }
            for region in sram
        ],
        "excesses": [asdict(excess) for excess in over],
    }
