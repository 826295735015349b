# SPDX-License-Identifier: GPL-3.0-or-later
"""What a firmware costs: flash, SRAM and cycles, asked of the emulator."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kilolearn.emulator import ImageSize, image_size, load_emulator, port_url
from kilolearn.learner import Answers, Labels, Samples
from kilolearn.link import Link
from kilolearn.port import open_port
from kilolearn.train import evaluate

__all__ = [
    "ChipCost",
    "EmulatedLearner",
    "FunctionCycles",
    "InferenceRun",
    "KernelRun",
    "XorRun",
    "open_emulated",
    "run_inference",
    "run_kernels",
    "run_xor",
]

XOR_CYCLES_MAX = 100_000_000
KERNELS_CYCLES_MAX = 1_000_000
"""Each more than ten times the usual."""

INFERENCE_CYCLES_MAX = 10_000_000
"""More than ten times the slowest peer's."""


@dataclass(frozen=True)
class FunctionCycles:
    """Cycles of one function, from its entry to its return, calls inside included."""

    calls: int
    mean: float


@dataclass(frozen=True)
class ChipCost:
    """What a firmware cost while it ran.

    Attributes:
        mcu: The chip.
        hz: Its clock.
        image: Flash and static SRAM.
        stack_high_water: Most bytes of stack ever in use.
        sram_high_water: Static bytes and that.
        flash_total, sram_total: What the chip has.
        cycles: Since power-up.
        train, infer: Of learner_train, and of learner_infer in the last `evaluate`.
    """

    mcu: str
    hz: int
    image: ImageSize
    stack_high_water: int
    sram_high_water: int
    flash_total: int
    sram_total: int
    cycles: int
    train: FunctionCycles
    infer: FunctionCycles


@dataclass(frozen=True)
class XorRun:
    """What the XOR firmware left behind.

    Attributes:
        seed: It started from.
        ended: It came to its end within the limit.
        status: Its own opinion, 1 for learned.
        steps: Training steps that it counted.
        net: The struct `net`, a copy.
        sram_high_water: Static bytes and the deepest stack.
        training: Of xor_train.
    """

    seed: int
    ended: bool
    status: int
    steps: int
    net: NDArray[np.void]
    sram_high_water: int
    training: FunctionCycles


@dataclass(frozen=True)
class KernelRun:
    """What one kernel of probe_kernels did on one draw.

    Attributes:
        kernel: Its name in avr/net.
        cycles_c, cycles_assembly: Call and return included.
        result_c, result_assembly: (columns,).
    """

    kernel: str
    cycles_c: int
    cycles_assembly: int
    result_c: NDArray[np.integer]
    result_assembly: NDArray[np.integer]


@dataclass(frozen=True)
class InferenceRun:
    """What a firmware that classifies one sample did with many.

    Attributes:
        answers: (samples,) int64, a class each; -1 where it did not come to an end.
        cycles: Of classify, mean.
        cycles_max: Of classify.
        sram_high_water: Static bytes and the deepest stack of all runs.
    """

    answers: NDArray[np.int64]
    cycles: float
    cycles_max: int
    sram_high_water: int


class EmulatedLearner:
    """A learner firmware on an emulated chip, reached over its emulated serial port.

    Attributes:
        link: As to a real chip.
        chip: The emulated chip behind the port (`pyavr_sim.Chip`).
    """

    def __init__(self, port: Any, mcu: str, elf: Path) -> None:
        self.chip = port.chip
        self._mcu = mcu
        self._elf = elf
        self._train = self.chip.time("learner_train")
        self._infer = self.chip.time("learner_infer")
        self._inference = FunctionCycles(0, 0.0)
        self.link = Link(port)

    def weights_in_sram(self) -> bytes:
        """The model as it lies in SRAM: the variable `net`, found by its debug information."""
        return np.asarray(self.chip.var("net")).tobytes()

    def evaluate(self, samples: Samples, labels: Labels) -> tuple[float, Answers]:
        """As `kilolearn.train.evaluate`, and time learner_infer over just these samples.

        A learner may call it inside learner_train too, so the timer's whole count says nothing.
        """
        calls, cycles = self._infer.calls, self._infer.cycles_total
        result = evaluate(self.link, samples, labels)
        calls, cycles = self._infer.calls - calls, self._infer.cycles_total - cycles
        self._inference = FunctionCycles(int(calls), cycles / calls if calls else 0.0)
        return result

    def cost(self) -> ChipCost:
        """What it has cost so far."""
        chip = self.chip
        return ChipCost(
            mcu=self._mcu,
            hz=int(chip.hz),
            image=image_size(self._elf),
            stack_high_water=int(chip.stack_high_water),
            sram_high_water=int(chip.sram_high_water),
            flash_total=int(chip.description.flash_bytes),
            sram_total=int(chip.description.sram_bytes),
            cycles=int(chip.cycle),
            train=_function_cycles(self._train),
            infer=self._inference,
        )


