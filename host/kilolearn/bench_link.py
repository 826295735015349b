# SPDX-License-Identifier: GPL-3.0-or-later
"""Digits, trained over bad lines and over a good one.

A row a chip and line:

===================  ============================================================================
chip                 name of the chip
hz, baud             its clock; of its line
fault                ``bit flips``, ``dropped``, ``doubled``, ``inserted``: bytes; ``mixed``: any of
                     these; ``pauses``: in the middle of a request, or where an answer should come;
                     ``resets``: of the chip; ``none``
share                of the bytes, 0-1; of pauses and resets: of the calls of read and write
steps                of training
faults               that happened
retransmissions      requests that were sent once more
went_back            how often the chip had to go on from an earlier step
diverged             1: weights, counters or an answer are not those of a line without faults
wire_efficiency      bytes of samples and labels over the bytes that the line could carry while the
                     chip does not compute, 0-1; computing is learner_train and nothing else
overruns             bytes that came while the chip's receiver was full
===================  ============================================================================

None where a thing does not apply. The line without faults is that of the twin, whose bits are the
chip's. docs/wire.md says how the efficiency is measured.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import NamedTuple

import numpy as np

from kilolearn import datasets, firmware
from kilolearn.checkpoint import train_through_resets
from kilolearn.emulator import emulated_chip, port_url
from kilolearn.faulty_port import FaultyPort
from kilolearn.link import Link
from kilolearn.port import open_port
from kilolearn.quantise import QuantisedSplit
from kilolearn.recipes import recipe_for
from kilolearn.timed_port import TimedPort
from kilolearn.train import TrainingRecipe, deal, train_on_chip
from kilolearn.twin import Twin

__all__ = ["BAD_LINES", "GOOD_LINES", "BadLine", "GoodLine", "bench_link", "measure_line", "train"]

Row = dict[str, object]

_MCU = "attiny1634"
_SEED = 11
_TIMEOUT_SECONDS = 0.05  # emulated; a step takes 0.009, a restart with a checkpoint 0.02
_QUIET_SECONDS = 0.002
_EVERY = 64  # steps between two checkpoints


class BadLine(NamedTuple):
    """What goes wrong, and how often."""

    fault: str
    share: float


BAD_LINES = (
    BadLine("bit flips", 0.01),
    BadLine("dropped", 0.01),
    BadLine("doubled", 0.01),
    BadLine("inserted", 0.01),
    BadLine("mixed", 0.01),
    BadLine("mixed", 0.001),
    BadLine("pauses", 0.01),
    BadLine("resets", 0.002),
)


class GoodLine(NamedTuple):
    """A chip, its clock and a rate that it meets exactly."""

    mcu: str
    hz: int
    baud: int


GOOD_LINES = (
    GoodLine("attiny1634", 8_000_000, 500_000),
    GoodLine("attiny1634", 7_372_800, 115_200),
    GoodLine("atmega168p", 16_000_000, 500_000),
    GoodLine("atmega168p", 14_745_600, 115_200),
)


def bench_link(
    epochs: int | None,
    steps: int,
    executor: Executor,
    bad_lines: Sequence[BadLine] = BAD_LINES,
    good_lines: Sequence[GoodLine] = GOOD_LINES,
) -> tuple[list[Row], dict[str, Path]]:
    """Train over each line.

    Args:
        epochs: Over a bad one; those of the recipe when not given.
        steps: Over a good one.
        executor: Runs the lines.
        bad_lines: With faults.
        good_lines: Without.

    Returns:
        The rows above, and the images by chip.
    """
    elfs = {_MCU: firmware.build("digits", _MCU)}
    if any(line.fault == "resets" for line in bad_lines):
        firmware.build("digits", _MCU, "checkpoint")
    for line in good_lines:
        firmware.build("digits", line.mcu, hz=line.hz, baud=line.baud)
    waiting = [executor.submit(train, line, epochs) for line in bad_lines]
    waiting += [executor.submit(measure_line, line, steps) for line in good_lines]
    return [future.result() for future in waiting], elfs


def train(line: BadLine, epochs: int | None) -> Row:
    """Digits over a bad line, and whether it is as over a good one."""
    config = "checkpoint" if line.fault == "resets" else None
    twin = Twin("digits", config)
    split = datasets.split(datasets.load("digits"), seed=0)
    parts = QuantisedSplit.of(split, twin.description.input_max)
    recipe = recipe_for("digits", _SEED, epochs)
    history = train_on_chip(twin, parts.train_samples, parts.train_labels, recipe)
    expected = np.concatenate([epoch.answers.predictions for epoch in history.epochs])
    labels = np.concatenate(
        [told for _, _, told in deal(parts.train_samples, parts.train_labels, recipe)]
    )
    wrong = int(np.count_nonzero(expected != labels))
    elf = firmware.build("digits", _MCU, config)
    with open_port(port_url(elf, _MCU), timeout=_TIMEOUT_SECONDS) as port:
        bad = FaultyPort(port, line.fault, line.share, _SEED)
        link = Link(bad, quiet_seconds=_QUIET_SECONDS)
        went_back = None
        if line.fault == "resets":
            went_back = _through_resets(link, parts, recipe)
            same = True
        else:
            ours = train_on_chip(link, parts.train_samples, parts.train_labels, recipe)
            pairs = zip(ours.epochs, history.epochs, strict=True)
            same = all(_same(a.answers, b.answers) for a, b in pairs)
        counted = link.statistics()
        same &= (counted.steps, counted.errors) == (len(labels), wrong)
        same &= link.read_weights() == twin.read_weights()
        hz = int(emulated_chip(port).hz)
        return _row(_MCU, hz) | {
            "fault": line.fault,
            "share": line.share,
            "steps": len(labels),
            "faults": bad.faults,
            "retransmissions": link.retransmissions,
            "went_back": went_back,
            "diverged": int(not same),
        }


def _same(one: Iterable[np.ndarray], other: Iterable[np.ndarray]) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def _through_resets(link: Link, parts: QuantisedSplit, recipe: TrainingRecipe) -> int:
    link.reset(recipe.seed)
    link.checkpoint(_EVERY)
    epochs = list(deal(parts.train_samples, parts.train_labels, recipe))
    shifts = [shift for shift, _, told in epochs for _ in told]
    samples = np.concatenate([sent for _, sent, _ in epochs])
    labels = np.concatenate([told for _, _, told in epochs])
    return train_through_resets(link, samples, labels, shifts)


def measure_line(line: GoodLine, steps: int) -> Row:
    """How much of a good line the samples of digits take."""
    elf = firmware.build("digits", line.mcu, hz=line.hz, baud=line.baud)
    digits = datasets.load("digits")
    with open_port(port_url(elf, line.mcu)) as port:
        chip = emulated_chip(port)
        timed = TimedPort(port, line.baud)
        link = Link(timed)
        parts = QuantisedSplit.of(datasets.split(digits, seed=0), link.description.input_max)
        link.reset(_SEED)
        timed.lost = 0
        timer = chip.time("learner_train")
        begin = int(chip.cycle)
        link.train_many(parts.train_samples[:steps], parts.train_labels[:steps])
        free = int(chip.cycle) - begin - int(timer.cycles_total)
        sent = steps * (1 + link.description.sample_size)
        return _row(line.mcu, line.hz) | {
            "baud": line.baud,
            "fault": "none",
            "share": 0.0,
            "steps": steps,
            "faults": 0,
            "retransmissions": link.retransmissions,
            "wire_efficiency": round(sent * timed.byte_cycles / free, 4),
            "overruns": timed.lost,
        }


def _row(mcu: str, hz: int) -> Row:
    return {
        "chip": mcu,
        "hz": hz,
        "baud": 500_000,
        "fault": None,
        "share": None,
        "steps": None,
        "faults": None,
        "retransmissions": None,
        "went_back": None,
        "diverged": None,
        "wire_efficiency": None,
        "overruns": None,
    }
