# SPDX-License-Identifier: GPL-3.0-or-later
"""emlearn's side of `kilolearn bench compress`: which of its models is the smallest that will do.

Every model is fitted by scikit-learn, as emlearn wants it, converted as its documentation says, and
built in the image that ours are built in. Its answers are those of its own C. The sample is of the
type that its C takes: levels as uint8 or int16 for trees, which is its smallest form, float for the
rest. Its perceptron exists in its ``loadable`` form only: the ``inline`` one of 0.23.2 does not
build.
"""

from __future__ import annotations

import importlib
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import chdir
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kilolearn.classifier.cost import Cost, cost
from kilolearn.classifier.fitted import REFUSALS
from kilolearn.classifier.folds import stratified_folds
from kilolearn.classifier.image import Samples
from kilolearn.classifier.native import classify_natively
from kilolearn.classifier.table import Table
from kilolearn.errors import BuildError, MissingExtraError, TwinMismatchError
from kilolearn.families.scikit import scikit

__all__ = ["PeerFound", "PeerModel", "smallest_peer"]

_COSTED_SAMPLES = 32
_LOADABLE_TREES = 10
_SHORT_MAX = 2.0
"""Points below the mark, in scikit-learn's own arithmetic, at which a model is not built any more,
when another one could be: its C rounds, and is not more accurate."""

_EMLEARN_REFUSALS = (*REFUSALS, TwinMismatchError, ValueError, TypeError, NotImplementedError)
"""By these we, emlearn or its C say that a model is not for this chip."""


@dataclass(frozen=True)
class PeerModel:
    """A model of emlearn's, not yet fitted.

    Attributes:
        name: As a row tells it.
        estimator: Of scikit-learn.
        method: ``inline`` or ``loadable``.
        options: More of ``emlearn.convert``'s.
        dtype: Of its C's samples.
        unit: What a level is divided by.
    """

    name: str
    estimator: Any
    method: str
    options: dict[str, object]
    dtype: str
    unit: float = 1

    def samples(self, levels: NDArray[np.uint8]) -> Samples:
        """Levels (samples, width) as it takes them."""
        return np.ascontiguousarray((levels / self.unit).astype(self.dtype))

    def fitted(self, table: Table) -> Any:
        """The estimator, fitted to a table."""
        model = scikit("base").clone(self.estimator)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the most iterations are chosen, too
            return model.fit(self.samples(table.levels), table.labels)

    def source(self, table: Table) -> str:
        """Fit to a table, and let emlearn write its C."""
        model = self.fitted(table)
        emlearn = _emlearn()
        with tempfile.TemporaryDirectory() as folder, chdir(folder):  # it leaves files
            converted = emlearn.convert(model, method=self.method, **self.options)
            code = str(converted.save(name="model"))
        kind = {"uint8": "uint8_t", "int16": "int16_t", "float32": "float"}[self.dtype]
        answer = f"return (uint8_t)model_predict(sample, {table.width});"
        if "Neighbors" in self.name:
            count = len(table.labels)
            code += f"\nstatic EmlNeighborsDistanceItem distances[{count}];\n"
            answer = (
                f"int16_t answer = 0;\n"
                f"eml_neighbors_predict(&model, sample, {table.width}, distances, {count}, "
                f"&answer);\nreturn (uint8_t)answer;"
            )
        return f"{code}\nstatic uint8_t classify(const {kind} *sample) {{\n{answer}\n}}\n"


@dataclass(frozen=True)
class PeerFound:
    """The chosen model.

    Attributes:
        model: Of the hunt.
        source: Its C, fitted to all of the table.
        accuracy: Percent right in cross-validation.
        trials: Models that were looked at.
    """

    model: PeerModel
    source: str
    accuracy: float
    trials: int

    def cost(self, mcu: str, levels: NDArray[np.uint8]) -> tuple[Cost, NDArray[np.int64]]:
        """What it takes over all of these samples, and its answers to them."""
        samples = self.model.samples(levels)
        answers = classify_natively(self.source, samples, _include())
        return cost(self.source, mcu, samples, answers, _include()), answers


