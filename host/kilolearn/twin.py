# SPDX-License-Identifier: GPL-3.0-or-later
"""The native twin: a learner's own portable C, compiled for this machine, with the chip's bits.

A search may train thousands of times here and ask the emulator only for what depends on the chip:
cycles, flash and SRAM.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

import cffi
import numpy as np
from numpy.typing import NDArray

from kilolearn import firmware
from kilolearn.contract import Contract, declarations
from kilolearn.errors import BuildError, ChipRejectedError, WeightsError
from kilolearn.frames import Frame, decode, encode
from kilolearn.learner import Answer, Answers, Description, Labels, Learner, Samples

__all__ = ["Twin"]

_LINE_SIZE = 512


class Twin(Learner):
    """A learner in this process.

    The C keeps its model in one global, so each instance loads a copy of the library of its own;
    any number may live at once.

    Args:
        app: A learner of avr/apps, e.g. ``"digits"``.
        config: Variant of the app.
        library: An already built twin, instead of building `app`.

    Raises:
        BuildError: The twin does not build, or is not a learner's.
    """

    def __init__(self, app: str, config: str | None = None, library: Path | None = None) -> None:
        firmware.require_learner(app)
        sources = firmware.avr_folder() / "apps"
        self._contract = firmware.contract()
        self._ffi = cffi.FFI()
        self._ffi.cdef(declarations((sources / "learner.h").read_text(encoding="utf-8")))
        self._ffi.cdef(declarations((sources / "serve_twin.h").read_text(encoding="utf-8")))
        self._ffi.cdef("extern uint64_t saturations;")
        self._native = self._load(library or firmware.build_twin(app, config))
        self._native.serve_twin_start()
        self._description = self._hello(self._contract)

    @property
    def description(self) -> Description:
        """As the firmware's own HELLO gives it."""
        return self._description

    def reset(self, seed: int) -> None:
        """Start anew: weights and rounding noise from a seed, 0-65535; full step size."""
        self._native.learner_reset(seed)
        self._native.saturations = 0

    @property
    def saturations(self) -> int:
        """How many values were cut to the end of their range since the last reset.

        Weights, activations and errors alike. Chip and twin have the same bits, so the chip has
        cut as many. Source: ``avr/fixed/saturate.h``.
        """
        return int(self._native.saturations)

    def weights_at_limit(self) -> int | None:
        """How many weights stand at the limit of their range; None when the learner cannot say."""
        count = getattr(self._native, "learner_weights_at_limit", None)
        return None if count is None else int(count())

    def set_rate(self, shift: int) -> None:
        """Set the step size to base >> shift, 0-15."""
        self._native.learner_set_rate(shift)

    def train(self, sample: Samples, label: int) -> Answer:
        """Learn one sample, (inputs,) uint8; the answer is the one before the update."""
        self._description.check_samples(sample[np.newaxis], np.array([label]))
        sent = self._description.packed(sample[np.newaxis])
        answer = self._native.learner_train(self._pointer(sent), label)
        return Answer(answer.prediction, answer.margin)

    def teach(self, sample: Samples, target: NDArray[np.uint8]) -> Answer:
        """Learn one sample, (inputs,) uint8, from a teacher's soft answer, (classes,) uint8.

        Raises:
            ChipRejectedError: This learner takes labels only.
        """
        self._description.check_samples(sample[np.newaxis])
        self._description.check_target(target)
        try:
            step = self._native.learner_teach
        except AttributeError as error:
            constant = self._contract.constant
            command = constant("COMMAND_TEACH")
            raise ChipRejectedError(
                f"the twin refused the request: this firmware knows no command {command:#04x}; "
                f"teach a learner whose config says LEARNER_TAUGHT",
                constant("ERROR_UNKNOWN_COMMAND"),
                command,
            ) from error
        sent = self._description.packed(sample[np.newaxis])
        answer = step(self._pointer(sent), self._pointer(target), int(target.argmax()))
        return Answer(answer.prediction, answer.margin)

    def infer(self, sample: Samples) -> Answer:
        """Classify one sample, (inputs,) uint8."""
        self._description.check_samples(sample[np.newaxis])
        sent = self._description.packed(sample[np.newaxis])
        answer = self._native.learner_infer(self._pointer(sent))
        return Answer(answer.prediction, answer.margin)

    def train_many(self, samples: Samples, labels: Labels) -> Answers:
        """Learn samples in order, (samples, inputs) uint8 with (samples,) labels."""
        self._description.check_samples(samples, labels)
        sent = self._description.packed(samples)
        first, width, step = self._pointer(sent), sent.shape[1], self._native.learner_train
        answers = [step(first + i * width, label) for i, label in enumerate(labels.tolist())]
        return _collect(answers)

    def infer_many(self, samples: Samples) -> Answers:
        """Classify samples, (samples, inputs) uint8."""
        self._description.check_samples(samples)
        sent = self._description.packed(samples)
        first, width, infer = self._pointer(sent), sent.shape[1], self._native.learner_infer
        return _collect([infer(first + i * width) for i in range(len(samples))])

    def read_weights(self) -> bytes:
        """The whole model, in the layout of the firmware's `net` struct."""
        return bytes(self._weights())

    def write_weights(self, weights: bytes) -> None:
        """Replace the whole model.

        Raises:
            WeightsError: Of another size than the model.
        """
        if len(weights) != self._description.weights_size:
            raise WeightsError(
                f"{len(weights)} bytes of weights; the learner {self._description.name} has "
                f"{self._description.weights_size}"
            )
        self._weights()[:] = weights

    def _load(self, library: Path) -> Any:
        """Open a private copy: a second dlopen of one file would share its globals."""
        with tempfile.TemporaryDirectory(prefix="kilolearn-twin-") as folder:
            copy = shutil.copy(library, Path(folder) / library.name)
            try:
                native = self._ffi.dlopen(str(copy))
                native.learner_train  # noqa: B018 - cffi looks a symbol up when it is first named
            except (OSError, AttributeError) as error:
                raise BuildError(
                    f"{library}: not the twin of a learner ({error}); build it with kilolearn build"
                ) from error
        return native

    def _hello(self, contract: Contract) -> Description:
        request = encode(Frame(1, contract.constant("COMMAND_HELLO"), b""))
        reply = self._ffi.new("uint8_t[]", _LINE_SIZE)
        size = self._native.serve_twin(request, self._ffi.NULL, len(request), reply, _LINE_SIZE)
        frame = decode(bytes(self._ffi.buffer(reply, size)).strip(b"\0"))
        return Description.unpack(frame.body, contract)

    def _pointer(self, samples: Samples) -> Any:
        return self._ffi.from_buffer("uint8_t[]", samples)

    def _weights(self) -> Any:
        size = self._native.learner_weights_size()
        return self._ffi.buffer(self._native.learner_weights(), size)


def _collect(answers: list[Any]) -> Answers:
    return Answers(
        np.array([answer.prediction for answer in answers], np.uint8),
        np.array([answer.margin for answer in answers], np.int16),
    )
