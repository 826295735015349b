# SPDX-License-Identifier: GPL-3.0-or-later
"""A net in integers, as `kilolearn.classifier.fitted.Fitted` wants a model."""

from __future__ import annotations

from dataclasses import dataclass

from kilolearn.codecs.net import EncodedNet
from kilolearn.codecs.source import net_source

__all__ = ["FittedNet"]


@dataclass(frozen=True)
class FittedNet(EncodedNet):
    """Encoded layers and their C.

    Attributes:
        width: Levels in a sample.
    """

    width: int

    def source(self) -> str:
        """C11 that defines ``static uint8_t classify(const uint8_t *sample)``."""
        return net_source(self, self.width)
