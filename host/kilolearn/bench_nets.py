# SPDX-License-Identifier: GPL-3.0-or-later
"""The nets benchmark: depth, attention, and learning that the host leads.

Each row's learner is trained on the emulated chip once, with its twin beside it; accuracies are
means over more seeds on the twin, whose bits are the chip's.

============================== =====================================================
learner                        as the firmware names itself
task                           what is learned, and how
accuracy, accuracy_min         percent right on unseen samples, mean and lowest seed
baseline, baseline_accuracy    what it is held against, and what that reaches
reference_accuracy             where there is one, what would be best: see docs/nets.md
seeds                          over which both are means
chip                           on which the rest is measured
sram_high_water                bytes: static data and the deepest stack
flash                          bytes: .text + .data
cycles_train                   of a training step, mean
cycles_infer                   of an inference, mean
bit_exact_with_twin            all answers asked and final weights equal the twin's
============================== =====================================================
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np

from kilolearn import datasets, firmware, meta, recall
from kilolearn.course import Course, linear_accuracy, measured, plain_course
from kilolearn.distil import Lesson, spoil, teacher_answers
from kilolearn.federate import federate, shards_by_label
from kilolearn.quantise import QuantisedSplit
from kilolearn.recipes import recipe_for
from kilolearn.train import TrainingRecipe, evaluate
from kilolearn.twin import Twin

__all__ = [
    "MCU",
    "TASKS",
    "XOR_STARTS",
    "bench_nets",
    "recall_course",
    "shard_courses",
    "taught_courses",
    "xor_course",
]

MCU = "attiny1634"


class Result(NamedTuple):
    """One seed: percent right, of the baseline too, and of the reference where there is one."""

    accuracy: float
    baseline: float
    reference: float | None = None


class Task(NamedTuple):
    """A row to be.

    Attributes:
        app, config: The learner.
        title: The task in words.
        baseline: What it is held against.
        trial: A seed on the twin.
        course: What the chip is measured at.
    """

    app: str
    config: str | None
    title: str
    baseline: str
    trial: Callable[[int], Result]
    course: Callable[[], Course]


def bench_nets(
    executor: Executor, seeds: int = 5, tasks: list[str] | None = None
) -> tuple[list[dict[str, object]], dict[str, Path]]:
    """Every task, its seeds and its chip run as jobs of their own.

    Args:
        executor: Any; a process pool uses all cores.
        seeds: 0..seeds-1.
        tasks: Names of `TASKS`; all when not given.

    Returns:
        The rows, and the images by learner.
    """
    names = tasks or list(TASKS)
    elfs = {name: firmware.build(TASKS[name].app, MCU, TASKS[name].config) for name in names}
    for name in names:
        firmware.build_twin(TASKS[name].app, TASKS[name].config)
    trials = {
        name: [executor.submit(_trial, name, seed) for seed in range(seeds)] for name in names
    }
    chips = {name: executor.submit(_chip, name, elfs[name]) for name in names}
    rows: list[dict[str, object]] = []
    for name in names:
        task, results = TASKS[name], [trial.result() for trial in trials[name]]
        references = [result.reference for result in results if result.reference is not None]
        rows.append(
            {
                "learner": Twin(task.app, task.config).description.name,
                "task": task.title,
                "accuracy": _mean([result.accuracy for result in results]),
                "accuracy_min": round(min(result.accuracy for result in results), 3),
                "baseline": task.baseline,
                "baseline_accuracy": _mean([result.baseline for result in results]),
                "reference_accuracy": _mean(references) if references else None,
                "seeds": seeds,
                **chips[name].result(),
            }
        )
    return rows, elfs


def _trial(name: str, seed: int) -> Result:
    return TASKS[name].trial(seed)


def _chip(name: str, elf: Path) -> dict[str, object]:
    task = TASKS[name]
    return measured(elf, MCU, Twin(task.app, task.config), task.course())


def _mean(values: list[float]) -> float:
    return round(float(np.mean(values)), 3)


# ---- labels ----------------------------------------------------------------------------------


def _table_course(config: str, data: str, seed: int) -> Course:
    about = Twin("mlp", config).description
    split = QuantisedSplit.of(datasets.split(datasets.load(data), seed), about.input_max)
    return plain_course(split, recipe_for(about.name, seed))


def _table(config: str, data: str) -> Task:
    def trial(seed: int) -> Result:
        course = _table_course(config, data, seed)
        return Result(course.run(Twin("mlp", config)), linear_accuracy(course))

    shape = "one hidden layer" if config != "wine" else "two hidden layers"
    return Task(
        "mlp", config, f"{data}, {shape}", "logistic regression, float", trial,
        lambda: _table_course(config, data, 0),
    )  # fmt: skip


_XOR = 63 * np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.uint8)
_XOR_LABELS = np.array([0, 1, 1, 0])
XOR_PASSES = 200
XOR_STARTS = 20


def xor_course(seed: int) -> Course:
    """One start: 200 passes over the four patterns."""
    recipe = TrainingRecipe.falling(XOR_PASSES, (), seed)
    return Course(_XOR, _XOR_LABELS, _XOR, _XOR_LABELS, recipe)


def _xor(config: str) -> Task:
    def trial(seed: int) -> Result:
        """All four right within twenty starts of 200 passes each; a start is tried at a time."""
        twin = Twin("mlp", config)
        reached = 0.0
        for start in range(XOR_STARTS):
            reached = xor_course(1 + seed * XOR_STARTS + start).run(twin)
            if reached == 100.0:
                break
        return Result(reached, linear_accuracy(xor_course(0)))

    title = "exclusive or, fresh starts allowed"
    return Task("mlp", config, title, "logistic regression, float", trial, lambda: xor_course(1))


def recall_course(seed: int) -> Course:
    """3,000 sequences, seen twice."""
    draw = np.random.default_rng(seed)
    recipe = TrainingRecipe.falling(2, (0.5,), seed)
    return Course(*recall.sequences(3000, draw), *recall.sequences(1000, draw), recipe)


def _recall_trial(seed: int) -> Result:
    course = recall_course(seed)
    seen = course._replace(
        samples=recall.one_hot(course.samples), test_samples=recall.one_hot(course.test_samples)
    )
    return Result(course.run(Twin("attention")), linear_accuracy(seen))


# ---- led by the host -------------------------------------------------------------------------


def _digits(seed: int) -> QuantisedSplit:
    return QuantisedSplit.of(datasets.split(datasets.load("digits"), seed), 16)


def taught_courses(seed: int, noise: float, each: int | None) -> tuple[Course, Course, float]:
    """The student alone, the student taught, and what the teacher itself reaches."""
    split = _digits(seed)
    samples, test = split.train_samples, (split.test_samples, split.test_labels)
    labels, known = spoil(split.train_labels, 10, noise, each, seed)
    recipe = recipe_for("mlp-digits", seed)
    everything = np.concatenate([samples, split.test_samples])
    chances = teacher_answers(samples[known], labels[known], everything, 10, seed)
    reached = 100.0 * float(np.mean(chances[len(samples) :].argmax(axis=1) == split.test_labels))
    alone = Course(samples[known], labels[known], *test, recipe)
    told = np.where(known, labels, -1)
    targets = Lesson().targets(chances[: len(samples)], told)
    return alone, Course(samples, labels, *test, recipe, targets), reached


def _distilled(title: str, noise: float, each: int | None) -> Task:
    def trial(seed: int) -> Result:
        alone, taught, teacher = taught_courses(seed, noise, each)
        twin = Twin("mlp", "digits")
        return Result(taught.run(twin), alone.run(twin), teacher)

    return Task(
        "mlp", "digits", title, "the same labels, no teacher", trial,
        lambda: taught_courses(0, noise, each)[1],
    )  # fmt: skip


CHIPS, ROUNDS = 8, 40


def shard_courses(seed: int) -> list[Course]:
    """What each of the chips sees; the test part is that of all."""
    split = _digits(seed)
    draw = np.random.default_rng(seed)
    shards = shards_by_label(split.train_samples, split.train_labels, CHIPS, 2, draw)
    recipe = TrainingRecipe.falling(ROUNDS, (0.75,), seed)
    return [Course(*shard, split.test_samples, split.test_labels, recipe) for shard in shards]


def _federated_trial(seed: int) -> Result:
    split, courses = _digits(seed), shard_courses(seed)
    recipe = courses[0].recipe
    twins = [Twin("mlp", "digits") for _ in courses]
    with ThreadPoolExecutor(1) as executor:
        shards = [(course.samples, course.labels) for course in courses]
        federate(twins, shards, recipe.rate_shifts, seed, executor)
    together, _ = evaluate(twins[0], split.test_samples, split.test_labels)
    return Result(together, courses[0].run(twins[0]), plain_course(split, recipe).run(twins[1]))


META_TASKS = 60


def _meta_course() -> Course:
    digits = datasets.load("digits")
    seen, unseen = meta.digit_families(digits)
    start = meta.search(Twin("mlp", "pair"), seen, 300, 0)
    task = unseen.draw(np.random.default_rng(0))
    return Course(*task, TrainingRecipe((0,) * meta.PASSES, 0), start=start)


def _meta_trial(seed: int) -> Result:
    twin = Twin("mlp", "pair")
    seen, unseen = meta.digit_families(datasets.load("digits"))
    found = meta.search(twin, seen, meta.SEARCH_TASKS, seed)
    ours, random = meta.compare(twin, found, unseen, META_TASKS, 1000 + seed)
    return Result(float(np.mean(ours)), float(np.mean(random)))


TASKS: dict[str, Task] = {
    "xor": _xor("xor"),
    "xor3": _xor("xor3"),
    "iris": _table("iris", "iris"),
    "iris16": _table("iris16", "iris"),
    "wine": _table("wine", "wine"),
    "digits": _table("digits", "digits"),
    "attention": Task(
        "attention", None, "associative recall", "logistic regression on one-hot places",
        _recall_trial, lambda: recall_course(0),
    ),
    "distil_noisy": _distilled("digits, taught; 30 % of labels wrong", 0.3, None),
    "distil_few": _distilled("digits, taught; 10 labels a class", 0.0, 10),
    "federate": Task(
        "mlp", "digits", f"digits, {CHIPS} chips with two runs of labels each",
        "one chip with its shard", _federated_trial, lambda: shard_courses(0)[0],
    ),
    "meta": Task(
        "mlp", "pair", "unseen pairs of digits, ten samples each", "random first weights",
        _meta_trial, _meta_course,
    ),
}  # fmt: skip
"""The rows by name; a job finds its own by it in another process."""