def smallest_peer(table: Table, mcu: str, folds: int, seed: int, accuracy: float) -> PeerFound:
    """The smallest model that reaches an accuracy in cross-validation; if none, the most accurate.

    Args:
        table: The training part.
        mcu: The chip.
        folds: Of the cross-validation.
        seed: Of the folds and fits.
        accuracy: Percent right.
    """
    built: list[tuple[int, str, PeerModel]] = []
    models = list(_models(table, seed))
    known: dict[str, float] = {}  # several models are one estimator in several forms
    for model in models:
        if repr(model.estimator) not in known:
            known[repr(model.estimator)] = _in_float(model, table, folds, seed)
    in_float = [known[repr(model.estimator)] for model in models]
    worth_it = min(accuracy, max(in_float)) - _SHORT_MAX
    ranked = sorted(zip(in_float, models, strict=True), key=lambda one: -one[0])
    for reached, model in ranked:
        if reached < worth_it and built:
            break
        try:
            source = model.source(table)
            samples = model.samples(table.levels[:_COSTED_SAMPLES])
            answers = classify_natively(source, samples, _include())
            built.append((cost(source, mcu, samples, answers, _include()).flash, source, model))
        except _EMLEARN_REFUSALS:
            continue
    best: PeerFound | None = None
    for _, source, model in sorted(built, key=lambda one: one[0]):
        reached = _cross_validated(model, table, folds, seed)
        if best is None or reached > best.accuracy:
            best = PeerFound(model, source, reached, len(models))
        if reached >= accuracy:
            return PeerFound(model, source, reached, len(models))
    if best is None:
        raise BuildError(
            f"none of emlearn's models fits the {mcu}; expected one: take another chip"
        )
    return best


def _in_float(model: PeerModel, table: Table, folds: int, seed: int) -> float:
    """Percent right of scikit-learn's own answers."""
    right = []
    for fold in stratified_folds(table, folds, seed):
        fitted = model.fitted(table.rows(fold.train))
        answers = fitted.predict(model.samples(table.levels[fold.test]))
        right.append(np.mean(answers == table.labels[fold.test]))
    return 100 * float(np.mean(right))


def _cross_validated(model: PeerModel, table: Table, folds: int, seed: int) -> float:
    right = []
    for fold in stratified_folds(table, folds, seed):
        source = model.source(table.rows(fold.train))
        answers = classify_natively(source, model.samples(table.levels[fold.test]), _include())
        right.append(np.mean(answers == table.labels[fold.test]))
    return 100 * float(np.mean(right))


def _models(table: Table, seed: int) -> Iterator[PeerModel]:
    tree, ensemble = scikit("tree"), scikit("ensemble")
    inline: dict[str, object] = {"dtype": "uint8_t"}
    for leaves in (3, 4, 5, 6, 8, 12, 16, 24, 32, 64, 128):
        one = tree.DecisionTreeClassifier(max_leaf_nodes=leaves, random_state=seed)
        yield PeerModel(f"DecisionTree leaves={leaves}", one, "inline", inline, "uint8")
    for trees, most in product((3, 5, 10, 20), (4, 8, 16, None)):
        many = ensemble.RandomForestClassifier(trees, max_leaf_nodes=most, random_state=seed)
        name = f"RandomForest trees={trees} leaves={most}"
        for bits in (0, 4):
            told = inline | {"leaf_bits": bits}
            yield PeerModel(f"{name} leaf_bits={bits}", many, "inline", told, "uint8")
        if trees >= _LOADABLE_TREES:  # its code alone takes as much as a forest of fewer
            yield PeerModel(f"{name} loadable", many, "loadable", {"dtype": "int16_t"}, "int16")
    for hidden in (3, 5, 8):
        net = scikit("neural_network").MLPClassifier(
            hidden, solver="lbfgs", alpha=0.1, max_iter=500, random_state=seed
        )
        unit = float(table.level_max)
        yield PeerModel(f"MLP hidden={hidden}", net, "loadable", {}, "float32", unit)
    yield PeerModel(
        "GaussianNB", scikit("naive_bayes").GaussianNB(), "loadable", {}, "float32",
        float(table.level_max),
    )  # fmt: skip
    for near in (1, 5):
        model = scikit("neighbors").KNeighborsClassifier(near)
        yield PeerModel(f"KNeighbors k={near}", model, "loadable", {}, "int16")


def _include() -> tuple[Path, ...]:
    return (Path(_emlearn().__file__).parent,)


def _emlearn() -> Any:
    try:
        with np.errstate():  # it makes NumPy raise on underflow, from its import on
            emlearn = importlib.import_module("emlearn")
    except ImportError as error:
        raise MissingExtraError(
            f"emlearn is not installed ({error}); run ./dev bench compress, or install the extra "
            f"'peers'"
        ) from error
    return emlearn
