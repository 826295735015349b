# SPDX-License-Identifier: GPL-3.0-or-later
"""A firmware learner built for this machine with a config of its own, and a search over configs.

The search never looks at a test part. For each of the splits 0-4 (a stratified fifth of the samples
held out for the final score) the training part alone is cut into five stratified folds; a candidate
is trained on four and scored on the fifth: 25 trainings. The best candidates are trained again from
other first weights, so that the winner is not merely the luckiest one.
"""

from __future__ import annotations

import random
import re
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cffi
import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedKFold, train_test_split

AVR = Path(__file__).resolve().parents[1] / "avr"
SPLITS = range(5)
FOLDS = 5

Bytes = NDArray[np.uint8]
Candidate = Mapping[str, Any]
# (samples that will be trained on, recipe's share, generator) -> the samples as they are sent
Augment = Callable[[Bytes, float, np.random.Generator], Bytes]
Write = Callable[[str], object]


@dataclass(frozen=True)
class Recipe:
    """How the host trains.

    Attributes:
        epochs: How often each sample is seen.
        falls: Shares of the epochs, 0-1, at each of which the step size is halved.
        augment: Share of the samples, 0-1, that are sent altered; 0 for none.
    """

    epochs: int
    falls: tuple[float, ...]
    augment: float = 0.0

    def shift(self, epoch: int) -> int:
        """Step size = base >> this."""
        return sum(epoch >= fall * self.epochs for fall in self.falls)


@dataclass(frozen=True)
class Task:
    """What is learnt.

    Attributes:
        app, config: As `make -C avr APP= CONFIG=` takes them; config "" for none.
        samples: (samples, inputs), as measured.
        labels: (samples,) uint8.
        quantise: (part to fit the scale on, part to scale) -> uint8.
        augment: What a share of the training samples becomes, or None.
        pack: Samples as the firmware reads them.
    """

    app: str
    config: str
    samples: NDArray[np.float64]
    labels: Bytes
    quantise: Callable[[NDArray[np.float64], NDArray[np.float64]], Bytes]
    augment: Augment | None = None
    pack: Callable[[Bytes], Bytes] = np.ascontiguousarray


class NativeLearner:
    """The app of a task, compiled for this machine, with some macros of its config replaced."""

    def __init__(self, task: Task, macros: Mapping[str, int], folder: Path) -> None:
        app, self._pack = task.app, task.pack
        source = AVR / "apps/configs" / (f"{app}-{task.config}.h" if task.config else f"{app}.h")
        text = source.read_text(encoding="utf-8")
        for name, value in macros.items():
            text, found = re.subn(rf"(#define {name} )\S+", rf"\g<1>{value}", text)
            if found != 1:
                raise KeyError(f"{source.name} defines {name} {found} times; expected once")
        header, library = folder / source.name, folder / "learner.so"
        header.write_text(text, encoding="utf-8")
        command = ["gcc", "-std=gnu11", "-O3", "-march=native", "-shared", "-fPIC", f"-I{AVR}"]
        command += [f'-DAPP_CONFIG="{header}"', str(AVR / f"apps/{app}.c"), "-o", str(library)]
        subprocess.run(command, check=True)
        self._ffi = cffi.FFI()
        self._ffi.cdef(
            "typedef struct { uint8_t prediction; int16_t margin; } learner_answer;"
            "void learner_reset(uint16_t); void learner_set_rate(uint8_t);"
            "learner_answer learner_infer(const uint8_t *);"
            "learner_answer learner_train(const uint8_t *, uint8_t);"
            "uint16_t learner_weights_size(void);"
        )
        self._c: Any = self._ffi.dlopen(str(library))
        self.weights_size: int = self._c.learner_weights_size()

    def train(
        self, samples: Bytes, labels: Bytes, recipe: Recipe, seed: int, augment: Augment | None
    ) -> float:
        """From fresh weights, the order shuffled each epoch.

        Args:
            samples: (samples, inputs), quantised.
            labels: (samples,).
            recipe: Of the host.
            seed: Of weights, rounding noise, shuffle and augmentation.
            augment: See `Task`.

        Returns:
            Share of all steps whose answer was wrong before the update, 0-1.
        """
        deal = np.random.default_rng(seed)
        step, wrong = self._c.learner_train, 0
        self._c.learner_reset(seed)
        for epoch in range(recipe.epochs):
            self._c.learner_set_rate(recipe.shift(epoch))
            order = deal.permutation(len(samples))
            stream = samples[order]
            if augment is not None:
                stream = augment(stream, recipe.augment, deal)
            stream = self._pack(stream)
            first, width = self._ffi.from_buffer("uint8_t[]", stream), stream.shape[1]
            for i, label in enumerate(labels[order].tolist()):
                wrong += step(first + width * i, label).prediction != label
        return wrong / (recipe.epochs * len(samples))

    def scores(self, samples: Bytes) -> NDArray[np.float64]:
        """Of two classes, the score of class 1 less that of class 0; samples (samples, inputs)."""
        samples = self._pack(samples)
        first, width = self._ffi.from_buffer("uint8_t[]", samples), samples.shape[1]
        answers = [self._c.learner_infer(first + width * i) for i in range(len(samples))]
        return np.array(
            [each.margin if each.prediction else -each.margin for each in answers], float
        )

    def accuracy(self, samples: Bytes, labels: Bytes) -> float:
        """Percent right; samples (samples, inputs), labels (samples,)."""
        samples = self._pack(samples)
        first, width = self._ffi.from_buffer("uint8_t[]", samples), samples.shape[1]
        infer = self._c.learner_infer
        answers = [infer(first + width * i).prediction for i in range(len(samples))]
        return 100.0 * float(np.mean(np.array(answers) == labels))


