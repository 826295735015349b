# SPDX-License-Identifier: GPL-3.0-or-later
"""``kilolearn build``: a firmware image, ready to be flashed or emulated."""

from __future__ import annotations

from typing import Annotated

import typer

from kilolearn import firmware
from kilolearn.commands.options import App, Config
from kilolearn.emulator import image_size
from kilolearn.measure_power_cut import checkpoint_slots

__all__ = ["run"]


def run(
    app: App,
    mcu: Annotated[str, typer.Option(help="Chip to build for, e.g. attiny1634.")],
    config: Config = None,
    hz: Annotated[int | None, typer.Option(help="Clock; default: the chip's usual.", min=1)] = None,
) -> None:
    """Build a firmware and say what it takes."""
    elf = firmware.build(app, mcu, config, hz)
    size = image_size(elf)
    print(elf)
    print(
        f"flash {size.flash_bytes:,} B, static SRAM {size.static_bytes:,} B "
        f"({firmware.compiler(mcu)})"
    )
    slots = checkpoint_slots(elf)
    if slots is not None:
        print(f"checkpoints in {slots.in_words()}")
