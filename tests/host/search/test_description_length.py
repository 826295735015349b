# SPDX-License-Identifier: GPL-3.0-or-later
"""Description lengths are lengths of a code: all messages together fit the room that they claim."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from kilolearn.errors import SearchError
from kilolearn.search.mdl import coded_error_bits, description_bits, whole_number_bits


@pytest.mark.parametrize("classes", [2, 3])
def test_the_errors_of_six_samples_have_a_code(classes):
    """Kraft's inequality over every way in which six labels can be."""
    answers = np.array([0, 1, 0, 1, 1, 0])
    room = sum(
        2 ** -coded_error_bits(np.array(labels), answers, classes)
        for labels in itertools.product(range(classes), repeat=6)
    )
    counts = sum(2 ** -whole_number_bits(wrong) for wrong in range(7))
    assert room == pytest.approx(counts)
    assert room < 1


def test_whole_numbers_have_a_code_and_it_wastes_little():
    room = sum(2 ** -whole_number_bits(number) for number in range(100_000))
    assert 0.75 < room < 1  # the rest is of larger numbers: the sum grows very slowly
    assert whole_number_bits(0) == pytest.approx(1.5186, abs=1e-3)
    assert whole_number_bits(15) == pytest.approx(1.5186 + 4 + 2 + 1, abs=1e-3)


def test_the_parts_of_a_description_are_as_counted_by_hand():
    labels = np.arange(12) % 4
    answers = labels.copy()
    answers[[2, 7, 8]] = (labels[[2, 7, 8]] + 1) % 4
    bits = whole_number_bits(3) + math.log2(math.comb(12, 3)) + 3 * math.log2(3)
    assert coded_error_bits(labels, answers, 4) == pytest.approx(bits)
    assert description_bits(100, 7.5) == 807.5


def test_answers_for_other_samples_are_refused():
    with pytest.raises(SearchError, match="an answer a label"):
        coded_error_bits(np.zeros(3, np.int64), np.zeros(4, np.int64), 2)
