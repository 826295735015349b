# SPDX-License-Identifier: GPL-3.0-or-later
"""avr/net/pooling.h against NumPy with wide integers, with and without MUL."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from numpy.typing import NDArray

KERNEL, INPUT_MAX = 5, 15

Ints = NDArray[np.int64]


def packed(image: Ints) -> NDArray[np.uint8]:
    """(8, 8) as the chip has it: of two pixels in a byte the first is the low half."""
    flat = image.reshape(-1).astype(np.uint8)
    return np.ascontiguousarray(flat[::2] | flat[1::2] << 4)


def windows(image: Ints, quarter: int) -> Ints:
    """(4, 25): what the four windows of a quarter see."""
    top, left = 2 * (quarter // 2), 2 * (quarter % 2)
    corners = [(top + r, left + k) for r in (0, 1) for k in (0, 1)]
    return np.array([image[r : r + KERNEL, k : k + KERNEL].reshape(-1) for r, k in corners])


def image(values: str) -> Ints:
    if values == "random":
        return np.random.default_rng(5).integers(0, INPUT_MAX + 1, (8, 8))
    return np.full((8, 8), {"zero": 0, "highest": INPUT_MAX}[values])


@pytest.mark.parametrize("quarter", range(4))
@pytest.mark.parametrize("values", ["zero", "highest", "random"])
def test_a_peak_is_the_first_of_the_largest_sums(kernels: Any, values: str, quarter: int) -> None:
    limit = kernels.pooling_limit(KERNEL, INPUT_MAX)
    draw, pixels = np.random.default_rng(6), image(values)
    extremes = [np.full(29, limit), np.full(29, -limit)]
    for weight in [*extremes, *draw.integers(-limit, limit + 1, (20, 29))]:
        exact = windows(pixels, quarter) @ weight[:25]
        assert np.abs(exact).max() + limit * INPUT_MAX <= 32767, "the limit must keep 16 bits"
        found = np.zeros(1, np.int16)

        window = kernels.pooling_forward(found, weight.astype(np.int8), packed(pixels), quarter)

        assert (window, found[0]) == (int(np.argmax(exact)), exact.max())


@pytest.mark.parametrize("delta", [[127] * 4, [-128] * 4, [5, -90, 21, 33], [0, 0, 0, 0]])
def test_a_step_reaches_the_peaks_alone(kernels: Any, delta: list[int]) -> None:
    """Over many noises the mean change is -gradient / 2^shift."""
    step, peaks, repeats = 10, (2, 0, 3, 1), 2000
    pixels = image("random")
    seen = [windows(pixels, quarter)[peak] for quarter, peak in enumerate(peaks)]
    gradient = np.append(np.array(delta) @ np.array(seen), np.array(delta) * INPUT_MAX)
    bits = sum(peak << 2 * quarter for quarter, peak in enumerate(peaks))

    noise, change = kernels.noise(), np.zeros(29)
    for _ in range(repeats):
        weight = np.zeros(29, np.int8)
        told = np.array(delta, np.int8)
        kernels.pooling_backward(weight, packed(pixels), told, bits, INPUT_MAX, step, noise, 127)
        change += weight

    assert np.abs(change / repeats + gradient / 2**step).max() < 0.06
    assert_array_equal(change[gradient == 0], 0)
