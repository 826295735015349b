# SPDX-License-Identifier: GPL-3.0-or-later
"""The digits benchmark: trained on the emulated chip, stratified splits, twin beside it.

A row a chip; with 512 bytes of SRAM another net than with 1 KB:

========================= ==========================================================
chip                      as avr-gcc names it
learner                   of avr/apps
accuracy_mean, _min       percent right on the test parts, after the last epoch
accuracies                the same, one a split
sram_high_water           bytes: static data and the deepest stack of all runs
flash                     bytes: .text + .data of the image
cycles_train_mean         of learner_train, over every step of every run
cycles_infer              of learner_infer, mean over the test parts
bit_exact_with_twin       all answers and final weights equal the native twin's
hz, seconds_train         clock, and what one whole training takes at it
epochs, splits            of the recipe; number of runs
moved_share               0-1, training images sent moved by half a pixel
static, stack_high_water  the two parts of sram_high_water
========================= ==========================================================
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, as_completed
from dataclasses import dataclass
from pathlib import Path

from kilolearn import datasets, firmware
from kilolearn.measure import ChipCost, open_emulated
from kilolearn.outcome import first_difference, train_and_test
from kilolearn.quantise import QuantisedSplit
from kilolearn.recipes import recipe_for
from kilolearn.train import TrainingRecipe
from kilolearn.twin import Twin

__all__ = ["CHIPS", "DigitsRun", "bench_digits", "run_split", "summarise"]

CHIPS = {
    "attiny1634": ("digits", None),
    "atmega168p": ("digits", None),
    "attiny85": ("pooled", "digits"),
}
"""Chip: app, config."""


@dataclass(frozen=True)
class DigitsJob:
    """One training on one chip, ready to travel to another process."""

    mcu: str
    app: str
    elf: Path
    twin: Path
    seed: int
    split: QuantisedSplit
    recipe: TrainingRecipe


@dataclass(frozen=True)
class DigitsRun:
    """What came of it.

    Attributes:
        mcu: The chip.
        app: Its learner.
        seed: Of the split.
        accuracy: Percent on the test part.
        difference: From the twin, in words; None when bit-exact.
        cost: Of the run.
        training_cycles: From the first training frame to the last answer, the line included.
        recipe: Of the training.
    """

    mcu: str
    app: str
    seed: int
    accuracy: float
    difference: str | None
    cost: ChipCost
    training_cycles: int
    recipe: TrainingRecipe


def bench_digits(
    executor: Executor,
    splits: int = 5,
    epochs: int | None = None,
    told: Callable[[DigitsRun], None] | None = None,
) -> tuple[list[DigitsRun], dict[str, Path]]:
    """Run every split on every chip.

    Args:
        executor: Any; a process pool uses all cores.
        splits: Seeds 0..splits-1.
        epochs: Instead of the recipe's.
        told: Called as each run ends.

    Returns:
        The runs, by chip and seed, and the images by chip.
    """
    elfs = {mcu: firmware.build(app, mcu, config) for mcu, (app, config) in CHIPS.items()}
    digits = datasets.load("digits")
    jobs = []
    for mcu, (app, config) in CHIPS.items():
        twin = firmware.build_twin(app, config)
        description = Twin(app, config, twin).description
        for seed in range(splits):
            split = QuantisedSplit.of(datasets.split(digits, seed), description.input_max)
            recipe = recipe_for(description.name, seed, epochs)
            jobs.append(DigitsJob(mcu, app, elfs[mcu], twin, seed, split, recipe))
    runs = []
    for future in as_completed([executor.submit(run_split, job) for job in jobs]):
        runs.append(future.result())
        if told is not None:
            told(runs[-1])
    order = list(CHIPS)
    return sorted(runs, key=lambda run: (order.index(run.mcu), run.seed)), elfs


def run_split(job: DigitsJob) -> DigitsRun:
    """Train and test one split on chip and twin, and compare them."""
    with open_emulated(job.elf, job.mcu, job.seed) as emulated:
        before = emulated.chip.cycle
        cycles: list[int] = []
        ours = train_and_test(
            emulated.link,
            job.split,
            job.recipe,
            lambda _: cycles.append(int(emulated.chip.cycle)),
            emulated.evaluate,
        )
        cost = emulated.cost()
    theirs = train_and_test(Twin(job.app, library=job.twin), job.split, job.recipe)
    return DigitsRun(
        job.mcu,
        job.app,
        job.seed,
        ours.accuracy,
        first_difference(ours, theirs),
        cost,
        cycles[-1] - before,
        job.recipe,
    )


def summarise(runs: list[DigitsRun]) -> list[dict[str, object]]:
    """One row a chip, with the keys above."""
    rows: list[dict[str, object]] = []
    for mcu in dict.fromkeys(run.mcu for run in runs):
        own = [run for run in runs if run.mcu == mcu]
        accuracies = [round(run.accuracy, 3) for run in own]
        steps = sum(run.cost.train.calls for run in own)
        cycles = sum(run.cost.train.calls * run.cost.train.mean for run in own)
        first = own[0].cost
        rows.append(
            {
                "chip": mcu,
                "learner": own[0].app,
                "accuracy_mean": round(sum(run.accuracy for run in own) / len(own), 3),
                "accuracy_min": min(accuracies),
                "accuracies": accuracies,
                "sram_high_water": max(run.cost.sram_high_water for run in own),
                "flash": first.image.flash_bytes,
                "cycles_train_mean": round(cycles / steps, 1),
                "cycles_infer": round(sum(run.cost.infer.mean for run in own) / len(own), 1),
                "bit_exact_with_twin": all(run.difference is None for run in own),
                "hz": first.hz,
                "seconds_train": round(
                    sum(run.training_cycles for run in own) / len(own) / first.hz, 1
                ),
                "epochs": own[0].recipe.epochs,
                "moved_share": own[0].recipe.moved_share,
                "splits": len(own),
                "static": first.image.static_bytes,
                "stack_high_water": max(run.cost.stack_high_water for run in own),
            }
        )
    return rows
