# SPDX-License-Identifier: GPL-3.0-or-later
"""The demonstration: an emulated ATtiny1634 learns handwritten digits in its 1 KB of SRAM.

Computes only; `kilolearn.report` renders.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from kilolearn import datasets, firmware
from kilolearn.baselines import Baseline, float_baselines
from kilolearn.errors import AccuracyError, TwinMismatchError
from kilolearn.measure import ChipCost, open_emulated
from kilolearn.outcome import Outcome, first_difference, train_and_test
from kilolearn.quantise import QuantisedSplit
from kilolearn.recipes import recipe_for
from kilolearn.train import Progress, TrainingRecipe
from kilolearn.twin import Twin

__all__ = ["ACCURACY_MIN", "Demonstration", "demonstrate"]

ACCURACY_MIN = 90.0
"""Percent; a classifier that has learned nothing gets 10."""

Showing = Callable[[str, Any], AbstractContextManager[Callable[[Progress], None]]]


@dataclass(frozen=True)
class Demonstration:
    """What was shown.

    Attributes:
        mcu: The chip.
        learned: On the chip.
        cost: What it took there.
        baselines: scikit-learn on the same split.
        training_samples, test_samples: Sizes of the two parts.
        recipe: Of the training.
        training_cycles: Of the whole training, serial line included.
        host_seconds: The PC took for emulating it.
    """

    mcu: str
    learned: Outcome
    cost: ChipCost
    baselines: list[Baseline]
    training_samples: int
    test_samples: int
    recipe: TrainingRecipe
    training_cycles: int
    host_seconds: float


def demonstrate(
    say: Callable[[str], None],
    showing: Showing,
    mcu: str = "attiny1634",
    seed: int = 0,
    epochs: int | None = None,
) -> Demonstration:
    """Build, train on the emulated chip, compare with the twin and with scikit-learn.

    Args:
        say: Takes a line about each step.
        showing: Makes a progress display from a title and the emulated chip.
        mcu: The chip.
        seed: Of the split, the weights and the shuffle.
        epochs: Instead of the recipe's.

    Raises:
        TwinMismatchError: Chip and twin differ in a bit, or SRAM and wire do.
        AccuracyError: Below `ACCURACY_MIN` on the test part.
    """
    elf = firmware.build("digits", mcu)
    twin = Twin("digits")
    say(f"built {elf.name} for the {mcu} ({firmware.compiler(mcu)}), and its native twin")
    split = datasets.split(datasets.load("digits"), seed)
    quantised = QuantisedSplit.of(split, twin.description.input_max)
    recipe = recipe_for(twin.description.name, seed, epochs)
    started = time.monotonic()
    cycles: list[int] = []
    with open_emulated(elf, mcu, seed) as emulated:
        first_cycle = int(emulated.chip.cycle)
        with showing(f"training on the {mcu}", emulated.chip) as show:

            def progress(now: Progress) -> None:
                cycles.append(int(emulated.chip.cycle))
                show(now)

            learned = train_and_test(emulated.link, quantised, recipe, progress, emulated.evaluate)
        host_seconds = time.monotonic() - started
        if emulated.weights_in_sram() != learned.weights:
            raise TwinMismatchError("the weights read over the wire are not those in SRAM")
        cost = emulated.cost()
    say(f"read {len(learned.weights)} bytes of weights out of SRAM and over the wire: the same")
    difference = first_difference(learned, train_and_test(twin, quantised, recipe))
    if difference is not None:
        raise TwinMismatchError(f"the chip and its native twin differ: {difference}")
    answers = recipe.epochs * len(quantised.train_samples) + len(quantised.test_samples)
    say(f"the native twin gives the same bits: {answers:,} answers, and the final weights")
    if learned.accuracy < ACCURACY_MIN:
        raise AccuracyError(
            f"{learned.accuracy:.1f} % right on unseen digits; expected {ACCURACY_MIN:.0f} or "
            f"more: train for more epochs"
        )
    baselines = float_baselines(split, seed)
    return Demonstration(
        mcu,
        learned,
        cost,
        baselines,
        len(quantised.train_samples),
        len(quantised.test_samples),
        recipe,
        cycles[-1] - first_cycle,
        host_seconds,
    )
