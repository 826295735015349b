# SPDX-License-Identifier: GPL-3.0-or-later
"""The length of a description in two parts: a program, and what it gets wrong.

::

    description = 8 * flash + count(wrong) + log2(samples over wrong) + wrong * log2(classes - 1)

Who has the samples without their classes and the firmware can say all classes with that many bits:
how many answers are wrong, which ones they are, and which of the other classes each has. The
shortest description is the best model: more bytes must save as many bits of errors.

Sources: Rissanen, Modeling by shortest data description (1978); the number of errors by Rissanen's
code of a whole number, A universal prior for integers (1983).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from kilolearn.errors import SearchError

__all__ = ["coded_error_bits", "description_bits", "whole_number_bits"]

# log2 of the sum over n >= 1 of 2^-(log2 n + log2 log2 n + ...), so that the shares sum to one.
_WHOLE_NUMBERS = math.log2(2.865064)


def whole_number_bits(number: int) -> float:
    """Bits of a whole number >= 0 when nothing is known of its size.

    ``log*(n) = log2(2.865) + log2(n) + log2(log2(n)) + ...``, positive terms only, n = number + 1.
    """
    bits = _WHOLE_NUMBERS
    term = math.log2(number + 1)
    while term > 0:
        bits += term
        term = math.log2(term)
    return bits


def coded_error_bits(labels: NDArray[np.int64], answers: NDArray[np.int64], classes: int) -> float:
    """Bits that correct a model's answers.

    Args:
        labels: (samples,) the classes, 0..classes-1.
        answers: (samples,) what the model says.
        classes: Two or more.

    Raises:
        SearchError: Answers of another shape than the labels, or fewer than two classes.
    """
    if labels.shape != answers.shape or labels.ndim != 1 or classes < 2:
        raise SearchError(
            f"labels {labels.shape}, answers {answers.shape} and {classes} classes found; expected "
            f"an answer a label and two classes or more"
        )
    samples, wrong = len(labels), int(np.count_nonzero(labels != answers))
    which = math.lgamma(samples + 1) - math.lgamma(wrong + 1) - math.lgamma(samples - wrong + 1)
    return whole_number_bits(wrong) + which / math.log(2) + wrong * math.log2(classes - 1)


def description_bits(flash: int, error_bits: float) -> float:
    """Both parts: a firmware of so many bytes, and the bits that correct it."""
    return 8 * flash + error_bits