def split(labels: Bytes, seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Training and test indices of split `seed`."""
    train, test = train_test_split(
        np.arange(len(labels)), test_size=0.2, stratify=labels, random_state=seed
    )
    return train, test


def recipe_of(candidate: Candidate) -> Recipe:
    """The lower-case part of a candidate."""
    epochs, falls = candidate["schedule"]
    return Recipe(epochs, falls, candidate.get("augment", 0.0))


def cross_validate(
    make_task: Callable[[], Task], candidate: Candidate, first_seed: int
) -> tuple[list[float], int]:
    """Mean accuracy of each split's folds, in percent, and the model's size in bytes."""
    task, recipe = make_task(), recipe_of(candidate)
    macros = {name: value for name, value in candidate.items() if name.isupper()}
    means = []
    with tempfile.TemporaryDirectory() as folder:
        learner = NativeLearner(task, macros, Path(folder))
        for seed in SPLITS:
            train, _ = split(task.labels, seed)
            folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
            scores = []
            for number, (fit, held) in enumerate(folds.split(train, task.labels[train])):
                fit, held = train[fit], train[held]
                known = task.samples[fit]
                learner.train(
                    task.quantise(known, known),
                    task.labels[fit],
                    recipe,
                    first_seed + FOLDS * seed + number,
                    task.augment,
                )
                unseen = task.quantise(known, task.samples[held])
                scores.append(learner.accuracy(unseen, task.labels[held]))
            means.append(float(np.mean(scores)))
        return means, learner.weights_size


def search(
    make_task: Callable[[], Task],
    choices: Mapping[str, Sequence[Any]],
    count: int,
    finalists: int,
    jobs: int,
    seed: int,
    write: Write,
) -> None:
    """Random search, then a second look at the best ones. Writes a row a candidate.

    Args:
        make_task: Called in each process.
        choices: Config macros in capitals, the recipe in lower case: what may be chosen.
        count: Candidates of the first round.
        finalists: Of these, how many go to the second.
        jobs: Processes.
        seed: Of the draw.
        write: Takes each line.
    """
    draw = random.Random(seed)
    candidates = [{name: draw.choice(of) for name, of in choices.items()} for _ in range(count)]

    def show(means: Sequence[float], size: int, candidate: Candidate) -> None:
        choice = " ".join(f"{name}={value}" for name, value in candidate.items())
        write(f"{np.mean(means):6.2f} {min(means):6.2f} {size:5d} B  {choice}\n")

    write("  mean lowest  model  (percent of held-out training samples; 25 trainings each)\n")
    with ProcessPoolExecutor(jobs) as pool:
        futures = [pool.submit(cross_validate, make_task, candidate, 1) for candidate in candidates]
        results = [future.result() for future in futures]
        ranked = sorted(
            zip(results, candidates, strict=True), key=lambda row: -float(np.mean(row[0][0]))
        )
        for (means, size), candidate in ranked:
            show(means, size, candidate)
        write(f"  the best {finalists} again, from three other sets of first weights\n")
        again = [
            [pool.submit(cross_validate, make_task, candidate, s) for s in (1001, 2001, 3001)]
            for _, candidate in ranked[:finalists]
        ]
        second = []
        for (_, candidate), runs in zip(ranked, again, strict=False):
            outcomes = [run.result() for run in runs]
            means = [float(m) for m in np.mean([outcome[0] for outcome in outcomes], axis=0)]
            second.append((means, outcomes[0][1], candidate))
        for row in sorted(second, key=lambda row: -float(np.mean(row[0]))):
            show(*row)


def validate(make_task: Callable[[], Task], recipe: Recipe, write: Write) -> None:
    """Cross-validate the config in the tree, from four sets of first weights."""
    candidate = {"schedule": (recipe.epochs, recipe.falls), "augment": recipe.augment}
    runs = [cross_validate(make_task, candidate, first)[0] for first in (1, 1001, 2001, 3001)]
    means = np.mean(runs, axis=0)
    write(f"mean {np.mean(means):.2f} %, lowest split {np.min(means):.2f} %\n")


def score_test(task: Task, recipe: Recipe, write: Write) -> None:
    """The config in the tree, trained on the whole training parts, on the test parts."""
    scores = []
    with tempfile.TemporaryDirectory() as folder:
        learner = NativeLearner(task, {}, Path(folder))
        for seed in SPLITS:
            train, test = split(task.labels, seed)
            known = task.samples[train]
            wrong = learner.train(
                task.quantise(known, known), task.labels[train], recipe, seed, task.augment
            )
            unseen = task.quantise(known, task.samples[test])
            scores.append(learner.accuracy(unseen, task.labels[test]))
            write(f"split {seed}: {scores[-1]:.2f} % (wrong while learning {100 * wrong:.1f} %)\n")
    write(f"mean {np.mean(scores):.2f} %, lowest {min(scores):.2f} %\n")
