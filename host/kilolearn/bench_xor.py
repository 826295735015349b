# SPDX-License-Identifier: GPL-3.0-or-later
"""The XOR benchmark: a firmware that learns exclusive or by backpropagation, from many seeds.

Whether it learned is judged here, by its formula in Python over the weights that it left in SRAM;
its own opinion must agree.

A row a chip:

========================= ==========================================================
chip                      as avr-gcc names it
success_rate              0-1, seeds whose final weights tell all four patterns apart
seeds                     how many were tried
flash                     bytes: .text + .data of the image
sram_high_water           bytes: static data and the deepest stack of all runs
cycles_train              of xor_train, mean over every step of every run
steps_median, steps_max   training steps until it stopped
========================= ==========================================================
"""

from __future__ import annotations

from concurrent.futures import Executor
from pathlib import Path
from statistics import median

import numpy as np
from numpy.typing import NDArray

from kilolearn import firmware
from kilolearn.emulator import image_size
from kilolearn.measure import XorRun, run_xor

__all__ = ["CHIPS", "bench_xor", "has_learned"]

CHIPS = ("attiny1634", "atmega328p")

_ONE = 64  # Q6
_PART = 25  # seeds a job


def bench_xor(
    executor: Executor, seeds: int = 300
) -> tuple[list[dict[str, object]], dict[str, Path]]:
    """Let each chip learn from each seed.

    Args:
        executor: Any; a process pool uses all cores.
        seeds: Starts 1..seeds.

    Returns:
        The rows above, and the images by chip.
    """
    elfs = {mcu: firmware.build("xor", mcu) for mcu in CHIPS}
    starts = range(1, seeds + 1)
    parts = [list(starts[first : first + _PART]) for first in range(0, seeds, _PART)]
    futures = {
        mcu: [executor.submit(_run_part, elf, mcu, part) for part in parts]
        for mcu, elf in elfs.items()
    }
    rows = []
    for mcu, pending in futures.items():
        runs = [run for future in pending for run in future.result()]
        rows.append(_summarise(mcu, elfs[mcu], runs))
    return rows, elfs


def has_learned(net: NDArray[np.void]) -> bool:
    """Whether a network tells the four patterns apart, by the firmware's published formula.

    ::

        s[j] = b[j] + sum over i of w[j][i] * x[i],  h[j] = s[j] held in -1..+1
        o    = c + sum over j of v[j] * h[j],  right when o has the sign of the exclusive or

    Args:
        net: The struct ``net`` as it lies in SRAM; weights are Q6.
    """
    unit = net["hidden"]
    for bits in ((-1, -1), (1, -1), (-1, 1), (1, 1)):
        total = unit["bias"] + unit["weight"].astype(int) @ np.array(bits)
        activation = np.clip(total, -_ONE, _ONE)
        output = int(net["output_bias"]) * _ONE + int(
            unit["output_weight"].astype(int) @ activation
        )
        if output == 0 or (output > 0) != (bits[0] != bits[1]):
            return False
    return True


def _run_part(elf: Path, mcu: str, seeds: list[int]) -> list[XorRun]:
    return [run_xor(elf, mcu, seed) for seed in seeds]


def _summarise(mcu: str, elf: Path, runs: list[XorRun]) -> dict[str, object]:
    learned = [run.ended and run.status == 1 and has_learned(run.net) for run in runs]
    calls = sum(run.training.calls for run in runs)
    cycles = sum(run.training.calls * run.training.mean for run in runs)
    return {
        "chip": mcu,
        "success_rate": sum(learned) / len(learned),
        "seeds": len(runs),
        "flash": image_size(elf).flash_bytes,
        "sram_high_water": max(run.sram_high_water for run in runs),
        "cycles_train": round(cycles / calls, 1),
        "steps_median": median(run.steps for run in runs),
        "steps_max": max(run.steps for run in runs),
    }
