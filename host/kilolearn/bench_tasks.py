# SPDX-License-Identifier: GPL-3.0-or-later
"""The tasks benchmark: chips that learn from voltages within some dozen steps, from many seeds.

The board sets voltages and reads answers; what was right is judged here. The model is learned once,
from fresh, and then answers fresh samples without labels. The anomaly detector, which never stops
learning, is judged by its answers on the way.

A row a task and learner; an accuracy is in percent, the mean over the seeds:

================= ================================================================
task              as in `kilolearn.tasks`
learner           the rule, one of avr/online
accuracy_clean    on fresh samples, by their true classes; None for the anomalies
accuracy_noisy    the same, by labels as noisy as those it learned from
accuracy_balanced anomalies: mean of the share found and the share of others left alone
p5                5th percentile over the seeds of accuracy_clean or _balanced
sram_high_water   bytes: static data and the deepest stack of all runs
flash             bytes: .text + .data of the image
chip              as avr-gcc names it
seeds             how many were tried
steps             samples learned from
cycles_step       mean of a learning step, its conversions of voltages included
================= ================================================================
"""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kilolearn import firmware
from kilolearn.emulator import image_size
from kilolearn.measure_stream import StreamBoard, open_board
from kilolearn.tasks import TASKS

__all__ = ["CHIP", "ENTRIES", "Entry", "TaskRun", "bench_tasks", "run_task"]

CHIP = "attiny85"

_PART = 25  # seeds a job


@dataclass(frozen=True)
class Entry:
    """A learner that takes on a task.

    Attributes:
        task: Of `kilolearn.tasks.TASKS`.
        learner: What the row calls it.
        app: The firmware.
        config: Its variant.
    """

    task: str
    learner: str
    app: str
    config: str | None = None


_LINEAR = ("perceptron", "averaged", "lms", "centroid", "bayes", "stump")
ENTRIES = (
    *(
        Entry(task, rule, "stream_linear", rule)
        for task in ("linear", "diagonal")
        for rule in _LINEAR
    ),
    Entry("anomaly", "anomaly", "stream_anomaly"),
    Entry("rules", "rules", "stream_rules", "grid"),
    Entry("patches", "bayes", "stream_linear", "bayes"),
    Entry("patches", "rules", "stream_rules", "patches"),
    Entry("patches", "pair", "stream_pair"),
)


@dataclass(frozen=True)
class TaskRun:
    """One seed.

    Attributes:
        clean, noisy: Shares of right answers, 0-1, by true classes and by labels as noisy as those
            learned from; both the balanced accuracy where the learner is judged while it learns.
        steps: Samples learned from.
        cycles: Of all of them, from reset.
        model: `net` as it lies in SRAM after them.
        sram_high_water: Static bytes and the deepest stack.
    """

    clean: float
    noisy: float
    steps: int
    cycles: int
    model: bytes
    sram_high_water: int


def bench_tasks(
    executor: Executor, seeds: int = 200
) -> tuple[list[dict[str, object]], dict[str, Path]]:
    """Let every learner take on its task from each seed.

    Args:
        executor: Any; a process pool uses all cores.
        seeds: 0..seeds-1 of the tasks.

    Returns:
        The rows above, and the images by task and learner.
    """
    elfs = {entry: firmware.build(entry.app, CHIP, entry.config) for entry in ENTRIES}
    parts = [list(range(seeds)[first : first + _PART]) for first in range(0, seeds, _PART)]
    pending = {
        entry: [executor.submit(_run_part, elf, entry.task, part) for part in parts]
        for entry, elf in elfs.items()
    }
    rows = []
    for entry, futures in pending.items():
        runs = [run for future in futures for run in future.result()]
        rows.append(_summarise(entry, elfs[entry], runs))
    return rows, {f"{entry.task}, {entry.learner}": elf for entry, elf in elfs.items()}


def run_task(
    elf: Path, mcu: str, task: str, seed: int, board_kind: type[StreamBoard] = StreamBoard
) -> TaskRun:
    """Let a chip learn one draw of a task, and ask it.

    Args:
        elf: Built for `mcu`.
        mcu: The chip.
        task: Of `kilolearn.tasks.TASKS`.
        seed: Of the task, and of what SRAM holds at power-up.
        board_kind: As for `open_board`.
    """
    stream = TASKS[task](seed)
    with open_board(elf, mcu, seed, board_kind) as board:
        before = board.teach(stream.samples, stream.labels)
        cycles = int(board.chip.cycle)
        model = np.asarray(board.chip.var("net")).tobytes()
        if len(stream.test_truth):
            answers = board.ask(stream.test_samples)
            clean = float(np.mean(answers == stream.test_truth))
            noisy = float(np.mean(answers == stream.test_labels))
        else:
            clean = noisy = _balanced(before == 1, stream.truth == 1)
        return TaskRun(clean, noisy, len(before), cycles, model, int(board.chip.sram_high_water))


def _run_part(elf: Path, task: str, seeds: list[int]) -> list[TaskRun]:
    return [run_task(elf, CHIP, task, seed) for seed in seeds]


def _balanced(flagged: np.ndarray, anomalous: np.ndarray) -> float:
    """Mean of the share of anomalies flagged and of other samples not flagged; both (samples,)."""
    return float(np.mean(flagged[anomalous]) + np.mean(~flagged[~anomalous])) / 2


def _summarise(entry: Entry, elf: Path, runs: list[TaskRun]) -> dict[str, object]:
    clean = 100 * np.array([run.clean for run in runs])
    noisy = 100 * np.array([run.noisy for run in runs])
    is_balanced = entry.task == "anomaly"
    return {
        "task": entry.task,
        "learner": entry.learner,
        "accuracy_clean": None if is_balanced else round(float(clean.mean()), 2),
        "accuracy_noisy": None if is_balanced else round(float(noisy.mean()), 2),
        "accuracy_balanced": round(float(clean.mean()), 2) if is_balanced else None,
        "p5": round(float(np.percentile(clean, 5)), 2),
        "sram_high_water": max(run.sram_high_water for run in runs),
        "flash": image_size(elf).flash_bytes,
        "chip": CHIP,
        "seeds": len(runs),
        "steps": runs[0].steps,
        "cycles_step": round(sum(run.cycles for run in runs) / sum(run.steps for run in runs), 1),
    }
