# SPDX-License-Identifier: GPL-3.0-or-later
"""Learners of two inputs: what each answers all over its plane after it has learned its task.

Task and samples are those of the benchmarks, seed 0 (1 for exclusive or). The anomaly detector's
plane is one of time and reading: before each step it is asked for every reading.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from kilolearn import streams, tasks
from kilolearn.bench_nets import XOR_STARTS, xor_course
from kilolearn.learner import Labels, Learner, Samples
from kilolearn.prequential import stream_scale, train_prequentially
from kilolearn.recipes import falls_for
from kilolearn.sensor_datasets import load_stream
from kilolearn.svg import Plane

__all__ = ["PLANES", "OpenLearner"]

OpenLearner = Callable[[str, str | None], Learner]
"""App and config to a learner of that firmware, fresh each time."""

_SIDE = 64
_POINTS_MAX = 500


def _asked(learner: Learner, title: str, samples: Samples, labels: Labels) -> Plane:
    """Ask a trained learner at the middle of 64 x 64 cells; draw the last of the samples."""
    about = learner.description
    levels = ((np.arange(_SIDE) + 0.5) * (about.input_max + 1) / _SIDE).astype(np.uint8)
    y, x = np.meshgrid(levels, levels, indexing="ij")
    grid = np.stack([x.ravel(), y.ravel()], axis=1)
    answers = learner.infer_many(grid).predictions.reshape(_SIDE, _SIDE)
    last = slice(-_POINTS_MAX, None)
    return Plane(
        title=title,
        x="first input",
        y="second input",
        x_range=(0, about.input_max),
        y_range=(0, about.input_max),
        classes=tuple(f"class {number}" for number in range(about.classes)),
        answers=answers,
        points=(samples[last] + 0.5) / (about.input_max + 1),
        labels=labels[last],
    )


def _task(app: str, config: str | None, task: str, title: str) -> Callable[[OpenLearner], Plane]:
    """One pass over a task of `kilolearn.tasks`."""

    def draw(open_learner: OpenLearner) -> Plane:
        learner, stream = open_learner(app, config), tasks.TASKS[task](0)
        learner.reset(0)
        learner.train_many(stream.samples, stream.labels)
        return _asked(learner, title, stream.samples, stream.labels)

    return draw


def _stream(app: str, concept: str, title: str) -> Callable[[OpenLearner], Plane]:
    """One pass over a stream of `kilolearn.streams`."""

    def draw(open_learner: OpenLearner) -> Plane:
        learner = open_learner(app, "plane")
        stream = streams.generate(concept, 0, learner.description.input_max)
        learner.reset(0)
        learner.train_many(stream.samples, stream.labels)
        return _asked(learner, title, stream.samples, stream.labels)

    return draw


def _xor(config: str, title: str) -> Callable[[OpenLearner], Plane]:
    """Fresh starts until all four are right, as in ``kilolearn bench nets``."""

    def draw(open_learner: OpenLearner) -> Plane:
        learner = open_learner("mlp", config)
        for seed in range(1, XOR_STARTS + 1):
            course = xor_course(seed)
            if course.run(learner) == 100.0:
                break
        return _asked(learner, title, course.samples, course.labels)

    return draw


def _bananas(open_learner: OpenLearner) -> Plane:
    learner, stream = open_learner("softmax", "bananas"), load_stream("bananas")
    samples = stream_scale(stream, learner.description.input_max).apply(stream.features)
    train_prequentially(learner, samples, stream.labels, falls_for(learner.description.name), 0)
    title = "softmax over a lattice of 8 x 8 knots: Bananas"
    return _asked(learner, title, samples, stream.labels)


def _anomaly(open_learner: OpenLearner) -> Plane:
    learner, stream = open_learner("anomaly", None), tasks.TASKS["anomaly"](0)
    steps = len(stream.samples)
    readings = np.zeros((_SIDE, 2), np.uint8)
    readings[:, 0] = (np.arange(_SIDE) + 0.5) * 256 / _SIDE
    columns = []
    learner.reset(0)
    for part in np.array_split(np.arange(steps), _SIDE):
        columns.append(learner.infer_many(readings).predictions)
        learner.train_many(stream.samples[part], stream.labels[part])
    at = np.stack([np.arange(steps) / steps, (stream.samples[:, 0] + 0.5) / 256], axis=1)
    return Plane(
        title="what the anomaly detector would call anomalous",
        x="step",
        y="reading",
        x_range=(0, steps),
        y_range=(0, 255),
        classes=("usual", "anomalous"),
        answers=np.stack(columns, axis=1),
        points=at,
        labels=stream.truth,
    )


_NOISY = "a tenth of the labels wrong"

PLANES: dict[str, Callable[[OpenLearner], Plane]] = {
    "linear-perceptron": _task("linear", "perceptron", "linear", f"perceptron, {_NOISY}"),
    "linear-averaged": _task("linear", "averaged", "linear", f"averaged perceptron, {_NOISY}"),
    "linear-lms": _task("linear", "lms", "linear", f"least mean squares, {_NOISY}"),
    "linear-centroid": _task("linear", "centroid", "linear", f"nearer mean, {_NOISY}"),
    "linear-bayes": _task("linear", "bayes", "linear", f"assumed density, {_NOISY}"),
    "linear-stump": _task("linear", "stump", "linear", f"a threshold on one input, {_NOISY}"),
    "rules-grid": _task("rules", "grid", "rules", "rules, a tenth of the labels drawn anew"),
    "rules-patches": _task("rules", "patches", "patches", f"rules alone, {_NOISY}"),
    "pair": _task("pair", None, "patches", f"rules and a line, {_NOISY}"),
    "mlp-xor": _xor("xor", "perceptron 2-2-2: exclusive or"),
    "mlp-xor3": _xor("xor3", "perceptron 2-3-2: exclusive or"),
    "tree-plane": _stream("tree", "xor", "Hoeffding tree: 2,000 points of 2 x 2 fields"),
    "ensemble-plane": _stream("ensemble", "drift", "boosted stumps: after the concept changed"),
    "softmax-bananas": _bananas,
    "anomaly": _anomaly,
}
"""By app, or app and config."""
