# SPDX-License-Identifier: GPL-3.0-or-later
"""Layers of the transformer in C and in assembly, on the same random operands.

A row a chip and layer:

========================= ==========================================================
chip                      as avr-gcc names it
layer                     of avr/charlm/layers.S
cycles_c                  mean over the draws, with what it takes to call it
cycles_assembly           the same
gain                      cycles_c / cycles_assembly
equal                     both gave the same bits at every draw
draws                     how many
========================= ==========================================================

All are 32 wide: a pair of rows, two rows added, a pair of units of which about a half is not 0, a
window of 16, 66 logits. frequencies_code runs without the coder.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from kilolearn import firmware
from kilolearn.measure_layers import LAYERS, LayerRun, open_layer_probe

__all__ = ["CHIPS", "bench_layers", "layer_operands", "same_bits"]

CHIPS = ("attiny1634", "atmega168p")

WIDTH_MAX, WINDOW, LOGITS, TAPE = 64, 16, 66, 300
HEAD = 8
_COUNTS = {"rows_add": 2, "frequencies": LOGITS, "frequencies_code": LOGITS}


def layer_operands(draw: np.random.Generator, layer: str, width: int = 32) -> dict[str, Any]:
    """Random operands of a layer, of the size that trained weights give.

    Args:
        draw: Where they come from.
        layer: One of LAYERS.
        width: Of x and y, `n` of the layers: 8, 16 ... 64.
    """
    limit = int(((2**32 - 1) / width) ** 0.5)
    operands: dict[str, Any] = {
        "n": width,
        "count": _COUNTS.get(layer, 1),
        "position": int(draw.integers(WINDOW)),
        "window": WINDOW,
        "limit": limit,
        "root": min(int(width**0.5 * 2**20), 2**23 - 1),
        "bytes": np.clip(draw.normal(0, 32, WIDTH_MAX), -127, 127).astype(np.int64),
        "words": np.clip(draw.normal(0, 1000, LOGITS), -limit, limit).astype(np.int64),
        "acc": draw.integers(0, 4000, 1 + WIDTH_MAX),
        "ring": np.clip(draw.normal(0, 32, 2 * WINDOW * HEAD), -127, 127).astype(np.int64),
        "query": np.clip(draw.normal(0, 32, HEAD), -127, 127).astype(np.int64),
        "weights": draw.integers(0, 128 if layer == "norm" else 256, TAPE),
    }
    if layer == "frequencies_code":
        operands["n"] = 0
        operands["words"] = 1 + (65280 * 2 ** draw.uniform(-16, 0, LOGITS)).astype(np.int64)
    operands["start"] = int(-8 * operands["bytes"][:width].sum()) & 0xFFFF
    return operands


def same_bits(one: LayerRun, other: LayerRun) -> bool:
    """Whether two calls left the same behind."""
    return one.returned == other.returned and all(
        np.array_equal(value, other.variables[name]) for name, value in one.variables.items()
    )


def bench_layers(draws: int = 20) -> tuple[list[dict[str, object]], dict[str, Path]]:
    """Call every layer on random operands, in C and in assembly.

    Args:
        draws: How many of each.

    Returns:
        The rows above, and the images by chip.
    """
    elfs = {mcu: firmware.build("probe_layers", mcu) for mcu in CHIPS}
    rows: list[dict[str, object]] = []
    for mcu, elf in elfs.items():
        with open_layer_probe(elf, mcu) as probe:
            for layer in LAYERS:
                draw = np.random.default_rng(1)
                drawn = [layer_operands(draw, layer) for _ in range(draws)]
                of_c = [probe.call(layer, operands, in_c=True) for operands in drawn]
                of_assembly = [probe.call(layer, operands, in_c=False) for operands in drawn]
                in_c = sum(run.cycles for run in of_c) / draws
                in_assembly = sum(run.cycles for run in of_assembly) / draws
                rows.append(
                    {
                        "chip": mcu,
                        "layer": layer,
                        "cycles_c": round(in_c, 1),
                        "cycles_assembly": round(in_assembly, 1),
                        "gain": round(in_c / in_assembly, 2),
                        "equal": all(map(same_bits, of_c, of_assembly)),
                        "draws": draws,
                    }
                )
    return rows, elfs
