# SPDX-License-Identifier: GPL-3.0-or-later
"""What a chip keeps through a power cut: as it says, in a file, and for training to go on from.

The file is the bytes of a slot behind a header; avr/contract/checkpoint.h draws both.
"""

from __future__ import annotations

from binascii import crc_hqx
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from kilolearn import firmware
from kilolearn.errors import ContractMismatchError, LinkError, PortError, WeightsError
from kilolearn.learner import Description, Labels, Samples

if TYPE_CHECKING:
    from kilolearn.link import Link

__all__ = ["Checkpoint", "Kept", "Progress", "Slots", "load_checkpoint", "train_through_resets"]

_FILE_SEQUENCE = 0
_STRUCT = "checkpoint_progress"
_RESETS_RUNNING_MAX = 100


@dataclass(frozen=True)
class Progress:
    """Besides its weights, all that decides how a learner goes on.

    Attributes:
        steps: Training steps since the last reset by the host.
        errors: Of these, with a wrong answer before the update.
        noise: State of the rounding noise; 0 where there is none.
        every: Training steps between two checkpoints, 0 for none.
        shift: The step size is base >> shift.
    """

    steps: int
    errors: int
    noise: int
    every: int
    shift: int

    def pack(self) -> bytes:
        """As it travels."""
        return firmware.contract().pack(_STRUCT, *astuple(self))

    @classmethod
    def unpack(cls, body: bytes) -> Progress:
        """The reverse of `pack`."""
        record = np.frombuffer(body, firmware.contract().struct(_STRUCT))[0]
        return cls(*(int(value) for value in record))


@dataclass(frozen=True)
class Slots:
    """Where a chip keeps its checkpoints.

    Attributes:
        place: ``"EEPROM"`` or ``"flash"``.
        count: Slots that take turns.
        size_bytes: Of one.
    """

    place: str
    count: int
    size_bytes: int

    def in_words(self) -> str:
        """For people."""
        return f"{self.place}, {self.count} slots of {self.size_bytes} bytes"


@dataclass(frozen=True)
class Kept:
    """The chip's answer to a request for a checkpoint."""

    slots: Slots
    progress: Progress

    @classmethod
    def unpack(cls, body: bytes) -> Kept:
        """Read the struct as it travels."""
        contract = firmware.contract()
        layout = contract.struct("checkpoint_reply")
        record = np.frombuffer(body, layout)[0]
        places = {"IN_EEPROM": "EEPROM", "IN_FLASH": "flash"}
        place = contract.names("CHECKPOINT_").get(int(record["place"]), "")
        if place not in places:
            raise ContractMismatchError(
                f"the chip keeps checkpoints in place {record['place']}; expected EEPROM or flash: "
                f"build firmware and host from the same checkout"
            )
        slots = Slots(places[place], int(record["slots"]), int(record["slot_bytes"]))
        return cls(slots, Progress(*(int(value) for value in record["progress"])))


