# SPDX-License-Identifier: GPL-3.0-or-later
"""A chip that learns to recall (avr/kilobyte/recall.c): its board, symbol by symbol."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kilolearn.emulator import load_emulator

__all__ = ["RecallBoard", "open_recall_board"]

SUPPLY_MILLIVOLTS = 5_000
STROBE_CYCLES = 2_000
"""The first conversion takes 25 x 64."""
SYMBOL_CYCLES_MAX = 1_000_000
"""Some ten times what an answer takes."""

_SILENCE = 0
_VALUES_FROM = 8


class RecallBoard:
    """A voltage, a strobe, and the three pins of the answer.

    Attributes:
        chip: The emulated chip (`pyavr_sim.Chip`).
    """

    def __init__(self, chip: Any) -> None:
        self.chip = chip
        self._until = load_emulator().until
        self._strobe = chip.pin("B4")
        chip.adc.vcc = chip.adc.avcc = SUPPLY_MILLIVOLTS
        self._strobe.drive(False)
        self._wait()

    def teach(self, sequences: NDArray[np.uint8], labels: NDArray[np.int64]) -> NDArray[np.int64]:
        """Answers (sequences,) before each step, to sequences (sequences, 9) with labels 0-7."""
        return self._questions(sequences, labels + _VALUES_FROM)

    def ask(self, sequences: NDArray[np.uint8]) -> NDArray[np.int64]:
        """Answers (sequences,), without a label."""
        return self._questions(sequences, np.full(len(sequences), _SILENCE))

    def _questions(
        self, sequences: NDArray[np.uint8], tenths: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        answers = []
        for sequence, tenth in zip(sequences.tolist(), tenths.tolist(), strict=True):
            for symbol in sequence:
                self._show(symbol)
            answers.append(sum(self.chip.pin(f"B{bit}").level << bit for bit in range(3)))
            self._show(tenth)
        return np.array(answers, np.int64)

    def _show(self, symbol: int) -> None:
        self.chip.adc[3].millivolts = (2 * symbol + 1) * SUPPLY_MILLIVOLTS // 32
        self._strobe.drive(True)
        self.chip.run(STROBE_CYCLES)
        self._strobe.drive(False)
        self._wait()

    def _wait(self) -> None:
        """Until the firmware wants the next symbol."""
        self.chip.run(SYMBOL_CYCLES_MAX, self._until.symbol("next_symbol"))


@contextmanager
def open_recall_board(elf: Path, mcu: str, seed: int = 0) -> Iterator[RecallBoard]:
    """Put the firmware on an emulated chip.

    Args:
        elf: Of the app ``recall``, built for `mcu`.
        mcu: The chip.
        seed: Of what SRAM holds at power-up.
    """
    with load_emulator().Chip(mcu, elf, seed=seed) as chip:
        yield RecallBoard(chip)
