# SPDX-License-Identifier: GPL-3.0-or-later
"""What an image does not tell of its names and lines, in a sentence."""

from __future__ import annotations

from pyavr_sim.errors import SymbolError
from pyavr_sim.firmware import Firmware

__all__ = ["missing_names"]


def missing_names(firmware: Firmware) -> str | None:
    """What the image does not tell, and what to do about it; None where nothing is missing."""
    if not firmware.symbols:
        kind = "An Intel HEX file" if firmware.format == "hex" else "This ELF"
        return (
            f"{kind} has no symbols: functions and variables are addresses here. "
            "Give the unstripped ELF of the build."
        )
    try:
        info = firmware.debug_info
    except SymbolError as error:
        return f"No source lines: {error}"
    # The start-up code's own unit, which describes the registers, has no name.
    if info is not None and any(unit.name is not None for unit in info.units):
        return None
    has_stabs = firmware.elf is not None and ".stab" in firmware.elf.sections
    found = "stabs (plain -g), which say too little" if has_stabs else "no debug information"
    return f"The image has {found}: there are no source lines. Compile and link with -gdwarf-4."
