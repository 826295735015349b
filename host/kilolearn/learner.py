# SPDX-License-Identifier: GPL-3.0-or-later
"""What the host may ask of anything that learns: a chip behind a port, or its native twin."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kilolearn.contract import Contract
from kilolearn.errors import ContractMismatchError, DatasetError

__all__ = ["Answer", "Answers", "Description", "Learner"]

Samples = NDArray[np.uint8]
Labels = NDArray[np.integer]


class Answer(NamedTuple):
    """One answer of a learner.

    Attributes:
        prediction: The class it names.
        margin: Best score less second best; when training, score of the true class less the best
            other. int16, in the learner's own units, saturated.
    """

    prediction: int
    margin: int


class Answers(NamedTuple):
    """Answers to a run of samples: predictions (samples,) uint8, margins (samples,) int16."""

    predictions: NDArray[np.uint8]
    margins: NDArray[np.int16]

    @classmethod
    def of(cls, answers: Sequence[Answer]) -> Answers:
        """Single answers, in order."""
        predictions = np.array([answer.prediction for answer in answers], np.uint8)
        return cls(predictions, np.array([answer.margin for answer in answers], np.int16))


@dataclass(frozen=True)
class Description:
    """What a learner says of itself (``learner_description`` of the contract).

    Attributes:
        contract_version: Of the headers it was built from.
        name: At most 12 characters.
        inputs: Values in a sample.
        classes: Labels are 0..classes-1.
        input_max: A value is 0..input_max.
        weights_size: Bytes of the whole model.
        inputs_a_byte: Values that share a byte of a sample on the line, 1 or 2.
        full_duplex: A request may come while the answer before it goes out; of a chip's line, so it
            makes no other learner.
    """

    contract_version: int
    name: str
    inputs: int
    classes: int
    input_max: int
    weights_size: int
    inputs_a_byte: int = 1
    full_duplex: bool = field(default=False, compare=False)

    @classmethod
    def unpack(cls, body: bytes, contract: Contract) -> Description:
        """Read the struct as it travels, and hold it to this host's contract.

        Raises:
            ContractMismatchError: Another contract version, size or hash.
        """
        layout = contract.struct("learner_description")
        expected = contract.constant("CONTRACT_VERSION")
        found = body[0] if body else None
        if len(body) != layout.itemsize or found != expected:
            raise ContractMismatchError(
                f"the chip describes itself in {len(body)} bytes, contract version {found}; this "
                f"host has {layout.itemsize} bytes, version {expected}: build and flash the "
                f"firmware from the same checkout"
            )
        record = np.frombuffer(body, layout)[0]
        if record["contract_hash"] != contract.hash:
            raise ContractMismatchError(
                f"the chip was built from a contract of hash {record['contract_hash']:#06x}; this "
                f"host has {contract.hash:#06x}: build and flash from the same checkout"
            )
        return cls(
            contract_version=int(record["contract_version"]),
            name=record["name"].decode("ascii", "replace"),
            inputs=int(record["inputs"]),
            classes=int(record["classes"]),
            input_max=int(record["input_max"]),
            weights_size=int(record["weights_size"]),
            inputs_a_byte=int(record["inputs_a_byte"]),
            full_duplex=bool(record["full_duplex"]),
        )

    def pack(self, contract: Contract) -> bytes:
        """The reverse of `unpack`."""
        layout = contract.struct("learner_description")
        values = asdict(self) | {
            "name": self.name.encode("ascii", "replace"),
            "contract_hash": contract.hash,
        }
        return np.array([tuple(values[name] for name in layout.names or ())], layout).tobytes()

    def in_words(self) -> str:
        """For a message that tells two learners apart."""
        return (
            f"{self.name} ({self.inputs} inputs 0..{self.input_max}, {self.classes} classes, "
            f"{self.weights_size} bytes, contract {self.contract_version})"
        )

    @property
    def sample_size(self) -> int:
        """Bytes of a sample on the line."""
        return -(-self.inputs // self.inputs_a_byte)

    def packed(self, samples: Samples) -> Samples:
        """Samples as they go over the line.

        Args:
            samples: (samples, inputs) uint8.

        Returns:
            (samples, sample_size) uint8, C order; the first of two in a byte is the low half.
        """
        if self.inputs_a_byte == 2:
            even = np.pad(samples, ((0, 0), (0, self.inputs % 2)))
            samples = (even[:, ::2] | even[:, 1::2] << 4).astype(np.uint8)
        return np.ascontiguousarray(samples)

    def check_samples(self, samples: Samples, labels: Labels | None = None) -> None:
        """Refuse samples this learner cannot take, before one of them is sent.

        Args:
            samples: (samples, inputs) uint8.
            labels: (samples,), or None when there are none.

        Raises:
            DatasetError: Wrong type, width, level or label.
        """
        if samples.ndim != 2 or samples.shape[1] != self.inputs or samples.dtype != np.uint8:
            raise DatasetError(
                f"samples are {samples.dtype} of shape {samples.shape}; the learner {self.name} "
                f"takes uint8 (samples, {self.inputs}): use its own data set or another app"
            )
        if samples.size and samples.max() > self.input_max:
            raise DatasetError(
                f"a sample holds {samples.max()}; the learner {self.name} takes 0.."
                f"{self.input_max}: quantise with InputScale"
            )
        if labels is None:
            return
        if labels.shape != (len(samples),):
            raise DatasetError(
                f"{labels.shape} labels for {len(samples)} samples; expected one each"
            )
        if labels.size and (labels.min() < 0 or labels.max() >= self.classes):
            raise DatasetError(
                f"labels run {labels.min()}..{labels.max()}; the learner {self.name} tells "
                f"{self.classes} classes, 0..{self.classes - 1}, apart"
            )

    def check_target(self, target: NDArray[np.uint8]) -> None:
        """Refuse a target, (classes,) uint8, of another shape or type.

        Raises:
            DatasetError: It is.
        """
        if target.shape != (self.classes,) or target.dtype != np.uint8:
            raise DatasetError(
                f"a target is {target.dtype} of shape {target.shape}; the learner {self.name} "
                f"takes uint8 ({self.classes},): one value a class, 255 is certain"
            )


class Learner(ABC):
    """A chip over a link, or a twin. Both take the same calls and give the same bits."""

    @property
    @abstractmethod
    def description(self) -> Description:
        """What this learner is."""

    @abstractmethod
    def reset(self, seed: int) -> None:
        """Start anew: weights and rounding noise from a seed, 0-65535; full step size."""

    @abstractmethod
    def set_rate(self, shift: int) -> None:
        """Set the step size to base >> shift, 0-15."""

    @abstractmethod
    def train(self, sample: Samples, label: int) -> Answer:
        """Learn one sample, (inputs,) uint8; the answer is the one before the update."""

    @abstractmethod
    def teach(self, sample: Samples, target: NDArray[np.uint8]) -> Answer:
        """Learn one sample, (inputs,) uint8, from a teacher's soft answer.

        Args:
            sample: (inputs,).
            target: (classes,), 255 is certain; its largest is the label of the answer's margin.

        Raises:
            ChipRejectedError: This learner takes labels only.
        """

    @abstractmethod
    def infer(self, sample: Samples) -> Answer:
        """Classify one sample, (inputs,) uint8."""

    @abstractmethod
    def read_weights(self) -> bytes:
        """The whole model, in the layout of the firmware's `net` struct."""

    @abstractmethod
    def write_weights(self, weights: bytes) -> None:
        """Replace the whole model.

        Raises:
            WeightsError: Not `Description.weights_size` bytes.
        """

    def train_many(self, samples: Samples, labels: Labels) -> Answers:
        """Learn samples in order, (samples, inputs) uint8 with (samples,) labels."""
        pairs = zip(samples, labels.tolist(), strict=True)
        return Answers.of([self.train(sample, label) for sample, label in pairs])

    def teach_many(self, samples: Samples, targets: NDArray[np.uint8]) -> Answers:
        """Learn samples in order, (samples, inputs) uint8 with (samples, classes) targets."""
        pairs = zip(samples, targets, strict=True)
        return Answers.of([self.teach(sample, target) for sample, target in pairs])

    def infer_many(self, samples: Samples) -> Answers:
        """Classify samples, (samples, inputs) uint8."""
        return Answers.of([self.infer(sample) for sample in samples])
