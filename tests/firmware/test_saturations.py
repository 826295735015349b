# SPDX-License-Identifier: GPL-3.0-or-later
"""Values that would leave their range are cut and counted, and a model says what stands at it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kilolearn.twin import Twin


@pytest.fixture
def counted(kernels: Any) -> Any:
    """The kernels with a count that starts at 0."""
    kernels.forget_saturations()
    return kernels


@pytest.mark.parametrize("limit", [1, 120, 127])
def test_each_value_beyond_a_limit_counts_once(counted: Any, limit: int) -> None:
    for value in range(-300, 301):
        counted.saturate_i8(value, limit)
        counted.saturate_i16(value, limit)
    assert counted.saturations() == 2 * 2 * (300 - limit)


def test_a_rectifier_counts_its_ceiling_and_not_its_floor(counted: Any) -> None:
    """Shift 4, ceiling 31: 511 is the last sum below 32 units."""
    for value in range(-600, 601):
        counted.rectify(value, 4, 31)
    assert counted.saturations() == 600 - 511


def test_a_step_beyond_the_limit_counts_at_each_weight(counted: Any) -> None:
    """At a shift of 8 each weight moves by its input: 7 of the 9 inputs are not 0, two rows."""
    label, rival = np.full(9, 120, np.int8), np.full(9, -120, np.int8)
    inputs = np.array([0, 1, 2, 3, 0, 5, 16, 31, 31], np.uint8)
    counted.margin_step(label, rival, inputs, 9, 8, counted.noise(), 120)
    assert counted.saturations() == 14
    assert set(label) == {120}
    assert set(rival) == {-120}


def test_a_twin_counts_from_its_last_reset() -> None:
    """27 * (4 + 1) * 63 = 8,505 in each of 8 hidden units: beyond 32 * 2^8 = 8,192, the ceiling."""
    twin = Twin("dense", "iris")
    sample = np.full(4, 63, np.uint8)
    for _ in range(2):
        twin.reset(1)
        assert twin.saturations == 0
        twin.write_weights(filled(twin, 27))
        twin.infer(sample)
        twin.infer(sample)
        assert twin.saturations == 2 * 8
        twin.write_weights(filled(twin, 26))
        twin.infer(sample)
        assert twin.saturations == 2 * 8, "26 * 315 = 8,190"


def filled(twin: Twin, weight: int) -> bytes:
    """A model whose weights are all the same."""
    return bytes([weight]) * twin.description.weights_size


@pytest.mark.parametrize(
    ("app", "config", "limit"),
    [
        ("dense", "iris", None),
        ("digits", None, 120),
        ("pooled", "digits", None),
        ("softmax", "phishing", 127),
        ("mlp", "iris", 127),
    ],
)
def test_weights_at_the_limit_are_told(app: str, config: str | None, limit: int | None) -> None:
    """Of a fresh model none; of the largest and the smallest bytes all; inside the limit none."""
    twin = Twin(app, config)
    twin.reset(3)
    assert twin.weights_at_limit() == 0
    for weight in (0x7F, 0x81):
        twin.write_weights(filled(twin, weight))
        assert twin.weights_at_limit() == twin.description.weights_size
    if limit is not None:
        twin.write_weights(filled(twin, limit - 1))
        assert twin.weights_at_limit() == 0


def test_16_bit_weights_have_a_limit_of_their_own() -> None:
    twin = Twin("mlp", "iris16")
    weights = np.zeros(twin.description.weights_size // 2, "<i2")
    weights[:3] = 32767, -32767, 32766
    twin.write_weights(weights.tobytes())
    assert twin.weights_at_limit() == 2


def test_a_learner_without_saturating_arithmetic_counts_none() -> None:
    twin = Twin("probe_learner")
    assert twin.saturations == 0
    assert twin.weights_at_limit() is None
