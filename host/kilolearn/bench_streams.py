# SPDX-License-Identifier: GPL-3.0-or-later
"""The streams benchmark: ensembles, trees and replay, each sample sent once.

The native twin learns every seed's stream; the emulated chip learns those of the first seeds, must
give the twin's bits, and says what it costs. A row a learner and a task:

===================== ==============================================================
learner, config       what it is; its name for kilolearn train
task                  a data set once through, class after class, or a generated stream
accuracy              percent right on unseen samples after the stream, mean of the seeds
accuracy_min          the lowest of the seeds
accuracy_online       percent right on the way, each answer given before its update
baseline              the simpler learner beside it, on the same streams
baseline_accuracy     its percent right on the unseen samples
reference             scikit-learn's model, in floating point, all samples at once
reference_accuracy    its percent right on the unseen samples
curve                 accuracy_online of each tenth of the stream
chip                  as avr-gcc names it
sram_high_water       bytes: static data and the deepest stack of all runs
flash                 bytes: .text + .data of the image
cycles_train          of learner_train, mean over every step on the chip
bit_exact_with_twin   all answers and the final model equal the twin's
seeds, seeds_on_chip  how many, from 0
===================== ==============================================================
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kilolearn import firmware, streams
from kilolearn.errors import MissingExtraError
from kilolearn.learner import Answers, Learner
from kilolearn.measure import ChipCost, open_emulated
from kilolearn.streams import Stream
from kilolearn.twin import Twin

__all__ = ["CASES", "StreamsCase", "bench_streams"]


@dataclass(frozen=True)
class StreamsCase:
    """A learner, what it is to learn, and what it is compared with.

    Attributes:
        learner: What it is, in words.
        app, config: Its firmware.
        task: A data set, or one of `streams.CONCEPTS`.
        baseline: App and config of the simpler learner.
        reference: Name of a model of scikit-learn.
        ordered: Class after class.
        mcu: The chip.
    """

    learner: str
    app: str
    config: str
    task: str
    baseline: tuple[str, str]
    reference: str
    ordered: bool = False
    mcu: str = "attiny1634"

    @property
    def name(self) -> str:
        """App and config in one word."""
        return f"{self.app}-{self.config}"

    @property
    def title(self) -> str:
        """The task in words."""
        return f"{self.task}, class after class" if self.ordered else self.task

    def stream(self, seed: int, input_max: int) -> Stream:
        """The stream of a seed, for a learner with these levels."""
        if self.task in streams.CONCEPTS:
            return streams.generate(self.task, seed, input_max)
        order = streams.class_after_class if self.ordered else streams.once_through
        return order(self.task, seed, input_max)


def _weak_and_strong(data: str, task: str) -> list[StreamsCase]:
    stump = ("ensemble", f"{data}_alone")
    return [
        StreamsCase(
            "majority of stumps", "ensemble", f"{data}_majority", task, stump, "boosted stumps"
        ),
        StreamsCase("boosted stumps", "ensemble", data, task, stump, "boosted stumps"),
        StreamsCase("Hoeffding tree", "tree", data, task, stump, "tree"),
    ]


def _rehearsing(data: str, config: str, kept: str, mcu: str) -> StreamsCase:
    without = ("replay", f"{data}_0")
    return StreamsCase(
        f"replay of {kept}", "replay", config, data, without, "logistic regression", True, mcu
    )


_REPLAYED = (("iris", 9, "attiny1634"), ("wine", 9, "attiny1634"), ("digits", 8, "atmega328p"))

CASES = (
    *(case for data in ("iris", "wine", "breast_cancer") for case in _weak_and_strong(data, data)),
    *(case for task in streams.CONCEPTS for case in _weak_and_strong("plane", task)),
    *(
        case
        for data, whole, mcu in _REPLAYED
        for case in (
            _rehearsing(data, f"{data}_4", "4 samples, 4 bits", mcu),
            _rehearsing(data, data, "16 samples, 4 bits", mcu),
            _rehearsing(data, f"{data}_{whole}_bytes", f"{whole} samples, 8 bits", mcu),
        )
    ),
    _rehearsing("wine", "wine_reservoir", "16 samples, 4 bits, reservoir", "attiny1634"),
)


@dataclass(frozen=True)
class _Job:
    """One seed of one case, ready to travel to another process; elf is None off the chip."""

    case: StreamsCase
    seed: int
    twin: Path
    baseline: Path
    elf: Path | None


@dataclass(frozen=True)
class _Learnt:
    """What a learner made of a stream."""

    online: Answers
    unseen: Answers
    weights: bytes

    def equals(self, other: _Learnt) -> bool:
        """Whether every answer and the final model have the same bits."""
        pairs = ((self.online, other.online), (self.unseen, other.unseen))
        return self.weights == other.weights and all(
            np.array_equal(ours.predictions, theirs.predictions)
            and np.array_equal(ours.margins, theirs.margins)
            for ours, theirs in pairs
        )


@dataclass(frozen=True)
class _Run:
    """Percentages of one seed; cost and bit_exact are None off the chip."""

    accuracy: float
    curve: list[float]
    baseline: float
    reference: float
    cost: ChipCost | None
    bit_exact: bool | None


def bench_streams(
    executor: Executor,
    seeds: int = 20,
    seeds_on_chip: int = 1,
    cases: tuple[StreamsCase, ...] = CASES,
    told: Callable[[dict[str, object]], None] | None = None,
) -> tuple[list[dict[str, object]], dict[str, Path]]:
    """Let every learner learn every seed's stream.

    Args:
        executor: Any; a process pool uses all cores.
        seeds: Streams 0..seeds-1 of each case.
        seeds_on_chip: How many of them the emulated chip learns too, at least 1.
        cases: Which rows.
        told: Called with each row as it is done.

    Returns:
        The rows above, and the images by config.
    """
    elfs: dict[str, Path] = {}
    pending = []
    for case in cases:
        elf = elfs[case.name] = firmware.build(case.app, case.mcu, case.config)
        twin = firmware.build_twin(case.app, case.config)
        baseline = firmware.build_twin(*case.baseline)
        jobs = [
            _Job(case, seed, twin, baseline, elf if seed < seeds_on_chip else None)
            for seed in range(seeds)
        ]
        pending.append((case, [executor.submit(_run, job) for job in jobs]))
    rows = []
    for case, futures in pending:
        rows.append(_summarise(case, [future.result() for future in futures]))
        if told is not None:
            told(rows[-1])
    return rows, elfs


def _run(job: _Job) -> _Run:
    case = job.case
    twin = Twin(case.app, library=job.twin)
    stream = case.stream(job.seed, twin.description.input_max)
    ours = _learn(twin, stream, job.seed)
    cost, bit_exact = None, None
    if job.elf is not None:
        with open_emulated(job.elf, case.mcu, job.seed) as emulated:
            on_chip = _learn(emulated.link, stream, job.seed)
            cost, bit_exact = emulated.cost(), ours.equals(on_chip)
    simple = Twin(case.baseline[0], library=job.baseline)
    plain = case.stream(job.seed, simple.description.input_max)
    right = ours.online.predictions == stream.labels
    return _Run(
        _percent(ours.unseen.predictions == stream.test_labels),
        [_percent(tenth) for tenth in np.array_split(right, 10)],
        _percent(_learn(simple, plain, job.seed).unseen.predictions == plain.test_labels),
        _reference(case.reference, stream),
        cost,
        bit_exact,
    )


def _learn(learner: Learner, stream: Stream, seed: int) -> _Learnt:
    learner.reset(seed)
    online = learner.train_many(stream.samples, stream.labels)
    return _Learnt(online, learner.infer_many(stream.test_samples), learner.read_weights())


def _reference(name: str, stream: Stream) -> float:
    try:
        from sklearn.ensemble import AdaBoostClassifier  # noqa: PLC0415 - seconds to import
        from sklearn.linear_model import LogisticRegression  # noqa: PLC0415
        from sklearn.pipeline import make_pipeline  # noqa: PLC0415
        from sklearn.preprocessing import MinMaxScaler  # noqa: PLC0415
        from sklearn.tree import DecisionTreeClassifier  # noqa: PLC0415
    except ImportError as error:
        raise MissingExtraError(
            "scikit-learn is not installed, and the comparison needs it; run: pip install "
            "'kilolearn[learn]'"
        ) from error
    models: dict[str, Callable[[], Any]] = {
        "boosted stumps": lambda: AdaBoostClassifier(random_state=0),
        "tree": lambda: DecisionTreeClassifier(random_state=0),
        "logistic regression": lambda: make_pipeline(
            MinMaxScaler(), LogisticRegression(max_iter=1000)
        ),
    }
    model = models[name]().fit(stream.samples, stream.labels)
    return 100.0 * float(model.score(stream.test_samples, stream.test_labels))


def _percent(right: NDArray[np.bool_]) -> float:
    return 100.0 * float(np.mean(right))


def _summarise(case: StreamsCase, runs: list[_Run]) -> dict[str, object]:
    costs = [run.cost for run in runs if run.cost is not None]
    calls = sum(cost.train.calls for cost in costs)
    cycles = sum(cost.train.calls * cost.train.mean for cost in costs)
    curve = np.mean([run.curve for run in runs], axis=0)

    def mean(of: Callable[[_Run], float]) -> float:
        return round(float(np.mean([of(run) for run in runs])), 2)

    return {
        "learner": case.learner,
        "config": case.name,
        "task": case.title,
        "accuracy": mean(lambda run: run.accuracy),
        "accuracy_min": round(min(run.accuracy for run in runs), 2),
        "accuracy_online": mean(lambda run: float(np.mean(run.curve))),
        "baseline": "-".join(case.baseline),
        "baseline_accuracy": mean(lambda run: run.baseline),
        "reference": case.reference,
        "reference_accuracy": mean(lambda run: run.reference),
        "curve": [round(float(tenth), 1) for tenth in curve],
        "chip": case.mcu,
        "sram_high_water": max(cost.sram_high_water for cost in costs),
        "flash": costs[0].image.flash_bytes,
        "cycles_train": round(cycles / calls, 1),
        "bit_exact_with_twin": all(run.bit_exact for run in runs if run.bit_exact is not None),
        "seeds": len(runs),
        "seeds_on_chip": len(costs),
    }
