# SPDX-License-Identifier: GPL-3.0-or-later
"""What a chip has learned so far, kept here, should it be unplugged in the middle."""

from __future__ import annotations

from collections.abc import Callable

from kilolearn.learner import Learner
from kilolearn.train import Progress

__all__ = ["Rescue"]

_SAMPLES = 1000


class Rescue:
    """Reads the weights off a learner now and then while it is trained.

    Args:
        learner: In training.
        told: Is told the progress too.

    Attributes:
        weights: As they were read last; None before that.
        samples: After so many.
    """

    def __init__(self, learner: Learner, told: Callable[[Progress], None]) -> None:
        self.weights: bytes | None = None
        self.samples = 0
        self._learner, self._told = learner, told

    def __call__(self, progress: Progress) -> None:
        """Training has come so far."""
        self._told(progress)
        if progress.samples_done - self.samples >= _SAMPLES:
            self.weights = self._learner.read_weights()
            self.samples = progress.samples_done
