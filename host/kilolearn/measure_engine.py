# SPDX-License-Identifier: GPL-3.0-or-later
"""How fast the emulator's engine runs a firmware, and what the firmware leaves behind."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kilolearn.emulator import load_emulator

__all__ = ["EngineRun", "run_engine", "seconds_of_chips"]

CYCLES_MAX = 2_000_000_000


@dataclass(frozen=True)
class EngineRun:
    """One firmware, run from power-up to its end.

    Attributes:
        seconds: CPU time of the run, without loading.
        cycles: To the end.
        uart: What UART 0 sent.
        data: The data space from r0 to RAMEND at the end.
    """

    seconds: float
    cycles: int
    uart: bytes
    data: bytes


def run_engine(elf: Path, mcu: str, *, tracking: bool, timing: str = "datasheet") -> EngineRun:
    """Run a firmware to its end, from SRAM and registers full of zeros.

    Args:
        elf: Built for `mcu`; ends asleep with interrupts off.
        mcu: The chip.
        tracking: With all measurement in the loop, or with none.
        timing: ``"datasheet"`` or ``"simavr"``, as `pyavr_sim.Chip` has it.
    """
    with _chip(elf, mcu, tracking, timing) as chip:
        start = time.thread_time()
        _run(chip)
        seconds = time.thread_time() - start
        return EngineRun(seconds, int(chip.cycle), chip.uart(0).read(), chip.data.tobytes())


def seconds_of_chips(elf: Path, mcu: str, chips: int, threads: int) -> float:
    """Wall-clock seconds for several chips with one firmware, run by several threads."""
    ready = [_chip(elf, mcu, False, "datasheet") for _ in range(chips)]
    try:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(_chip_name, ready))  # the threads have started
            start = time.perf_counter()
            list(pool.map(_run, ready))
            return time.perf_counter() - start
    finally:
        for chip in ready:
            chip.close()


def _chip(elf: Path, mcu: str, tracking: bool, timing: str) -> Any:
    chip = load_emulator().Chip(mcu, elf, tracking=tracking, timing=timing)
    chip.registers[:] = 0
    chip.sram[:] = 0
    return chip


def _chip_name(chip: Any) -> str:
    return str(chip.name)


def _run(chip: Any) -> None:
    emulator = load_emulator()
    chip.run(CYCLES_MAX, until=emulator.until.ended())
