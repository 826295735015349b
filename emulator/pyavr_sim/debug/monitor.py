# SPDX-License-Identifier: GPL-3.0-or-later
"""gdb's ``monitor`` commands: what the chip knows and gdb has no word for."""

from __future__ import annotations

from collections.abc import Callable

from pyavr_sim.budgets import Cost
from pyavr_sim.debug.motion import Motion

__all__ = ["answer_monitor"]


def _cycles(motion: Motion) -> str:
    """Cycles since power-up, and the time that they take."""
    cycle, hz = motion.chip.cycle, motion.chip.hz
    return f"{cycle:,} cycles, {cycle / hz * 1e3:,.3f} ms at {hz / 1e6:g} MHz"


def _high_water(motion: Motion) -> str:
    """Most SRAM in use so far, and who was in it."""
    chip = motion.chip
    cost, size_bytes = Cost.of_run(chip), chip.description.sram_bytes
    return f"{cost}; the chip has {size_bytes:,} B of SRAM\n{chip.calls_deepest}"


def _findings(motion: Motion) -> str:
    """What the firmware did wrong so far."""
    return "\n".join(map(str, motion.chip.findings)) or "nothing found"


def _history(motion: Motion) -> str:
    """How far back the chip can go, and what that takes."""
    history = motion.history
    return (
        f"back to cycle {history.begin:,}: a snapshot every {history.interval_cycles:,} cycles, "
        f"{history.snapshots} in all, {history.size_bytes / 1e6:.1f} of "
        f"{history.bytes_max / 1e6:.1f} MB"
    )


def _reset(motion: Motion) -> str:
    """Pull the reset pin: SRAM, EEPROM, cycles and the past stay."""
    motion.chip.reset()
    return f"reset: pc 0x{motion.chip.pc:04X}"


def _help(_: Motion) -> str:
    """These lines."""
    width = max(map(len, _COMMANDS))
    return "\n".join(f"{name:{width}}  {(c.__doc__ or '')}" for name, c in _COMMANDS.items())


_COMMANDS: dict[str, Callable[[Motion], str]] = {
    "cycles": _cycles,
    "high-water": _high_water,
    "findings": _findings,
    "history": _history,
    "reset": _reset,
    "help": _help,
}


def answer_monitor(motion: Motion, line: str) -> str:
    """Do what stands behind ``monitor`` on gdb's line."""
    command = _COMMANDS.get(line.strip())
    if command is None:
        return f"there is no monitor command {line.strip()!r}; expected {', '.join(_COMMANDS)}."
    return command(motion)
