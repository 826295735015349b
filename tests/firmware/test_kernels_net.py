# SPDX-License-Identifier: GPL-3.0-or-later
"""avr/net against NumPy with wide integers: zero, extreme, random values; with and without MUL."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from numpy.typing import NDArray

INPUT_MAX, SHIFT, CEILING = 16, 7, 31
SHAPES = [(4, 4), (5, 3)]  # kernel, stride
CHANNELS = 10

Ints = NDArray[np.int64]


def windows(image: Ints, kernel: int, stride: int) -> Ints:
    """(4, kernel, kernel): what the four places see."""
    return np.array(
        [
            image[top : top + kernel, left : left + kernel]
            for top in (0, stride)
            for left in (0, stride)
        ]
    )


def layer(values: str, kernel: int, limit: int) -> tuple[NDArray[np.int8], NDArray[np.uint8]]:
    """Weights (kernel^2 + 4, channels) and an image (8, 8)."""
    draw = np.random.default_rng(7)
    shape = (kernel * kernel + 4, CHANNELS)
    fixed = {"zero": (0, 0), "highest": (limit, INPUT_MAX), "lowest": (-limit, INPUT_MAX)}
    if values in fixed:
        weight, pixel = fixed[values]
        return np.full(shape, weight, np.int8), np.full((8, 8), pixel, np.uint8)
    weights = draw.integers(-limit, limit + 1, shape).astype(np.int8)
    return weights, draw.integers(0, INPUT_MAX + 1, (8, 8)).astype(np.uint8)


@pytest.mark.parametrize(("kernel", "stride"), SHAPES)
@pytest.mark.parametrize("values", ["zero", "highest", "lowest", "random"])
def test_convolution_forward_equals_exact_arithmetic(
    kernels: Any, values: str, kernel: int, stride: int
) -> None:
    limit = kernels.convolution_limit(kernel, INPUT_MAX)
    weight, image = layer(values, kernel, limit)
    seen = windows(image.astype(np.int64), kernel, stride).reshape(4, -1)
    square = kernel * kernel
    sums = (
        weight[:square].T.astype(np.int64) @ seen.T + weight[square:].T.astype(np.int64) * INPUT_MAX
    )
    exact = np.clip(sums >> SHIFT, 0, CEILING)
    assert np.abs(sums).max() <= 32767, "the limit must keep a sum in 16 bits"

    out = np.zeros((CHANNELS, 4), np.uint8)
    kernels.convolution_forward(out, weight, image, kernel, stride, INPUT_MAX, 5, SHIFT, CEILING)

    assert_array_equal(exact, out)


@pytest.mark.parametrize(("kernel", "stride"), SHAPES)
@pytest.mark.parametrize("values", ["zero", "highest", "lowest", "random"])
def test_convolution_backward_steps_down_the_exact_gradient(
    kernels: Any, values: str, kernel: int, stride: int
) -> None:
    """Over many noises the mean change is -gradient / 2^shift."""
    step, limit = 9, 127
    _, image = layer(values, kernel, limit)
    delta = {"zero": [0, 0, 0, 0], "highest": [127] * 4, "lowest": [-128] * 4}.get(
        values, [5, -90, 21, 33]
    )
    seen = windows(image.astype(np.int64), kernel, stride)
    gradient = np.tensordot(np.array(delta), seen, axes=1).reshape(-1)
    gradient = np.append(gradient, np.array(delta) * INPUT_MAX)

    noise, repeats = kernels.noise(), 2000
    change = np.zeros(len(gradient))
    for _ in range(repeats):
        weight = np.zeros((kernel * kernel + 4, CHANNELS), np.int8)
        kernels.convolution_backward(
            weight,
            image,
            np.array(delta, np.int8),
            kernel,
            stride,
            INPUT_MAX,
            5,
            step,
            noise,
            limit,
        )
        change += weight[:, 0]
        assert not weight[:, 1:].any(), "other channels stay"
    exact = -gradient / 2**step
    assert np.abs(change / repeats - exact).max() < 0.06  # five standard errors of a rounding
    assert np.all((gradient != 0) | (change == 0)), "no gradient, no change"


def test_a_weight_that_would_leave_its_range_stays_at_its_end(kernels: Any) -> None:
    noise = kernels.noise()
    assert kernels.sgd_i8(118, -16383, 8, noise, 120) == 120
    assert kernels.sgd_i8(-118, 16383, 8, noise, 120) == -120
    assert kernels.sgd_i16(32760, -(2**20), 8, noise) == 32767
    assert kernels.sgd_i16(-32760, 2**20, 8, noise) == -32767


@given(weight=st.integers(-127, 127), gradient=st.integers(-16383, 16383), shift=st.integers(8, 14))
def test_a_step_is_one_of_the_two_neighbours_of_the_exact_one(
    kernels: Any, weight: int, gradient: int, shift: int
) -> None:
    after = kernels.sgd_i8(weight, gradient, shift, kernels.noise(12345), 127)
    low = min(max(weight - -(-gradient // 2**shift), -127), 127)
    high = min(max(weight - gradient // 2**shift, -127), 127)
    assert low <= after <= high


@given(
    weight=st.integers(-32767, 32767),
    gradient=st.integers(-(2**30), 2**30),
    shift=st.integers(0, 14),
)
def test_a_wide_step_is_one_of_the_two_neighbours_of_the_exact_one(
    kernels: Any, weight: int, gradient: int, shift: int
) -> None:
    after = kernels.sgd_i16(weight, gradient, shift, kernels.noise(12345))
    low = min(max(weight - -(-gradient // 2**shift), -32767), 32767)
    high = min(max(weight - gradient // 2**shift, -32767), 32767)
    assert low <= after <= high


def test_a_slower_rate_ends_at_the_smallest_step(kernels: Any) -> None:
    for base, slower, expected in [(8, 0, 8), (8, 3, 11), (9, 6, 14), (9, 255, 14)]:
        mask, shift = np.zeros(1, np.uint16), np.zeros(1, np.uint8)
        kernels.step_size(base, slower, mask, shift)
        assert (shift[0], mask[0]) == (expected, 2**expected - 1)


@pytest.mark.parametrize("half", [1, 8, 64])
def test_fresh_weights_are_uniform(kernels: Any, half: int) -> None:
    noise = kernels.noise()
    drawn = [kernels.start_weight(half, noise) for _ in range(65535)]
    values, counts = np.unique(drawn, return_counts=True)
    assert_array_equal(values, np.arange(-half, half))
    assert counts.max() - counts.min() <= 1, "only the state 0 is missing from a period"


@pytest.mark.parametrize("values", ["zero", "highest", "lowest", "random"])
def test_dense_layers_equal_exact_arithmetic(kernels: Any, values: str) -> None:
    inputs, input_max, bits = 30, 31, 5
    limit = 32767 // ((inputs + 1) * input_max)
    draw = np.random.default_rng(3)
    weight = draw.integers(-limit, limit + 1, inputs + 1).astype(np.int8)
    x = draw.integers(0, input_max + 1, inputs).astype(np.uint8)
    if values != "random":
        weight[:] = {"zero": 0, "highest": limit, "lowest": -limit}[values]
        x[:] = 0 if values == "zero" else input_max
    products = int(weight[:-1].astype(int) @ x.astype(int))

    total = kernels.dense_sum(weight, x, inputs, input_max, bits)
    score = kernels.dense_score(weight, x, inputs, bits, kernels.dot_chunk(input_max), 3)

    assert total == products + int(weight[-1]) * input_max
    assert score == products >> 3


def test_dense_backward_steps_down_the_exact_gradient(kernels: Any) -> None:
    x, delta, noise, repeats = np.array([0, 1, 30, 63], np.uint8), -77, kernels.noise(), 4000
    change = np.zeros(5)
    for _ in range(repeats):
        weight = np.zeros(5, np.int8)
        kernels.dense_backward(weight, x, 4, 63, delta, 10, noise, 127)
        change += weight
    exact = -delta * np.array([0, 1, 30, 63, 63]) / 2**10
    assert np.abs(change / repeats - exact).max() < 0.05


def test_the_margin_step_moves_label_up_and_rival_down(kernels: Any) -> None:
    x, noise, repeats = np.array([0, 1, 16, 31], np.uint8), kernels.noise(), 4000
    up, down = np.zeros(4), np.zeros(4)
    for _ in range(repeats):
        label, rival = np.zeros(4, np.int8), np.zeros(4, np.int8)
        kernels.margin_step(label, rival, x, 4, 10, noise, 127)
        up += label
        down += rival
    exact = x / 4  # input * 256 / 2^10
    assert np.abs(up / repeats - exact).max() < 0.05
    assert np.abs(down / repeats + exact).max() < 0.05
    assert up[0] == down[0] == 0


def test_the_margin_step_of_columns_moves_two_columns_only(kernels: Any) -> None:
    x, repeats = np.array([0, 1, 16, 31], np.uint8), 4000
    noise, moved = kernels.noise(), np.zeros((4, 10))
    for _ in range(repeats):
        weight = np.zeros((4, 10), np.int8)
        label, rival = weight.reshape(-1)[3:], weight.reshape(-1)[7:]
        kernels.columns_margin_step(label, rival, x, 4, 10, noise, 127)
        moved += weight
    exact = np.zeros((4, 10))
    exact[:, 3], exact[:, 7] = x / 4, x / -4.0  # input * 256 / 2^10
    assert np.abs(moved / repeats - exact).max() < 0.05
    assert np.all((exact != 0) | (moved == 0))


@pytest.mark.parametrize("values", ["zero", "highest", "lowest", "random"])
def test_sums_of_columns_equal_exact_arithmetic(kernels: Any, values: str) -> None:
    draw, limit = np.random.default_rng(4), 120
    fixed = {"zero": (0, 0), "highest": (limit, 16), "lowest": (-limit, 16)}
    weight = draw.integers(-limit, limit + 1, (41, 10)).astype(np.int8)
    x = draw.integers(0, 17, 64).astype(np.uint8)
    if values in fixed:
        weight[:], x[:] = fixed[values]
    window = x.reshape(8, 8)[:4, :4].reshape(-1).astype(int)
    sums, scores = np.zeros(10, np.uint16), np.zeros(10, np.int16)

    kernels.columns_sum(sums, weight, x, 4, 4, 4, 5)
    kernels.columns_score(scores, weight, x, 41, 4, 5)

    assert_array_equal(window @ weight[:16].astype(int), sums.astype(np.int16))
    assert_array_equal((x[:41].astype(int) @ weight.astype(int)) >> 4, scores)


scores = st.lists(st.integers(-16383, 16383), min_size=2, max_size=12)


@given(scores=scores, data=st.data())
def test_the_ranking_finds_the_strongest_rival(kernels: Any, scores: list[int], data: Any) -> None:
    label = data.draw(st.integers(0, len(scores) - 1))
    out = np.zeros(4, np.int16)
    kernels.rank(np.array(scores, np.int16), len(scores), label, out)
    best, second, rival, margin = (int(value) for value in out)
    others = [k for k in range(len(scores)) if k != label]
    assert best == int(np.argmax(scores))
    assert scores[second] == sorted(scores)[-2]
    assert rival != label
    assert scores[rival] == max(scores[k] for k in others)
    assert margin == scores[label] - scores[rival]


@given(total=st.integers(-32768, 32767), shift=st.integers(1, 8), ceiling=st.integers(1, 126))
def test_the_rectifier_floors_and_saturates(
    kernels: Any, total: int, shift: int, ceiling: int
) -> None:
    out = kernels.rectify(total, shift, ceiling)
    assert out == min(max(total >> shift, 0), ceiling)
    assert kernels.rectify_slope(out, ceiling) == (0 < out < ceiling)


@given(
    total=st.integers(-32768, 32767), gradient=st.integers(-32768, 32767), leak=st.integers(1, 7)
)
def test_the_leaky_rectifier_lets_a_part_through(
    kernels: Any, total: int, gradient: int, leak: int
) -> None:
    out = kernels.rectify_leaky(total, leak)
    assert out == (total if total >= 0 else total >> leak)
    back = kernels.rectify_leaky_back(gradient, out, leak)
    assert back == (gradient if total >= 0 else gradient >> leak)


def test_the_squared_loss_pulls_towards_the_target(kernels: Any) -> None:
    for out in range(0, 256, 5):
        for target in (0, 255):
            assert kernels.squared_gradient(out, target) == (out - target) >> 1
