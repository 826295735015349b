# SPDX-License-Identifier: GPL-3.0-or-later
"""A trained model in a file, with all that is needed to use it again: weights, scale, classes.

The file is a NumPy .npz without pickles. A model is put back only into a learner that describes
itself in exactly the same way, since the bytes mean nothing to another one.
"""

from __future__ import annotations

import json
import os
import zipfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from kilolearn.errors import WeightsError
from kilolearn.learner import Description, Learner
from kilolearn.quantise import InputScale

__all__ = ["SavedModel", "check_place", "load_model"]

_FORMAT = "kilolearn weights 1"


@dataclass(frozen=True)
class SavedModel:
    """A trained model.

    Attributes:
        description: Of the learner that holds these weights.
        weights: Its whole model, `description.weights_size` bytes.
        scale: Turns measured values into its inputs; None when it is not known.
        class_names: One a class, or None.
        dataset: Name of the data it learned, "" when not known.
        split_seed: Seed of the cut; the test part of it was never trained on.
    """

    description: Description
    weights: bytes
    scale: InputScale | None = None
    class_names: tuple[str, ...] | None = None
    dataset: str = ""
    split_seed: int = 0

    def save(self, path: Path) -> None:
        """Write an .npz file.

        Raises:
            WeightsError: The file cannot be written.
        """
        about = {
            "format": _FORMAT,
            "description": asdict(self.description),
            "class_names": self.class_names,
            "dataset": self.dataset,
            "split_seed": self.split_seed,
        }
        arrays: dict[str, Any] = {
            "about": np.array(json.dumps(about)),
            "weights": np.frombuffer(self.weights, np.uint8),
        }
        if self.scale is not None:
            arrays |= {
                "scale_minimum": self.scale.minimum,
                "scale_maximum": self.scale.maximum,
                "scale_input_max": np.array(self.scale.input_max),
            }
        try:
            with path.open("wb") as file:  # a file keeps its name; a path would gain .npz
                np.savez(file, **arrays)
        except OSError as error:
            raise WeightsError(f"{path}: cannot be written ({error.strerror})") from error

    def put_into(self, learner: Learner) -> None:
        """Give these weights to a learner.

        Raises:
            WeightsError: They are another learner's.
        """
        found = learner.description
        if found != self.description:
            raise WeightsError(
                f"these weights belong to {self.description.in_words()}; this is "
                f"{found.in_words()}: use the app and config that they were trained with"
            )
        learner.write_weights(self.weights)


def check_place(path: Path) -> None:
    """Refuse a path that cannot take a file, before the work that is to go there.

    Raises:
        WeightsError: Its folder is absent, or may not be written.
    """
    if not path.parent.is_dir() or path.is_dir() or not os.access(path.parent, os.W_OK):
        raise WeightsError(f"{path}: cannot be written; name a file in a folder of your own")


def load_model(path: Path) -> SavedModel:
    """Read what `SavedModel.save` wrote.

    Raises:
        WeightsError: Absent, not such a file, or damaged.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            arrays = {key: archive[key] for key in archive.files}
        about = json.loads(str(arrays["about"]))
        if about["format"] != _FORMAT:
            raise WeightsError(f"{path}: format {about['format']!r}; expected {_FORMAT!r}")
        description = Description(**about["description"])
        weights = arrays["weights"].astype(np.uint8).tobytes()
        names = about["class_names"]
        scale = None
        if "scale_minimum" in arrays:
            scale = InputScale(
                arrays["scale_minimum"], arrays["scale_maximum"], int(arrays["scale_input_max"])
            )
        model = SavedModel(
            description,
            weights,
            scale,
            tuple(names) if names is not None else None,
            str(about["dataset"]),
            int(about["split_seed"]),
        )
    except FileNotFoundError as error:
        raise WeightsError(f"{path}: no such file; make one with kilolearn train --save") from error
    except (
        AttributeError,
        EOFError,
        KeyError,
        OSError,
        TypeError,
        ValueError,
        zipfile.BadZipFile,
    ) as error:
        raise WeightsError(
            f"{path}: not a weights file ({error}); expected what kilolearn train --save writes"
        ) from error
    if len(weights) != description.weights_size:
        raise WeightsError(
            f"{path}: {len(weights)} bytes of weights; its own description says "
            f"{description.weights_size}: the file is damaged"
        )
    return model
