# SPDX-License-Identifier: GPL-3.0-or-later
"""A chip that learns from voltages (avr/apps/stream_*.c): its board, and what it cost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kilolearn.measure import load_emulator

__all__ = ["StreamBoard", "open_board"]

SUPPLY_MILLIVOLTS = 5_000
STEP_CYCLES_MAX = 1_000_000
"""About a hundred times the longest step."""

_NO_LABEL = 3


class StreamBoard:
    """Voltages at the inputs of an emulated chip, and its answers.

    Attributes:
        chip: The emulated chip (`pyavr_sim.Chip`).
    """

    def __init__(self, chip: Any) -> None:
        self.chip = chip
        self._until = load_emulator().until
        self._samples = chip.var("report.samples")
        self._answer = chip.var("report.answer")
        chip.adc.vcc = chip.adc.avcc = SUPPLY_MILLIVOLTS
        self.restart()

    def restart(self) -> None:
        """Pull the reset pin: the firmware starts from a fresh model with the next sample."""
        self.chip.reset()
        self._samples[...] = 0  # as the firmware will have it; SRAM holds anything

    def teach(self, samples: NDArray[np.uint8], labels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Answers (samples,) before each step, to samples (samples, 2) with labels 0-2."""
        pairs = zip(samples.tolist(), labels.tolist(), strict=True)
        return np.array([self._step(sample, label) for sample, label in pairs], np.uint8)

    def ask(self, samples: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Answers (samples,) to samples (samples, 2), without a label."""
        return np.array([self._step(sample, _NO_LABEL) for sample in samples.tolist()], np.uint8)

    def _step(self, sample: list[int], label: int) -> int:
        """One sample: the firmware converts after it has counted the one before."""
        for channel, value in enumerate([*sample, label * 64 + 32], start=1):
            self.chip.adc[channel].millivolts = (2 * value + 1) * SUPPLY_MILLIVOLTS // 512
        counted = (int(self._samples) + 1) % 256
        self.chip.run(STEP_CYCLES_MAX, self._until.value("report.samples", "==", counted))
        return int(self._answer)


@contextmanager
def open_board(elf: Path, mcu: str, seed: int = 0) -> Iterator[StreamBoard]:
    """Put a streaming firmware on an emulated chip.

    Args:
        elf: Of an app ``stream_...``, built for `mcu`.
        mcu: The chip.
        seed: Of what SRAM holds at power-up.
    """
    with load_emulator().Chip(mcu, elf, seed=seed) as chip:
        yield StreamBoard(chip)
