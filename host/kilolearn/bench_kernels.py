# SPDX-License-Identifier: GPL-3.0-or-later
"""Kernels in C and in assembly, on the same operands: a window and a row of half zeros.

A row a chip and kernel:

========================= ==========================================================
chip                      as avr-gcc names it
kernel                    of avr/net
cycles_c                  mean over the draws, call and return included
cycles_assembly           the same
gain                      cycles_c / cycles_assembly
equal                     both gave the same bits at every draw
draws                     how many
========================= ==========================================================
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from kilolearn import firmware
from kilolearn.measure import KernelRun, run_kernels

__all__ = ["CHIPS", "bench_kernels"]

CHIPS = ("attiny1634", "atmega168p")

_LIMIT, _INPUT_MAX, _ZEROS = 120, 16, 0.5


def bench_kernels(draws: int = 20) -> tuple[list[dict[str, object]], dict[str, Path]]:
    """Run every kernel on random operands.

    Args:
        draws: Of weights -120..120 and inputs 0..16, half of them 0.

    Returns:
        The rows above, and the images by chip.
    """
    elfs = {mcu: firmware.build("probe_kernels", mcu) for mcu in CHIPS}
    rows: list[dict[str, object]] = []
    for mcu, elf in elfs.items():
        draw = np.random.default_rng(1)
        runs: list[list[KernelRun]] = []
        for _ in range(draws):
            weight = draw.integers(-_LIMIT, _LIMIT + 1, (41, 10)).astype(np.int8)
            pixels = draw.integers(1, _INPUT_MAX + 1, 64) * (draw.random(64) >= _ZEROS)
            runs.append(run_kernels(elf, mcu, weight, pixels.astype(np.uint8)))
        for of_kernel in zip(*runs, strict=True):
            in_c = sum(run.cycles_c for run in of_kernel) / draws
            in_assembly = sum(run.cycles_assembly for run in of_kernel) / draws
            rows.append(
                {
                    "chip": mcu,
                    "kernel": of_kernel[0].kernel,
                    "cycles_c": round(in_c, 1),
                    "cycles_assembly": round(in_assembly, 1),
                    "gain": round(in_c / in_assembly, 2),
                    "equal": all(
                        np.array_equal(run.result_c, run.result_assembly) for run in of_kernel
                    ),
                    "draws": draws,
                }
            )
    return rows, elfs
