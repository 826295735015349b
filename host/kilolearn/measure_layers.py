# SPDX-License-Identifier: GPL-3.0-or-later
"""The transformer's layers on a chip (avr/apps/probe_layers.c), in C and in assembly."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kilolearn.emulator import load_emulator

__all__ = ["LAYERS", "LayerProbe", "LayerRun", "Operands", "open_layer_probe"]

LAYERS = (
    "rows_to_bytes",
    "rows_to_logits",
    "rows_add",
    "feed_forward",
    "scaled_add",
    "norm",
    "attend",
    "frequencies",
    "frequencies_code",
)
"""In the order of the probe's `layer`."""

CYCLES_MAX = 1_000_000
"""More than ten times the longest layer in C on a chip without MUL."""

Operands = Mapping[str, "int | NDArray[Any]"]
"""Variables of the probe by name, arrays from their first element on; `weights` is in flash."""


@dataclass(frozen=True)
class LayerRun:
    """What one call left.

    Attributes:
        cycles: Of the call.
        returned: What it returned; of a tape, how many bytes it took.
        variables: The probe's arrays by name.
    """

    cycles: int
    returned: int
    variables: dict[str, NDArray[Any]]


class LayerProbe:
    """Calls a layer on the chip, each time from a reset on."""

    def __init__(self, chip: Any) -> None:
        self._chip = chip
        self._timers = {in_c: chip.time("call_in_c" if in_c else "call") for in_c in (True, False)}

    def call(self, layer: str, operands: Operands, *, in_c: bool) -> LayerRun:
        """Call `layer` on `operands`; what they do not name is 0."""
        chip, timer = self._chip, self._timers[in_c]
        chip.reset()
        for name in ("bytes", "words", "acc", "ring", "query", "weights", "returned"):
            chip.var(name)[...] = 0
        settings = {**operands, "layer": LAYERS.index(layer), "in_c": int(in_c)}
        for name, value in settings.items():
            variable = chip.var(name)
            if variable.ndim:
                variable[: np.size(value)] = np.asarray(value).astype(variable.dtype)
            else:
                variable[...] = value
        before = timer.cycles_total
        chip.run(cycles_max=CYCLES_MAX)
        variables = {name: np.array(chip.var(name)) for name in ("bytes", "words", "acc", "query")}
        return LayerRun(int(timer.cycles_total - before), int(chip.var("returned")), variables)


@contextmanager
def open_layer_probe(elf: Path, mcu: str) -> Iterator[LayerProbe]:
    """Put the probe on an emulated chip.

    Args:
        elf: Of the app ``probe_layers``, built for `mcu`.
        mcu: The chip.
    """
    with load_emulator().Chip(mcu, elf) as chip:
        yield LayerProbe(chip)
