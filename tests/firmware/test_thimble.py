# SPDX-License-Identifier: GPL-3.0-or-later
"""Exclusive or in a thimble: every seed learns, no sum wraps, and the chip has the model's bits."""

from __future__ import annotations

import re

import numpy as np
import pytest

from kilolearn import firmware, thimble
from kilolearn.thimble import Thimble, classifies, every_try
from pyavr_sim import Chip, Firmware

SEEDS = range(1, 301)
CYCLES_MAX = 50_000_000
CHIP = "attiny13a"
TARGET = np.array([-1, 1, 1, -1])

# Flash in bytes. avr-gcc 5.4 -Os gives 332 in C; an assembler has no choice.
BUDGETS = {"thimble_in_assembly": 194, "thimble_in_c": 340}
SRAM_MAX = 16  # 13 and no stack


def test_no_sum_wraps_in_any_of_the_65536_tries():
    assert every_try().wraps == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [("_MARGIN", 6), pytest.param("_RATE_SHIFT", 1, marks=pytest.mark.long)],
)
def test_wraps_are_counted(monkeypatch, name, value):
    """With a larger margin, or a larger rate, some do."""
    monkeypatch.setattr(thimble, name, value)
    assert Thimble().wraps > 1_000


def test_the_generator_comes_through_all_states():
    """So tries from any seed reach one that learns."""
    state, seen = 0, set()
    while state not in seen:
        seen.add(state)
        state = (257 * state + 0x3619) % 65536
    assert len(seen) == 65536
    assert every_try().learned.mean() == pytest.approx(1 / 19, abs=0.002)
    assert max(every_try().run(seed).tries for seed in range(65536)) == 141


def test_every_try_that_ends_well_has_classified_with_margin():
    tries = every_try()
    for net in tries.net[tries.learned]:
        assert classifies(net.astype(np.int8).tobytes())


def test_no_draw_is_right_before_it_has_learned():
    assert every_try().rounds[every_try().learned].min() == 7


def test_a_network_that_is_wrong_once_is_not_taken_for_right():
    net = bytearray(every_try().run(1).net)
    net[0] = 127  # the output's bias: always yes
    assert not classifies(bytes(net))


def loss(parameters: np.ndarray, pattern: int) -> float:
    """The hinge loss of c, then w0, w1, b, v of each unit, in real numbers."""
    unit = parameters[1:].reshape(2, 4)
    x = [pattern & 1, pattern >> 1]
    hidden = np.maximum(unit[:, :2] @ x + unit[:, 2], 0)
    return max(0.0, 1 / 8 - TARGET[pattern] * (parameters[0] + unit[:, 3] @ hidden))


def test_a_step_is_rate_times_the_gradient():
    """Within one unit of rounding, against central differences of the loss in real numbers."""
    draw = np.random.default_rng(1)
    keep = [0, 1, 2, 3, 5, 6, 7, 8, 10]  # without the activations
    scale = np.array([16] + 8 * [64])
    rate = np.array([1 / 8] + 8 * [1 / 4])
    nudges = np.eye(9) * 2**-20
    compared = 0
    for _ in range(300):
        before = np.zeros((1, 11), np.int64)
        before[0, keep] = draw.integers(-42, 43, 9)
        before[0, 0] = draw.integers(-12, 13)
        for pattern in range(4):
            net = before.copy()
            if not every_try().step(net, pattern)[0]:
                continue
            sums = [
                before[0, u + 2] + before[0, u : u + 2] @ [pattern & 1, pattern >> 1]
                for u in (1, 6)
            ]
            real = before[0, keep] / scale
            if 0 in sums or loss(real, pattern) < 2**-10:
                continue  # on a corner of the loss
            slope = np.array([loss(real + n, pattern) - loss(real - n, pattern) for n in nudges])
            expected = -rate * slope * 2**19 * scale
            assert np.all(np.abs((net - before)[0, keep] - expected) < 1)
            compared += 1
    assert compared > 300


@pytest.mark.parametrize("image", BUDGETS)
def test_300_of_300_seeds_learn_with_the_models_bits(image):
    elf = firmware.build(image, CHIP)
    with Chip(CHIP, elf, seed=1) as chip:
        net, seed = chip.firmware.symbol("net"), chip.firmware.symbol("seed")
        for start in SEEDS:
            chip.reset()
            chip.data[seed.address : seed.address + 2] = list(start.to_bytes(2, "little"))
            chip.run(cycles_max=CYCLES_MAX)
            left = bytes(chip.data[net.address : net.address + net.size])
            assert left == every_try().run(start).net
            assert classifies(left)
            assert [chip.pin(f"B{pattern}").level for pattern in range(4)] == [0, 1, 1, 0]
        assert chip.sram_high_water <= SRAM_MAX
        assert Firmware.load(elf).flash_bytes <= BUDGETS[image]


def test_model_and_chip_share_their_constants():
    """What thimble.h says, the model says."""
    header = (firmware.avr_folder() / "kilobyte" / "thimble.h").read_text(encoding="utf-8")
    stated = {name: int(value, 0) for name, value in re.findall(r"define (\w+) (\w+)", header)}
    assert stated["THIMBLE_ROUNDS"] == thimble.ROUNDS
    assert stated["THIMBLE_HIDDEN"] == thimble.HIDDEN
