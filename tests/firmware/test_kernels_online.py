# SPDX-License-Identifier: GPL-3.0-or-later
"""Logarithms, roots, bins and the replay buffer against floats and counting."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal

NONE = 255


def test_log2_is_near_the_logarithm_and_never_falls(kernels: Any) -> None:
    asked = np.r_[1:2049, 2049:65536:13, 65535]
    ours = np.array([kernels.log2_q8(x) for x in asked])
    assert np.abs(ours - 256 * np.log2(asked)).max() <= 1.7
    assert np.all(np.diff(ours) >= 0)
    assert kernels.log2_q8(0) == 0
    assert [kernels.log2_q8(1 << power) for power in range(16)] == [256 * p for p in range(16)]


def test_x_log2_x_of_every_byte(kernels: Any) -> None:
    ours = [kernels.x_log2_x_q4(x) for x in range(256)]
    exact = [16 * x * math.log2(x) if x else 0.0 for x in range(256)]
    for x, exact_of_x in enumerate(exact):
        # 1.7/256 of the logarithm counts x times, and two floors lose less than 2.
        assert abs(ours[x] - exact_of_x) <= 16 * x * 1.7 / 256 + 2


def test_exp2_is_near_the_power(kernels: Any) -> None:
    for x in range(-1024, 1025, 5):
        exact = 16 * 2 ** (x / 256)
        assert abs(kernels.exp2_q4(x) - exact) <= 0.023 * exact + 1


def test_root_is_the_floor_of_the_square_root(kernels: Any) -> None:
    draw = np.random.default_rng(0)
    edges = [r * r + d for r in (1, 2, 255, 256, 65535) for d in (-1, 0, 1)]
    for x in [0, 2**32 - 1, *edges, *draw.integers(0, 2**32, 500).tolist()]:
        assert kernels.root_u32(x) == math.isqrt(x)


@pytest.mark.parametrize("width", [1, 2, 3, 5, 7, 64, 101, 255, 256])
def test_bins_are_quarters_and_a_cut_lies_between_them(kernels: Any, width: int) -> None:
    for low in {0, 3, 256 - width} - {3 if width > 252 else 0}:
        for way in range(width):
            bin_ = kernels.tree_bin(low + way, low, width)
            assert bin_ == way * 4 // width
            for cut in (1, 2, 3):
                assert (way < kernels.tree_below(width, cut)) == (bin_ < cut)


@pytest.mark.parametrize("bits", [4, 5, 6, 8])
@pytest.mark.parametrize("values", [1, 4, 13])
def test_a_packed_sample_comes_back_within_half_a_nibble(
    kernels: Any, bits: int, values: int
) -> None:
    sample = np.random.default_rng(1).integers(0, 2**bits, values).astype(np.uint8)
    for nibbles, size in ((1, (values + 1) // 2), (0, values)):
        packed = np.full(size + 1, 0xA5, np.uint8)
        back = np.zeros(values, np.uint8)
        kernels.replay_pack(packed, sample, values, bits, nibbles)
        kernels.replay_unpack(back, packed, values, bits, nibbles)
        half = 2 ** (bits - 4) // 2 if nibbles else 0
        assert np.abs(back.astype(int) - sample).max() <= half
        assert packed[size] == 0xA5, "one byte too many was written"


def test_a_reservoir_holds_each_sample_as_likely(kernels: Any) -> None:
    """After 40 samples each of them is in one of the 8 slots with probability 1/5."""
    noise, rounds = kernels.noise(7), 800
    times = np.zeros(40)
    for _ in range(rounds):
        held = np.zeros(8, int)
        for offered in range(40):
            slot = kernels.reservoir_slot(8, offered, noise)
            if slot != NONE:
                held[slot] = offered
        times[held] += 1
    assert times.sum() == 8 * rounds
    spread = np.sqrt(rounds * 0.2 * 0.8)
    assert np.abs(times - rounds / 5).max() < 4.5 * spread


def test_a_balanced_buffer_ends_with_equal_shares(kernels: Any) -> None:
    """Classes one after another, of very different numbers."""
    noise = kernels.noise(3)
    label, offered = np.zeros(12, np.uint8), np.zeros(4, np.uint16)
    held = 0
    for class_ in np.repeat([0, 1, 2], [500, 30, 90]):
        before = np.bincount(label[:held], minlength=4)
        slot = kernels.balanced_slot(label, held, 12, class_, 4, offered, noise)
        offered[class_] += 1
        if slot == NONE:
            assert before[class_] == before.max()
            continue
        if held == 12 and label[slot] != class_:
            assert before[label[slot]] == before.max() > before[class_]
        label[slot] = class_
        held = max(held, slot + 1)
    assert_array_equal(np.bincount(label, minlength=4), [4, 4, 4, 0])
