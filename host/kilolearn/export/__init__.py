# SPDX-License-Identifier: GPL-3.0-or-later
"""Fitted scikit-learn models as C for chips without floating point.

::

    made = export(model, "gesture", scale)
    made.write(folder)                      # gesture.c and gesture.h

The C has one function, ``uint8_t gesture_predict(const uint8_t *sample)``; a sample holds the
levels that `InputScale` makes of the features. Trees and forests of pure leaves answer as
scikit-learn does at those levels; linear models and perceptrons to the rounding of their weights.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kilolearn.errors import ExportError
from kilolearn.export.forest import Forest
from kilolearn.export.layers import (
    CEILING,
    SHIFT,
    WEIGHT_BITS,
    Affine,
    fold_levels,
    quantise_layers,
)
from kilolearn.export.levels import Levels
from kilolearn.export.source import render
from kilolearn.export.tree import class_of, prune
from kilolearn.quantise import InputScale

__all__ = ["Export", "c_name", "export", "make_folder"]

WIDTH_MAX, CLASSES_MAX = 255, 255
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


@dataclass(frozen=True)
class Export:
    """A model as C.

    Attributes:
        name: Of the files and the prefix of what they define.
        source, header: Texts of NAME.c and NAME.h.
    """

    name: str
    source: str
    header: str

    def write(self, folder: Path, report: str | None = None) -> tuple[Path, ...]:
        """Write both files, and NAME.json if there is a report.

        Raises:
            ExportError: The folder cannot be written.
        """
        texts = {".c": self.source, ".h": self.header}
        if report is not None:
            texts[".json"] = report + "\n"
        make_folder(folder)
        try:
            for suffix, text in texts.items():
                (folder / f"{self.name}{suffix}").write_text(text, encoding="utf-8")
        except OSError as error:
            raise _unwritable(folder, error) from error
        return tuple(folder / f"{self.name}{suffix}" for suffix in texts)


def export(
    model: Any,
    name: str,
    scale: InputScale | None = None,
    samples: NDArray[np.uint8] | None = None,
    weight_bits: int = 16,
) -> Export:
    """Make C of a fitted model.

    Args:
        model: DecisionTreeClassifier, RandomForestClassifier, LogisticRegression, LinearSVC or
            MLPClassifier (rectifiers) of scikit-learn.
        name: Letters, digits and _; becomes the prefix of the C names.
        scale: That makes levels of the features the model was fitted on; None when it was fitted
            on the levels (0-255) themselves.
        samples: (samples, width) levels as in use, for an MLPClassifier in 8 bits: its hidden
            layers are scaled to them.
        weight_bits: Of linear models and perceptrons: 16, or 8, which takes half the flash and
            cycles and answers otherwise than the model more often.

    Raises:
        ExportError: Another kind of model, one that is not fitted, too large, or not finite; a
            name that C does not take; samples missing or of another width; other `weight_bits`.
    """
    c_name(name)
    if weight_bits not in WEIGHT_BITS:
        raise ExportError(f"weight_bits is {weight_bits}; expected 8 or 16")
    kind = type(model).__name__
    if kind not in _KINDS:
        raise ExportError(f"a {kind} has no export; expected one of {', '.join(_KINDS)}")
    width, classes = _face(model, kind)
    if scale is not None and scale.width != width:
        raise ExportError(
            f"the scale has {scale.width} features, the {kind} {width}; expected the scale of the "
            f"data that it was fitted on"
        )
    levels = Levels.of(width, scale)
    template, values = _KINDS[kind](model, levels, samples, weight_bits)
    about = (
        f"A {kind} of scikit-learn, made by kilolearn export. Classes: "
        + ", ".join(f"{index} {label}" for index, label in enumerate(classes)).replace("*", "")
        + "."
    )
    header = render(
        "model.h.j2",
        name=name,
        about=about,
        width=width,
        input_max=levels.input_max,
        classes=len(classes),
    )
    source = render(template, name=name, classes=len(classes), **values)
    return Export(name, source, header)


def make_folder(folder: Path) -> None:
    """Make a folder to write into, where there is none.

    Raises:
        ExportError: It cannot be.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(folder, error) from error


