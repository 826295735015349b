# SPDX-License-Identifier: GPL-3.0-or-later
"""Checkpoints under power cuts at every instant, and training under resets by the watchdog.

A row a chip and case:

================  ===============================================================
chip              name of the chip
learner           its app; ``charlm small``: a character model
memory            ``EEPROM`` or ``flash``, where the image keeps checkpoints
case              ``first write``, ``overwrite``: the power is cut while a checkpoint is made;
                  ``resets``: the chip hangs again and again while it trains
cuts              power cuts, each followed by a restart that really ran
old_restored      of these, with the state of the checkpoint before (of the fresh model at first)
new_restored      of these, with the state of the new checkpoint
lost              of these, with anything else
resets            by the watchdog
diverged          1: the weights or counters at the end are not those of a run without resets
================  ===============================================================

None where a thing does not apply. docs/checkpoint.md says where the cuts are.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import NamedTuple

import numpy as np

from kilolearn import firmware
from kilolearn.checkpoint import train_through_resets
from kilolearn.checkpointed import Checkpointed, CheckpointedLearner, CheckpointedModel
from kilolearn.emulator import port_url
from kilolearn.learner import Description, Labels, Samples
from kilolearn.link import Link
from kilolearn.measure_power_cut import Saving, Tally, count_cuts, record_saving
from kilolearn.port import open_port
from kilolearn.stray_port import StrayPort
from kilolearn.twin import Twin

__all__ = ["CASES", "Case", "bench_power_cut", "cut_power", "train_with_resets"]

Row = dict[str, object]

SHARES = 8  # parts of a case, so that several processes may work on it
STEPS_A_CHECKPOINT = 4
BYTES_A_CHECKPOINT = 64
LETTERS = b"etaoin shrdlu\n"
EVERY = 5
SAVE_CYCLES_MAX = 1_200_000
TIMEOUT_SECONDS = 0.5  # emulated; a checkpoint takes 0.15


class Case(NamedTuple):
    """An image that keeps checkpoints, and how many it makes until it overwrites the first."""

    app: str
    config: str
    mcu: str
    memory: str
    slots: int
    share_of_cuts: float

    @property
    def model(self) -> str | None:
        """The character model that it is, of `kilolearn.charlm.coded.MODELS`."""
        return self.config.removesuffix("_checkpoint") if self.app == "charlm" else None

    @property
    def learner(self) -> str:
        """For people."""
        return f"charlm {self.model}" if self.model is not None else self.app


CASES = (
    Case("softmax", "italy_checkpoint", "attiny85", "EEPROM", 12, 0.7),
    Case("digits", "checkpoint", "attiny1634", "flash", 2, 0.3),
    Case("charlm", "small_checkpoint", "atmega328p", "EEPROM", 2, 0.02),
    Case("charlm", "plain_checkpoint", "attiny1634", "flash", 2, 0.02),
)
"""The restart of a larger model takes longer, so fewer of the cuts are its. Those of the character
models are beyond the number asked for."""


def bench_power_cut(
    cuts: int, steps: int, executor: Executor, cases: Sequence[Case] = CASES
) -> tuple[list[Row], dict[str, Path]]:
    """Cut the power, and let chips hang.

    Args:
        cuts: At least so many in all.
        steps: Of training, with resets.
        executor: Runs the parts.
        cases: Images and chips.

    Returns:
        The rows above, and the images by chip, the first of each.
    """
    rows: list[Row] = []
    elfs: dict[str, Path] = {}
    for case in cases:
        elf = firmware.build(case.app, case.mcu, case.config)
        elfs.setdefault(case.mcu, elf)
        for name, saved_before in (("first write", 0), ("overwrite", case.slots + 1)):
            wanted = round(cuts * case.share_of_cuts / 2)
            tally = cut_power(case, elf, saved_before, wanted, executor)
            rows.append(_row(case, name) | vars(tally))
        if case.model is not None:
            continue  # it has no watchdog
        resets, diverged = train_with_resets(case, elf, steps)
        rows.append(_row(case, "resets") | {"resets": resets, "diverged": int(diverged)})
    return rows, elfs


def _row(case: Case, name: str) -> Row:
    return {
        "chip": case.mcu,
        "learner": case.learner,
        "memory": case.memory,
        "case": name,
        "cuts": None,
        "old_restored": None,
        "new_restored": None,
        "lost": None,
        "resets": None,
        "diverged": None,
    }


def cut_power(case: Case, elf: Path, saved_before: int, cuts: int, executor: Executor) -> Tally:
    """At least so many cuts while the checkpoint after `saved_before` others is made."""
    saving = record_saving(elf, case.mcu, _image(case, saved_before + 1), saved_before)
    spacing = max(1, (saving.end - saving.start) // max(1, cuts // 4))
    while saving.cuts(spacing) < cuts:
        spacing = spacing * 9 // 10
    parts = [
        executor.submit(_part, elf, case.mcu, saving, spacing, worker) for worker in range(SHARES)
    ]
    total = Tally()
    for part in parts:
        total.add(part.result())
    return total


def _part(elf: Path, mcu: str, saving: Saving, spacing: int, worker: int) -> Tally:
    return count_cuts(elf, mcu, saving, spacing, worker, SHARES)


def train_with_resets(case: Case, elf: Path, steps: int, share: float = 0.2) -> tuple[int, bool]:
    """Train a chip that hangs in a share of its steps, 0-1.

    Returns:
        Resets by its watchdog, and whether it ended with other weights or counters than a run
        without any.
    """
    twin = Twin(case.app, case.config)
    samples, labels = _drawn(twin.description, steps, seed=2)
    shifts = np.arange(steps) * 4 // steps
    with open_port(port_url(elf, case.mcu), timeout=TIMEOUT_SECONDS) as port:
        stray = StrayPort(port, share, SAVE_CYCLES_MAX, seed=3)
        link = Link(stray)
        link.reset(5)
        link.checkpoint(EVERY)
        train_through_resets(link, samples, labels, shifts.tolist())
        weights, counted, resets = link.read_weights(), link.statistics(), stray.resets
    twin.reset(5)
    errors = 0
    for shift in range(4):
        part = shifts == shift
        twin.set_rate(shift)
        answers = twin.train_many(samples[part], labels[part])
        errors += int(np.count_nonzero(answers.predictions != labels[part]))
    same = weights == twin.read_weights() and (counted.steps, counted.errors) == (steps, errors)
    return resets, not same


def _image(case: Case, parts: int) -> Checkpointed:
    """What is trained, with a lesson for so many parts."""
    if case.model is None:
        about = Twin(case.app, case.config).description
        return CheckpointedLearner(*_drawn(about, STEPS_A_CHECKPOINT * parts, seed=1))
    draw = np.random.default_rng(1)
    return CheckpointedModel(
        case.model, bytes(draw.choice(list(LETTERS), BYTES_A_CHECKPOINT * parts))
    )


def _drawn(about: Description, count: int, seed: int) -> tuple[Samples, Labels]:
    """Samples that mean nothing, so that nearly every step changes weights."""
    draw = np.random.default_rng(seed)
    samples = draw.integers(0, about.input_max + 1, (count, about.inputs)).astype(np.uint8)
    return samples, draw.integers(0, about.classes, count)