@contextmanager
def open_emulated(elf: Path, mcu: str, seed: int = 0) -> Iterator[EmulatedLearner]:
    """Put a learner firmware on an emulated chip and open its port.

    Args:
        elf: Built for `mcu`.
        mcu: The chip.
        seed: Of what SRAM holds at power-up.

    Raises:
        MissingExtraError: pyavr_sim is not installed.
        pyavr_sim.PyavrSimError: The image does not fit the chip, or misbehaves.
    """
    with open_port(port_url(elf, mcu, seed)) as port:
        yield EmulatedLearner(port, mcu, elf)


def run_xor(elf: Path, mcu: str, seed: int) -> XorRun:
    """Let the XOR firmware learn from one seed, and take what it left in SRAM.

    A run that has not ended after `XOR_CYCLES_MAX` counts as one that did not learn.

    Args:
        elf: Of the app ``xor``, built for `mcu`.
        mcu: The chip.
        seed: Of the first weights, 0-65535; of what SRAM holds at power-up too.
    """
    emulator = load_emulator()
    with emulator.Chip(mcu, elf, seed=seed) as chip:
        timer = chip.time("xor_train")
        chip.var("seed")[...] = seed
        stop = chip.run(cycles_max=XOR_CYCLES_MAX)
        result = np.array(chip.var("result"))
        return XorRun(
            seed=seed,
            ended=stop.reason is emulator.StopReason.ENDED,
            status=int(result["status"]),
            steps=int(result["steps"]),
            net=np.array(chip.var("net")),
            sram_high_water=int(chip.sram_high_water),
            training=_function_cycles(timer),
        )


def run_kernels(
    elf: Path, mcu: str, weight: NDArray[np.int8], pixels: NDArray[np.uint8]
) -> list[KernelRun]:
    """Let the kernels of probe_kernels work on operands, in C and in assembly.

    Args:
        elf: Of the app ``probe_kernels``, built for `mcu`.
        mcu: The chip.
        weight: (41, 10).
        pixels: (64,); columns_sum takes the first 4 x 4 of 8 x 8, columns_score the first 41.
    """
    emulator = load_emulator()
    with emulator.Chip(mcu, elf) as chip:
        names = {"columns_sum": ("time_sum", "sums"), "columns_score": ("time_score", "scores")}
        timers = {
            name: (chip.time(f"{function}_in_c"), chip.time(function))
            for name, (function, _) in names.items()
        }
        chip.var("weight")[...] = weight
        chip.var("input")[...] = pixels
        chip.run(cycles_max=KERNELS_CYCLES_MAX)
        return [
            KernelRun(
                name,
                int(timers[name][0].cycles_total),
                int(timers[name][1].cycles_total),
                np.array(chip.var(f"{result}_in_c")),
                np.array(chip.var(result)),
            )
            for name, (_, result) in names.items()
        ]


def run_inference(elf: Path, mcu: str, samples: Samples) -> InferenceRun:
    """Classify each sample from a reset on: `sample` goes in by SRAM, `answer` comes out of it.

    Args:
        elf: Built around ``peers/classify.c``.
        mcu: The chip.
        samples: (samples, width) uint8.

    Raises:
        pyavr_sim.PyavrSimError: The image does not fit the chip, or misbehaves.
    """
    emulator = load_emulator()
    with emulator.Chip(mcu, elf) as chip:
        timer = chip.time("classify")
        answers = []
        for sample in samples:
            chip.reset()
            chip.var("sample")[...] = sample
            stop = chip.run(cycles_max=INFERENCE_CYCLES_MAX)
            ended = stop.reason is emulator.StopReason.ENDED
            answers.append(int(chip.var("answer")) if ended else -1)
        return InferenceRun(
            np.array(answers),
            float(timer.cycles_mean),
            int(timer.cycles_max),
            int(chip.sram_high_water),
        )


def _function_cycles(timer: Any) -> FunctionCycles:
    calls = int(timer.calls)
    return FunctionCycles(calls, float(timer.cycles_mean) if calls else 0.0)
