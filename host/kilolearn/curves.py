# SPDX-License-Identifier: GPL-3.0-or-later
"""Learning curves: accuracy on unseen samples against samples seen, some forty stops on the way.

Tasks, recipes and seeds from 0 are those of the benchmarks. A curve never looks back: it only
watches, so nothing is chosen by the test part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from kilolearn import datasets, meta, streams
from kilolearn.bench_nets import recall_course, shard_courses, taught_courses
from kilolearn.course import Course, plain_course
from kilolearn.federate import federate
from kilolearn.learner import Labels, Learner, Samples
from kilolearn.planes import OpenLearner
from kilolearn.quantise import InputScale, QuantisedSplit
from kilolearn.recipes import recipe_for
from kilolearn.sensor_datasets import load_windows
from kilolearn.svg import Curve, Curves
from kilolearn.train import TrainingRecipe, evaluate
from kilolearn.twin import Twin

__all__ = ["CURVES"]

_SEEDS = 5
_SEEDS_LED = 3  # where a host leads: teachers and eight chips take their time
_TASKS = 20
_STOPS = 40
_SEEN = "samples seen"


class _Watch:
    """Tests a learner whenever another fortieth of its training has passed.

    Attributes:
        seen, percent: Samples learned and accuracy, an entry a stop.
    """

    def __init__(self, learner: Learner, samples: Samples, labels: Labels, total: int) -> None:
        self._learner, self._test, self._total = learner, (samples, labels), total
        self.seen: list[int] = []
        self.percent: list[float] = []

    def told(self, done: int) -> None:
        """So many samples have been learned."""
        if done * _STOPS >= (len(self.seen) + 1) * self._total:
            self.seen.append(done)
            self.percent.append(evaluate(self._learner, *self._test)[0])


def _group(name: str, watches: Iterable[_Watch]) -> Curve:
    kept = list(watches)
    return Curve(name, np.array(kept[0].seen), np.array([watch.percent for watch in kept]))


def _follow(learner: Learner, course: Course) -> _Watch:
    total = len(course.samples) * course.recipe.epochs
    watch = _Watch(learner, course.test_samples, course.test_labels, total)
    course.train(learner, watch.told)
    return watch


def _follow_stream(learner: Learner, stream: streams.Stream, seed: int) -> _Watch:
    watch = _Watch(learner, stream.test_samples, stream.test_labels, len(stream.samples))
    learner.reset(seed)
    for part in np.array_split(np.arange(len(stream.samples)), _STOPS):
        learner.train_many(stream.samples[part], stream.labels[part])
        watch.told(int(part[-1]) + 1)
    return watch


# ---- alone -----------------------------------------------------------------------------------


def _courses(
    app: str, config: str | None, title: str, course: Callable[[Learner, int], Course]
) -> Callable[[OpenLearner], Curves]:
    def draw(open_learner: OpenLearner) -> Curves:
        learner = open_learner(app, config)
        watches = [_follow(learner, course(learner, seed)) for seed in range(_SEEDS)]
        return Curves(title, _SEEN, (_group(f"mean of {_SEEDS} seeds", watches),))

    return draw


def _table(app: str, config: str | None, data: str, title: str) -> Callable[[OpenLearner], Curves]:
    """A data set of `kilolearn.datasets` by the learner's recipe."""

    def course(learner: Learner, seed: int) -> Course:
        about = learner.description
        split = QuantisedSplit.of(datasets.split(datasets.load(data), seed), about.input_max)
        return plain_course(split, recipe_for(about.name, seed))

    return _courses(app, config, title, course)


def _italy_power(learner: Learner, seed: int) -> Course:
    parts = load_windows("ItalyPowerDemand")
    days = [np.array([window.ravel() for window in part.windows]) for part in parts]
    scale = InputScale.fit(days[0], learner.description.input_max, shared=True)
    train, test = (scale.apply(part) for part in days)
    recipe = recipe_for(learner.description.name, seed)
    return Course(train, parts[0].labels, test, parts[1].labels, recipe)


# ---- streams, against a simpler learner ------------------------------------------------------


def _streams(
    app: str, configs: dict[str, str], data: str, title: str, ordered: bool = False
) -> Callable[[OpenLearner], Curves]:
    """One pass over a training part by each config, named by its config in `configs`."""
    order = streams.class_after_class if ordered else streams.once_through

    def draw(open_learner: OpenLearner) -> Curves:
        groups = []
        for config, name in configs.items():
            learner = open_learner(app, config)
            levels = learner.description.input_max
            groups.append(
                _group(
                    name,
                    [
                        _follow_stream(learner, order(data, seed, levels), seed)
                        for seed in range(_SEEDS)
                    ],
                )
            )
        return Curves(title, _SEEN, tuple(groups))

    return draw


