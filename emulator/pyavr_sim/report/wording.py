# SPDX-License-Identifier: GPL-3.0-or-later
"""How a run ended, as every kind of report says it."""

from __future__ import annotations

from pyavr_sim.errors import CycleLimitError
from pyavr_sim.recording import Recording
from pyavr_sim.stop import StopReason

__all__ = ["ending"]


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
