# SPDX-License-Identifier: GPL-3.0-or-later
"""A chip that learns from voltages: its board, and what it cost.

The firmware is one of avr/apps/stream_*.c, or avr/kilobyte/perceptron.S.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kilolearn.emulator import load_emulator

__all__ = ["PerceptronBoard", "StreamBoard", "open_board"]

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
        chip.adc.vcc = chip.adc.avcc = SUPPLY_MILLIVOLTS
        self.restart()

    def restart(self) -> None:
        """Pull the reset pin: the firmware starts from a fresh model with the next sample."""
        self.chip.reset()
        self._samples = self.chip.var("report.samples")
        self._answer = self.chip.var("report.answer")
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
        return self._end_step()

    def _end_step(self) -> int:
        counted = (int(self._samples) + 1) % 256
        self.chip.run(STEP_CYCLES_MAX, self._until.value("report.samples", "==", counted))
        return int(self._answer)


class PerceptronBoard(StreamBoard):
    """The same for perceptron.S, which keeps no report: the answer is its pin."""

    def restart(self) -> None:
        """Pull the reset pin."""
        self.chip.reset()
        self._end_step()

    def _end_step(self) -> int:
        self.chip.run(STEP_CYCLES_MAX, self._until.symbol("sample"))
        return int(self.chip.pin("B0").level)


@contextmanager
def open_board(
    elf: Path, mcu: str, seed: int = 0, board: type[StreamBoard] = StreamBoard
) -> Iterator[StreamBoard]:
    """Put a streaming firmware on an emulated chip.

    Args:
        elf: Of an app ``stream_...`` or ``perceptron``, built for `mcu`.
        mcu: The chip.
        seed: Of what SRAM holds at power-up.
        board: `PerceptronBoard` for ``perceptron``.
    """
    with load_emulator().Chip(mcu, elf, seed=seed) as chip:
        yield board(chip)