# ---- led by the host -------------------------------------------------------------------------


def _distil(open_learner: OpenLearner) -> Curves:
    learner = open_learner("mlp", "digits")
    lessons = [taught_courses(seed, 0.3, None) for seed in range(_SEEDS_LED)]
    groups = (
        _group("taught", [_follow(learner, taught) for _, taught, _ in lessons]),
        _group("the same labels, no teacher", [_follow(learner, alone) for alone, _, _ in lessons]),
    )
    return Curves("a taught net: digits, 30 % of labels wrong", _SEEN, groups)


def _federate(open_learner: OpenLearner) -> Curves:
    together, alone = [], []
    for seed in range(_SEEDS_LED):
        courses = shard_courses(seed)
        learners = [open_learner("mlp", "digits") for _ in courses]
        alone.append(_follow(learners[0], courses[0]))
        together.append(_follow_round(learners, courses, seed))
    groups = _group("eight chips", together), _group("one chip with its shard", alone)
    return Curves("federated averaging: digits, two or three a chip", f"{_SEEN} by a chip", groups)


def _follow_round(learners: list[Learner], courses: list[Course], seed: int) -> _Watch:
    recipe, own = courses[0].recipe, len(courses[0].samples)
    test = courses[0].test_samples, courses[0].test_labels
    watch = _Watch(learners[0], *test, recipe.epochs * own)

    def told(number: int, shared: bytes) -> None:
        learners[0].write_weights(shared)
        watch.told((number + 1) * own)

    shards = [(course.samples, course.labels) for course in courses]
    with ThreadPoolExecutor(len(learners)) as executor:
        federate(learners, shards, recipe.rate_shifts, seed, executor, told=told)
    return watch


def _meta(open_learner: OpenLearner) -> Curves:
    """The search runs on the twin, always."""
    learner = open_learner("mlp", "pair")
    seen, unseen = meta.digit_families(datasets.load("digits"))
    start = meta.search(Twin("mlp", "pair"), seen, meta.SEARCH_TASKS, 0)
    found, random = [], []
    for seed in range(_TASKS):
        task = unseen.draw(np.random.default_rng(seed))
        course = Course(*task, TrainingRecipe((0,) * meta.PASSES, seed))
        random.append(_follow(learner, course))
        found.append(_follow(learner, course._replace(start=start)))
    groups = _group("weights found by Reptile", found), _group("random first weights", random)
    title = f"ten samples of a new task, {meta.PASSES} passes: {_TASKS} pairs of unseen digits"
    return Curves(title, _SEEN, groups)


_STUMPS = {"{}": "boosted", "{}_majority": "majority", "{}_alone": "one stump"}
_BUFFERS = {"{}": "16 samples kept", "{}_4": "4 samples kept", "{}_0": "none kept"}


def _of(data: str, configs: dict[str, str]) -> dict[str, str]:
    return {config.format(data): name for config, name in configs.items()}


CURVES: dict[str, Callable[[OpenLearner], Curves]] = {
    "lvq-italy_power": _courses(
        "lvq", "italy_power", "prototypes: ItalyPowerDemand", _italy_power
    ),
    "softmax-italy_power": _courses(
        "softmax", "italy_power", "linear, logistic loss: ItalyPowerDemand", _italy_power
    ),
    "dense-iris": _table("dense", "iris", "iris", "one hidden layer: iris"),
    "dense-wine": _table("dense", "wine", "wine", "one hidden layer: wine"),
    "mlp-wine": _table("mlp", "wine", "wine", "two hidden layers: wine"),
    "digits": _table("digits", None, "digits", "convolution: digits"),
    "pooled-digits": _table("pooled", "digits", "digits", "pooled convolution in 512 B: digits"),
    "attention": _courses(
        "attention", None, "attention: associative recall",
        lambda _, seed: recall_course(seed),
    ),
    "ensemble-wine": _streams("ensemble", _of("wine", _STUMPS), "wine", "stumps: wine, one pass"),
    "tree-wine": _streams(
        "tree", {"wine": f"mean of {_SEEDS} seeds"}, "wine", "Hoeffding tree: wine, one pass"
    ),
    "replay-wine": _streams(
        "replay", _of("wine", _BUFFERS), "wine", "replay: wine, class after class", ordered=True
    ),
    "distil": _distil,
    "federate": _federate,
    "meta": _meta,
}  # fmt: skip
"""By app, app and config, or command."""
