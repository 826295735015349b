# SPDX-License-Identifier: GPL-3.0-or-later
"""Sentences about a recording that every kind of report has."""

from __future__ import annotations

from pyavr_sim.errors import CycleLimitError, SymbolError
from pyavr_sim.firmware import Firmware
from pyavr_sim.recording import Recording
from pyavr_sim.stop import StopReason

__all__ = ["ending", "missing_names"]


def ending(recording: Recording) -> str:
    """How the run ended, in a sentence."""
    cycles = f"{recording.cycles:,} cycles"
    if isinstance(recording.error, CycleLimitError):
        return f"Cut at the limit, after {cycles}."
    if recording.error is not None:
        return f"Ended after {cycles} in an error: {recording.error}"
    if recording.stop is None or recording.stop.reason is StopReason.CYCLES:
        return f"Cut at the limit, after {cycles}."
    if recording.stop.reason is StopReason.ENDED:
        return f"The firmware ended by itself after {cycles}: asleep, with interrupts off."
    return f"Stopped after {cycles}, where it was asked to ({recording.stop.reason.value})."


def missing_names(firmware: Firmware) -> str | None:
    """What the image does not tell, and what to do about it; None where nothing is missing."""
    if not firmware.symbols:
        kind = "An Intel HEX file" if firmware.format == "hex" else "This ELF"
        return (
            f"{kind} has no symbols: functions and variables are addresses here. "
            "Give the unstripped ELF of the build."
        )
    try:
        if firmware.debug_info is not None:
            return None
        reason = "The image has no debug information"
    except SymbolError as error:
        return f"No source lines: {error}"
    return f"{reason}: there are no source lines. Compile and link with -gdwarf-4."
