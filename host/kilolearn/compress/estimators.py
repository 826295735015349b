# SPDX-License-Identifier: GPL-3.0-or-later
"""Fitted estimators of scikit-learn, live or from a skops file, as models in real numbers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kilolearn.compress.archive import open_archive
from kilolearn.compress.model import Branch, Model, Network, Trees
from kilolearn.compress.plant import Junction, plant
from kilolearn.errors import MissingExtraError, ModelError
from kilolearn.export.layers import Affine

__all__ = ["of_estimator", "read_skops"]

Floats = NDArray[np.float64]

_LINEAR = ("LinearDiscriminantAnalysis", "LinearSVC", "LogisticRegression", "Perceptron",
           "RidgeClassifier", "SGDClassifier")  # fmt: skip
_TREES = ("DecisionTreeClassifier", "ExtraTreeClassifier")
_FORESTS = ("ExtraTreesClassifier", "RandomForestClassifier")
_PERCEPTRON = "MLPClassifier"
_SCALERS: dict[str, Callable[[Any], tuple[Floats, Floats]]] = {
    "StandardScaler": lambda scaler: _standard(scaler),
    "MinMaxScaler": lambda scaler: (scaler.scale_, scaler.min_),
    "MaxAbsScaler": lambda scaler: (1 / scaler.scale_, np.zeros(len(scaler.scale_))),
}
"""How a scaler maps a feature: x becomes factor x + shift."""

_READ_ONLY = {
    "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
    "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
    "sklearn.tree._tree.Tree",
}
"""Of scikit-learn, not trusted by skops: numbers, which are read here and checked, never used."""


def of_estimator(estimator: Any) -> Model:
    """Take a fitted classifier, or a pipeline of scalers and one.

    Raises:
        ModelError: A step of another kind (the message names it), one not fitted, or too large.
    """
    about = f"a {type(estimator).__name__} of scikit-learn"
    steps = [step for _, step in getattr(estimator, "steps", [("", estimator)])]
    *scalers, last = [step for step in steps if step not in (None, "passthrough")]
    kind = type(last).__name__
    if kind not in (*_LINEAR, *_TREES, *_FORESTS, _PERCEPTRON):
        raise ModelError(
            f"{kind} has no form on a chip; supported: "
            f"{', '.join((*_LINEAR, *_TREES, *_FORESTS, _PERCEPTRON))}, and pipelines of "
            f"{', '.join(_SCALERS)} and one of them"
        )
    if not hasattr(last, "classes_"):
        raise ModelError(f"the {kind} is not fitted; expected a model after fit()")
    if np.ndim(last.classes_) != 1 or isinstance(last.classes_, list):
        raise ModelError(f"the {kind} gives several labels a sample; expected one")
    width = int(last.n_features_in_)
    factor, shift = np.ones(width), np.zeros(width)
    for scaler in scalers:
        name = type(scaler).__name__
        if name not in _SCALERS:
            raise ModelError(
                f"the pipeline has a {name}; supported before the classifier: {', '.join(_SCALERS)}"
            )
        factor_here, shift_here = _SCALERS[name](scaler)
        factor, shift = factor * factor_here, shift * factor_here + shift_here
    body: Network | Trees
    if kind in _TREES or kind in _FORESTS:
        body = _forest(last, width, factor, shift)
    else:
        first, *others = _layers(last, kind)
        weight, bias = first
        body = Network(((weight * factor, bias + weight @ shift), *others))

    def refit(features: Floats, labels: NDArray[np.int64]) -> Model:
        from sklearn.base import clone  # noqa: PLC0415 - seconds to import

        names = np.asarray(last.classes_)
        return of_estimator(clone(estimator).fit(features, names[labels]))

    return Model(body, about, tuple(str(label) for label in last.classes_), refit)


def _standard(scaler: Any) -> tuple[Floats, Floats]:
    width = scaler.n_features_in_
    factor = np.ones(width) if scaler.scale_ is None else 1 / scaler.scale_
    shift = np.zeros(width) if scaler.mean_ is None else -scaler.mean_ * factor
    return factor, shift


def _layers(model: Any, kind: str) -> list[Affine]:
    if kind != _PERCEPTRON:
        weight = np.atleast_2d(np.asarray(model.coef_, np.float64))
        return [(weight, np.broadcast_to(np.asarray(model.intercept_, np.float64), len(weight)))]
    if model.activation not in ("relu", "identity"):
        raise ModelError(
            f"the {kind} has activation={model.activation!r}; supported: 'relu', 'identity'"
        )
    pairs = zip(model.coefs_, model.intercepts_, strict=True)
    layers = [(np.asarray(w.T, np.float64), np.asarray(b, np.float64)) for w, b in pairs]
    if model.activation == "relu":
        return layers
    weight, bias = layers[0]
    for next_weight, next_bias in layers[1:]:
        weight, bias = next_weight @ weight, next_weight @ bias + next_bias
    return [(weight, bias)]


def _forest(model: Any, width: int, factor: Floats, shift: Floats) -> Trees:
    trees = [part.tree_ for part in getattr(model, "estimators_", [model])]
    leaf = (1, len(model.classes_))
    for tree in trees:
        if tree.value.shape[1:] != leaf:
            raise ModelError(
                f"a leaf of the trees holds shares {tree.value.shape[1:]}; expected {leaf}: one "
                f"label a sample, and one share a class"
            )

    def grown(tree: Any) -> Branch:
        def node(number: int) -> Junction | tuple[float, ...]:
            below, above = int(tree.children_left[number]), int(tree.children_right[number])
            if below == above:
                shares = tree.value[number][0]
                return tuple((shares / shares.sum()).tolist())
            feature = int(tree.feature[number])
            threshold = (float(tree.threshold[number]) - shift[feature]) / factor[feature]
            return Junction(feature, float(threshold), below, above)

        return plant(node, width)

    return Trees(tuple(grown(tree) for tree in trees), width, len(model.classes_))


def read_skops(path: Path) -> tuple[Any, Model]:
    """Read what ``skops.io.dump`` wrote, if it holds nothing but types that skops trusts.

    Returns:
        The estimator, and the model that `of_estimator` makes of it.

    Raises:
        ModelError: A type that is not trusted (the message names it), or a damaged file.
        MissingExtraError: skops is not installed.
    """
    try:
        from skops import io  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise MissingExtraError(
            f"skops is not installed ({error}); run: pip install 'kilolearn[models,learn]'"
        ) from error
    with open_archive(path):
        pass
    try:
        strangers = sorted(set(io.get_untrusted_types(file=path)) - _READ_ONLY)
        if not strangers:
            estimator = io.load(path, trusted=sorted(_READ_ONLY))
            return estimator, of_estimator(estimator)
    except ModelError:
        raise
    except Exception as error:
        raise ModelError(
            f"{path}: skops cannot read it ({type(error).__name__}: {error}); expected what "
            f"skops.io.dump(model, path) writes"
        ) from error
    raise ModelError(
        f"{path}: holds {', '.join(strangers[:3])}, not among the types that can do no harm; "
        f"expected estimators of scikit-learn alone"
    )
