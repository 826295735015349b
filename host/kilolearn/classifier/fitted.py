# SPDX-License-Identifier: GPL-3.0-or-later
"""A fitted model as the chip has it, and the errors that say that there is none."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from kilolearn.errors import BuildError, ExportError, ModelError, SearchError, WeightsError

__all__ = ["REFUSALS", "Fitted"]

REFUSALS = (BuildError, ExportError, ModelError, SearchError, WeightsError)
"""By these a fit, its C or its image says that there is no such model for this chip. All else is a
fault of ours."""


class Fitted(Protocol):
    """A model as the chip has it: integers only."""

    def classify(self, levels: NDArray[np.uint8]) -> NDArray[np.int64]:
        """The classes (samples,) that the chip answers for levels (samples, width), bit for bit."""
        ...

    def source(self) -> str:
        """C11 that defines ``static uint8_t classify(const uint8_t *sample)``.

        It may include headers of avr/ and must compile for the host, too. Tables are IN_FLASH
        (fixed/flash.h).
        """
        ...
