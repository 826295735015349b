# SPDX-License-Identifier: GPL-3.0-or-later
"""Images that keep checkpoints: how each is trained, asked for one, and seen to be up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from kilolearn.charlm.line import ChipModel
from kilolearn.firmware import contract
from kilolearn.frames import Frame, encode
from kilolearn.learner import Labels, Samples
from kilolearn.link import Link
from kilolearn.port import Port

__all__ = ["Checkpointed", "CheckpointedLearner", "CheckpointedModel"]


class Checkpointed(Protocol):
    """What an image is told until it makes the checkpoint that is looked at."""

    @property
    def state(self) -> tuple[str, ...]:
        """Variables that decide how it goes on."""

    @property
    def request(self) -> bytes:
        """Makes it keep a checkpoint."""

    @property
    def knock(self) -> bytes:
        """What it answers as soon as it is up; empty where it says so by itself."""

    def train(self, port: Port, saved_before: int) -> None:
        """Train it in equal parts, with a checkpoint after each but the last."""


@dataclass(frozen=True)
class CheckpointedLearner:
    """A learner behind avr/apps/serve.c.

    Attributes:
        samples: (steps, inputs) uint8.
        labels: (steps,).
    """

    samples: Samples
    labels: Labels

    @property
    def state(self) -> tuple[str, ...]:
        """Weights, counters, noise, step size, and when the next checkpoint is due."""
        return ("net", "count", "noise", "rate_shift", "period")

    @property
    def request(self) -> bytes:
        """As the base says."""
        return encode(Frame(1, contract().constant("COMMAND_CHECKPOINT"), bytes(2)))

    @property
    def knock(self) -> bytes:
        """It says so by itself."""
        return b""

    def train(self, port: Port, saved_before: int) -> None:
        """As the base says."""
        link = Link(port)
        link.reset(1 + saved_before)
        parts = np.array_split(np.arange(len(self.samples)), saved_before + 1)
        for part in parts[:-1]:
            link.train_many(self.samples[part], self.labels[part])
            link.checkpoint()
        link.train_many(self.samples[parts[-1]], self.labels[parts[-1]])


@dataclass(frozen=True)
class CheckpointedModel:
    """A character model, avr/apps/charlm.c.

    Attributes:
        model: Of `kilolearn.charlm.coded.MODELS`.
        text: What it learns.
    """

    model: str
    text: bytes

    @property
    def state(self) -> tuple[str, ...]:
        """The model; bytes coded, and when the next checkpoint is due."""
        return ("net", "kept")

    @property
    def request(self) -> bytes:
        """As the base says."""
        return bytes([contract().constant("CHARLM_CHECKPOINT")])

    @property
    def knock(self) -> bytes:
        """No request: it refuses that."""
        return b"\0"

    def train(self, port: Port, saved_before: int) -> None:
        """As the base says; at last no stream is under way, since none goes on behind a cut."""
        chip = ChipModel(port, self.model)
        size = len(self.text) // (saved_before + 1)
        for part in range(saved_before):
            chip.encode(self.text[part * size :][:size])
            chip.checkpoint()
        chip.encode(self.text[saved_before * size :])
        chip.start_encoding()