@dataclass(frozen=True)
class Checkpoint:
    """A learner's weights and progress, as a slot holds them."""

    description: Description
    weights: bytes
    progress: Progress

    def pack(self) -> bytes:
        """The file."""
        contract = firmware.contract()
        about = self.description.pack(contract)
        payload = self.weights + self.progress.pack()
        crc = crc_hqx(
            about + payload + bytes((_FILE_SEQUENCE,)), contract.constant("FRAME_CRC_INIT")
        )
        magic = contract.constant("CHECKPOINT_MAGIC").to_bytes(2, "little")
        return magic + about + payload + contract.pack("checkpoint_seal", crc, _FILE_SEQUENCE)

    @classmethod
    def unpack(cls, file: bytes) -> Checkpoint:
        """Read a file.

        Raises:
            WeightsError: Not such a file, cut off or changed.
            ContractMismatchError: Of another version of the contract.
        """
        contract = firmware.contract()
        about_bytes = contract.struct("learner_description").itemsize
        magic = contract.constant("CHECKPOINT_MAGIC").to_bytes(2, "little")
        progress_bytes = contract.struct(_STRUCT).itemsize
        seal_bytes = contract.struct("checkpoint_seal").itemsize
        if not file.startswith(magic) or len(file) < len(magic) + about_bytes:
            raise WeightsError(
                f"the file begins with {file[:2]!r} and has {len(file)} bytes; expected a "
                f"checkpoint, {magic!r}, as kilolearn weights checkpoint writes it"
            )
        about, rest = file[2 : 2 + about_bytes], file[2 + about_bytes :]
        description = Description.unpack(about, contract)
        size = description.weights_size
        if len(rest) != size + progress_bytes + seal_bytes:
            raise WeightsError(
                f"{len(file)} bytes; a checkpoint of {description.in_words()} has "
                f"{2 + about_bytes + size + progress_bytes + seal_bytes}: the file is damaged"
            )
        checkpoint = cls(description, rest[:size], Progress.unpack(rest[size:-seal_bytes]))
        if checkpoint.pack() != file:
            raise WeightsError("the checksum of the checkpoint is wrong: the file is damaged")
        return checkpoint

    def save(self, path: Path) -> None:
        """Write a file.

        Raises:
            WeightsError: It cannot be written.
        """
        try:
            path.write_bytes(self.pack())
        except OSError as error:
            raise WeightsError(f"{path}: cannot be written ({error.strerror})") from error

    @classmethod
    def read_from(cls, link: Link, every: int | None = None) -> tuple[Checkpoint, Kept]:
        """Let a chip make a checkpoint, and take the same state off it.

        Args:
            link: To an image that keeps checkpoints.
            every: As for `Link.checkpoint`.
        """
        kept = link.checkpoint(every)
        return cls(link.description, link.read_weights(), kept.progress), kept

    def put_into(self, link: Link) -> Kept:
        """Give this state to a chip, which keeps it.

        Raises:
            WeightsError: It is another learner's.
        """
        found = link.description
        if found != self.description:
            raise WeightsError(
                f"this checkpoint belongs to {self.description.in_words()}; the chip is "
                f"{found.in_words()}: use the app and config that it was made with"
            )
        link.write_weights(self.weights)
        link.resume(self.progress)
        return link.checkpoint()


def load_checkpoint(path: Path) -> Checkpoint:
    """Read what `Checkpoint.save` wrote.

    Raises:
        WeightsError: Absent, not such a file, or damaged.
        ContractMismatchError: Of another version of the contract.
    """
    try:
        return Checkpoint.unpack(path.read_bytes())
    except OSError as error:
        raise WeightsError(
            f"{path}: cannot be read ({error.strerror}); make one with kilolearn weights checkpoint"
        ) from error


def train_through_resets(
    link: Link, samples: Samples, labels: Labels, shifts: Sequence[int]
) -> int:
    """Train a chip that may reset at any time, as if it never did.

    The chip starts at its own step counter, which is 0 after `Link.reset`. Whenever it does not
    answer as it should, ask it how many steps it has taken, and go on from there. At the end it
    keeps what it has learned.

    Args:
        link: To an image that keeps checkpoints.
        samples: (steps, inputs) uint8, one a step.
        labels: (steps,).
        shifts: (steps,) the step size of each is base >> shift.

    Returns:
        How often training had to go on from an earlier step.

    Raises:
        LinkError: The chip does not get on, or does not come back.
    """
    went_back = running = 0
    shift: int | None = None
    at = link.statistics().steps
    is_kept = False
    while not is_kept:
        try:
            if at == len(samples):
                is_kept = link.checkpoint().progress.steps == at
                at = link.statistics().steps
                continue
            if shift != shifts[at]:
                link.set_rate(shifts[at])
                shift = shifts[at]
            link.train(samples[at], int(labels[at]))
        except PortError:
            raise
        except LinkError:
            running += 1
            if running > _RESETS_RUNNING_MAX:
                raise
            shift = None
            steps = link.statistics().steps
            went_back += steps < at
            at = steps
        else:
            running = 0
            at += 1
    return went_back
