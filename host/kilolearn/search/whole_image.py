# SPDX-License-Identifier: GPL-3.0-or-later
"""What a model costs with all that makes its levels of raw samples."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kilolearn.classifier.cost import Cost, cost
from kilolearn.classifier.fitted import Fitted
from kilolearn.search.preparation import Preparation, prepared_source

__all__ = ["whole_cost"]


def whole_cost(fitted: Fitted, preparation: Preparation, raw: NDArray[np.int16], mcu: str) -> Cost:
    """Build preparation and model, classify raw samples on the emulated chip, and count.

    Args:
        fitted: The model.
        preparation: Of its levels, in its order.
        raw: (samples, raw columns).
        mcu: The chip.

    Raises:
        BuildError: It does not fit the chip.
        TwinMismatchError: The chip answers otherwise than the model, or prepares otherwise.
    """
    levels = preparation.apply(raw)
    answers = fitted.classify(levels)
    if preparation.passes_through:
        return cost(fitted.source(), mcu, levels, answers)
    source = prepared_source(preparation, fitted.source())
    return cost(source, mcu, np.ascontiguousarray(raw), answers)
