# SPDX-License-Identifier: GPL-3.0-or-later
"""The examples benchmark: the learners in examples/python, on the chip in Python, from many seeds.

What each is taught and judged by stands in `kilolearn.example_programs`. A row a program, task and
chip; an accuracy is in percent, the mean over the seeds:

================= ================================================================
program           a file of examples/python
task              as in `kilolearn.tasks`
chip              as avr-gcc names it
accuracy          of the emulated chip's answers, by the true classes; for the
                  anomalies the mean of the share found and of the others left alone
p5                5th percentile over the seeds
accuracy_cpython  the same of CPython's answers
same_as_cpython   whether each run's emitted values and final globals were CPython's
seeds             how many were tried
bytecode          bytes of the program
flash             bytes: .text + .data of the image, with the machine
sram_high_water   bytes: static data and the deepest stack of all runs
cycles_per_sample of all samples, learned and answered, without the line; mean
================= ================================================================
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kilolearn.example_programs import EXAMPLES, Example
from kilolearn.python_subset import oracle
from kilolearn.python_subset.check import check
from kilolearn.python_subset.devices import Devices
from kilolearn.python_subset.emulated import CYCLES_MAX
from kilolearn.python_subset.execution import Backend, Image, build, run_image

__all__ = ["CHIPS", "bench_examples"]

CHIPS = ("attiny1634", "atmega328p")

_PART = 20  # seeds a job


@dataclass(frozen=True)
class _Run:
    """One seed: shares of right answers, 0-1, and what they cost."""

    share: float
    share_cpython: float
    same: bool
    samples: int
    busy_cycles: int
    sram_high_water: int


def bench_examples(
    executor: Executor,
    folder: Path,
    seeds: int = 200,
    chips: Sequence[str] = CHIPS,
    examples: Sequence[Example] = EXAMPLES,
) -> tuple[list[dict[str, object]], dict[str, Path]]:
    """Let every example learn its task from each seed.

    Args:
        executor: Any; a process pool uses all cores.
        folder: For images.
        seeds: 0..seeds-1 of the tasks.
        chips: To emulate.
        examples: Of `EXAMPLES`.

    Returns:
        The rows above, and the images by program and chip.
    """
    images = {
        (example, chip): _build(example, chip, folder) for example in examples for chip in chips
    }
    parts = [list(range(seeds)[first : first + _PART]) for first in range(0, seeds, _PART)]
    pending = {
        case: [executor.submit(_run_part, case[0], image, part) for part in parts]
        for case, image in images.items()
    }
    rows = []
    for case, futures in pending.items():
        runs = [run for future in futures for run in future.result()]
        rows.append(_summarise(case[0], images[case], runs))
    return rows, {f"{e.program}, {chip}": image.elf for (e, chip), image in images.items()}


def _build(example: Example, chip: str, folder: Path) -> Image:
    program = check(example.path.read_text(encoding="utf-8"), example.path.name)
    inside = folder / chip
    inside.mkdir(parents=True, exist_ok=True)
    return build(program, Backend.BYTECODE, chip, inside)


def _run_part(example: Example, image: Image, seeds: list[int]) -> list[_Run]:
    return [_run(example, image, seed) for seed in seeds]


def _run(example: Example, image: Image, seed: int) -> _Run:
    stream, given = example.draw(seed)
    source = example.path.read_text(encoding="utf-8")
    exact = oracle.run(source, example.path.name, Devices(given))
    done = run_image(image, Devices(given), CYCLES_MAX)
    assert done.cost is not None
    return _Run(
        example.judge(done.run.outputs, stream),
        example.judge(exact.outputs, stream),
        done.run == exact,
        len(stream.truth) + len(stream.test_truth),
        done.cost.busy_cycles,
        done.cost.sram_high_water,
    )


def _summarise(example: Example, image: Image, runs: list[_Run]) -> dict[str, object]:
    share = 100 * np.array([run.share for run in runs])
    exact = 100 * np.array([run.share_cpython for run in runs])
    cycles, samples = sum(run.busy_cycles for run in runs), sum(run.samples for run in runs)
    assert image.bytecode is not None
    return {
        "program": example.program,
        "task": example.task,
        "chip": image.mcu,
        "accuracy": round(float(share.mean()), 2),
        "p5": round(float(np.percentile(share, 5)), 2),
        "accuracy_cpython": round(float(exact.mean()), 2),
        "same_as_cpython": all(run.same for run in runs),
        "seeds": len(runs),
        "bytecode": image.bytecode.size,
        "flash": image.size.flash_bytes,
        "sram_high_water": max(run.sram_high_water for run in runs),
        "cycles_per_sample": round(cycles / samples, 1),
    }
