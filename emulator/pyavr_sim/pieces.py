# SPDX-License-Identifier: GPL-3.0-or-later
"""A run of the engine in pieces that is the same as a run in one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pyavr_sim._sim import ffi, lib

__all__ = ["EngineRun", "run_in_pieces"]

EngineRun = Callable[[Any, int, Any], int]
"""``lib.sim_run``, or what does the same."""


def run_in_pieces(
    handle: Any, cycles: int, until: Any, run: EngineRun, pause: Callable[[int], int]
) -> int:
    """Do what ``run`` does, with pauses.

    Args:
        handle: The engine.
        cycles: At most so many from now.
        until: The engine's condition, or NULL.
        run: What runs a piece.
        pause: Called before each piece with the cycle of that moment; returns a later one, at which
            to pause next.

    Returns:
        Why it stopped.
    """
    end = lib.sim_cycle(handle) + cycles
    while True:
        now = lib.sim_cycle(handle)
        due = pause(now)
        stop = run(handle, min(end, due) - now if now < end else 0, until)
        later = lib.sim_cycle(handle)
        if stop != lib.SIM_STOP_CYCLES or later >= end:
            return stop
        if until != ffi.NULL and until.address == lib.sim_pc(handle) and later > now:
            return int(lib.SIM_STOP_ADDRESS)  # a run in one piece would have seen it
