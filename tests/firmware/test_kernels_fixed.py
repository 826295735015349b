# SPDX-License-Identifier: GPL-3.0-or-later
"""avr/fixed against unbounded integers, with MUL and without."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

i8 = st.integers(-128, 127)
i16 = st.integers(-32768, 32767)
rows = st.integers(1, 64).flatmap(
    lambda n: st.tuples(
        st.lists(i8, min_size=n, max_size=n), st.lists(st.integers(0, 31), min_size=n, max_size=n)
    )
)


@given(value=i16, limit=st.integers(1, 127))
def test_saturate_i8_clips_to_a_symmetric_range(kernels: Any, value: int, limit: int) -> None:
    assert kernels.saturate_i8(value, limit) == max(-limit, min(limit, value))


@pytest.mark.parametrize("limit", [1, 120, 127])
def test_saturate_begins_exactly_at_the_limit(kernels: Any, limit: int) -> None:
    for value in range(-300, 301):
        clipped = max(-limit, min(limit, value))
        assert kernels.saturate_i8(value, limit) == clipped
        assert kernels.saturate_i16(value, limit) == clipped


@given(value=st.integers(-(2**31), 2**31 - 1), limit=st.integers(1, 32767))
def test_saturate_i16_clips_to_a_symmetric_range(kernels: Any, value: int, limit: int) -> None:
    assert kernels.saturate_i16(value, limit) == max(-limit, min(limit, value))


def test_the_noise_visits_every_value_but_zero_before_it_repeats(kernels: Any) -> None:
    state = kernels.noise(1)
    seen = np.array([kernels.noise_next(state) for _ in range(65535)])
    assert sorted(seen) == list(range(1, 65536))
    assert seen[-1] == 1, "the period must end where it began"


def test_the_noise_is_xorshift16(kernels: Any) -> None:
    """Against the recurrence in unbounded integers."""
    state, expected = kernels.noise(0xBEEF), 0xBEEF
    for _ in range(1000):
        for shift in (7, -9, 8):
            moved = expected << shift if shift > 0 else expected >> -shift
            expected ^= moved & 0xFFFF
        assert kernels.noise_next(state) == expected


def test_a_zero_seed_does_not_stop_the_noise(kernels: Any) -> None:
    assert kernels.noise_start(0) != 0
    assert all(kernels.noise_start(seed) == seed for seed in (1, 2, 65535))


@pytest.mark.parametrize("shift", range(8, 15))
@pytest.mark.parametrize("value", [0, 1, -1, 255, -256, 8128, -8128, 16383, -16384])
def test_rounding_equals_floor_of_value_plus_noise(kernels: Any, value: int, shift: int) -> None:
    for noise in (0, 1, 255, 0x1234, 0xFFFF):
        exact = (value + (noise & (2**shift - 1))) >> shift
        assert kernels.round(value, noise, shift) == exact
        assert kernels.round_i32(value * 1000, noise, shift) == (
            (value * 1000 + (noise & (2**shift - 1))) >> shift
        )


@pytest.mark.parametrize("shift", [8, 10])
@pytest.mark.parametrize("value", [-700, -3, 0, 3, 129, 1500])
def test_the_mean_of_rounding_over_all_noise_is_the_exact_quotient(
    kernels: Any, value: int, shift: int
) -> None:
    rounded = [kernels.round(value, noise, shift) for noise in range(2**shift)]
    assert sum(rounded) == value


@given(sum_=st.integers(0, 65535), weight=i8, bits=st.integers(1, 8), data=st.data())
def test_a_product_is_added_modulo_65536(
    kernels: Any, sum_: int, weight: int, bits: int, data: Any
) -> None:
    value = data.draw(st.integers(0, 2**bits - 1))
    assert kernels.add_product(sum_, weight, value, bits) == (sum_ + weight * value) % 65536


@given(row=rows)
def test_a_dot_product_is_exact(kernels: Any, row: tuple[list[int], list[int]]) -> None:
    weight, value = np.array(row[0], np.int8), np.array(row[1], np.uint8)
    exact = int(weight.astype(int) @ value.astype(int))
    chunk = kernels.dot_chunk(31)
    assert kernels.dot_i8(weight, value, len(value), 5, chunk) == exact
    assert kernels.dot_i16(weight.astype(np.int16), value, len(value), 5) == exact


@pytest.mark.parametrize("input_max", [1, 15, 31, 63, 255])
@pytest.mark.parametrize("weight", [-128, 127], ids=["lowest", "highest"])
def test_a_dot_product_of_full_scale_does_not_overflow(
    kernels: Any, weight: int, input_max: int
) -> None:
    count, bits = 255, input_max.bit_length()
    row, values = np.full(count, weight, np.int8), np.full(count, input_max, np.uint8)
    chunk = kernels.dot_chunk(input_max)
    assert chunk * 128 * input_max <= 32767
    assert kernels.dot_i8(row, values, count, bits, chunk) == count * weight * input_max
    wide = np.full(count, weight * 256, np.int16)
    assert kernels.dot_i16(wide, values, count, bits) == count * weight * 256 * input_max


def test_the_sigmoid_stays_near_the_logistic_function(kernels: Any) -> None:
    x = np.arange(-32768, 32768)
    y = np.array([kernels.sigmoid(value) for value in x])
    exact = 256 / (1 + np.exp(-x / 256))
    assert np.max(np.abs(y - exact)) <= 0.019 * 256 + 1
    assert np.all(np.diff(y) >= 0), "a sigmoid never falls"


@given(x=st.integers(-32767, 32767).filter(bool))
def test_the_sigmoid_is_symmetric(kernels: Any, x: int) -> None:
    assert kernels.sigmoid(-x) == 255 - kernels.sigmoid(x)


def test_the_slope_of_the_sigmoid_is_y_times_one_less_y(kernels: Any) -> None:
    for y in range(256):
        assert abs(kernels.sigmoid_slope(y) - y * (255 - y) / 256) <= 0.5