def _unwritable(folder: Path, error: OSError) -> ExportError:
    return ExportError(f"{folder}: cannot be written ({error.strerror}); name another folder")


def c_name(name: str) -> str:
    """The name, if C takes it as a prefix.

    Raises:
        ExportError: It does not.
    """
    if not _NAME.fullmatch(name):
        raise ExportError(f"{name!r} is no name in C; expected a letter, then letters, digits, _")
    return name


def _face(model: Any, kind: str) -> tuple[int, list[object]]:
    """Features and classes of a fitted model, if a chip's bytes can count them."""
    if not hasattr(model, "classes_"):
        raise ExportError(f"the {kind} is not fitted; expected a model after fit()")
    if getattr(model, "n_outputs_", 1) != 1 and kind != "MLPClassifier":
        raise ExportError(f"the {kind} has {model.n_outputs_} outputs; expected one label a sample")
    if (width := int(model.n_features_in_)) > WIDTH_MAX:
        raise ExportError(
            f"the {kind} has {width} features; expected at most {WIDTH_MAX}: select features first"
        )
    if (classes := len(model.classes_)) > CLASSES_MAX:
        raise ExportError(f"the {kind} has {classes} classes; expected at most {CLASSES_MAX}")
    return width, list(model.classes_)


def _tree(model: Any, levels: Levels, *_: object) -> tuple[str, dict[str, object]]:
    return "tree.c.j2", {"tree": prune(model.tree_, levels, class_of)}


def _forest(model: Any, levels: Levels, *_: object) -> tuple[str, dict[str, object]]:
    return "forest.c.j2", {"forest": Forest.of(model, levels)}


def _linear(
    model: Any, levels: Levels, _: object, weight_bits: int
) -> tuple[str, dict[str, object]]:
    nothing = np.empty((0, len(levels.step)), np.uint8)
    bias = np.broadcast_to(model.intercept_, len(model.coef_))
    return _layers([(model.coef_, bias)], levels, nothing, weight_bits)


def _perceptron(
    model: Any, levels: Levels, samples: NDArray[np.uint8] | None, weight_bits: int
) -> tuple[str, dict[str, object]]:
    if model.activation != "relu":
        raise ExportError(f"the MLPClassifier has activation={model.activation!r}; expected 'relu'")
    if model.out_activation_ == "logistic" and model.n_outputs_ > 1:
        raise ExportError("the MLPClassifier takes several labels a sample; expected one")
    units_max = WIDTH_MAX * 8 // weight_bits
    if max(len(bias) for bias in model.intercepts_) > units_max:
        raise ExportError(
            f"the MLPClassifier has more than {units_max} units in a layer, the most with "
            f"{weight_bits}-bit weights; fit a smaller one"
        )
    width = len(levels.step)
    if weight_bits == 16:
        samples = np.empty((0, width), np.uint8)
    elif samples is None or samples.ndim != 2 or samples.shape[1] != width or not len(samples):
        raise ExportError(
            f"an MLPClassifier's hidden layers in 8 bits are scaled to samples; found "
            f"{'none' if samples is None else samples.shape}, expected (samples, {width}) levels"
        )
    pairs = zip(model.coefs_, model.intercepts_, strict=True)
    return _layers([(weight.T, bias) for weight, bias in pairs], levels, samples, weight_bits)


def _layers(
    parts: list[Affine], levels: Levels, samples: NDArray[np.uint8], weight_bits: int
) -> tuple[str, dict[str, object]]:
    first = fold_levels(*parts[0], levels)
    layers = quantise_layers([first, *parts[1:]], levels.input_max, samples, weight_bits)
    return "layers.c.j2", {"layers": layers, "ceiling": CEILING, "shift": SHIFT}


_Kind = Callable[[Any, Levels, NDArray[np.uint8] | None, int], tuple[str, dict[str, object]]]
_KINDS: dict[str, _Kind] = {
    "DecisionTreeClassifier": _tree,
    "RandomForestClassifier": _forest,
    "LogisticRegression": _linear,
    "LinearSVC": _linear,
    "MLPClassifier": _perceptron,
}
