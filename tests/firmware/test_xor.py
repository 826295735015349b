# SPDX-License-Identifier: GPL-3.0-or-later
"""The XOR trainer learns from every seed, steps down the true gradient, and costs little."""

from __future__ import annotations

import statistics
from pathlib import Path

import cffi
import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from kilolearn import contract, firmware
from pyavr_sim import Chip, Firmware

HEADER = Path(__file__).parents[2] / "avr" / "apps" / "xor_trainer.h"
PATTERNS = range(4)
TARGET = np.array([-1, 1, 1, -1])
ONE, RATE, HIDDEN = 64, 1 / 4, 3
SEEDS = range(1, 301)
CYCLES_MAX = 10_000_000

# Flash and SRAM in bytes, cycles of one training step on average. avr-gcc 5.4 -Os gives 452, 23,
# 246 and 516, 25, 508; other compilers may take a little more.
BUDGETS = {
    "atmega328p": {"flash": 490, "sram": 30, "cycles": 280},
    "attiny1634": {"flash": 560, "sram": 32, "cycles": 560},
}


class Twin:
    """The trainer, compiled for this machine."""

    def __init__(self) -> None:
        self.ffi = cffi.FFI()
        self.ffi.cdef(
            contract.declarations(HEADER.read_text(encoding="utf-8")).replace(
                "[XOR_HIDDEN]", f"[{HIDDEN}]"
            )
        )
        self.native = self.ffi.dlopen(str(firmware.build_twin("xor")))

    def learn(self, seed: int) -> tuple[int, int]:
        self.native.seed = seed
        self.native.xor_learn()
        return self.native.result.status, self.native.result.steps

    def net(self) -> bytes:
        return bytes(self.ffi.buffer(self.ffi.addressof(self.native, "net")))

    def parameters(self) -> np.ndarray:
        return parameters_of(self.net())

    def set_parameters(self, values: np.ndarray) -> None:
        bytes_ = np.frombuffer(self.net(), np.int8).copy()
        bytes_[PARAMETER_AT] = values
        self.ffi.buffer(self.ffi.addressof(self.native, "net"))[:] = bytes_.tobytes()


# Three units of weight[2], bias, output weight, activation; then the output's bias.
PARAMETER_AT = [5 * unit + i for unit in range(HIDDEN) for i in range(4)] + [5 * HIDDEN]


def parameters_of(net: bytes) -> np.ndarray:
    """w0, w1, b, v of each hidden unit, then c: 13 integers in Q6."""
    return np.frombuffer(net, np.int8)[PARAMETER_AT].astype(np.int64)


def signs(pattern: int) -> tuple[int, int]:
    return (1 if pattern & 1 else -1, 1 if pattern & 2 else -1)


def forward(parameters: np.ndarray, pattern: int) -> tuple[float, np.ndarray]:
    """Output o and sums s (hidden,) of the network; parameters (13,), all in real numbers."""
    unit = parameters[:-1].reshape(HIDDEN, 4)
    x = signs(pattern)
    sums = unit[:, 0] * x[0] + unit[:, 1] * x[1] + unit[:, 2]
    return parameters[-1] + unit[:, 3] @ np.clip(sums, -1, 1), sums


def loss(parameters: np.ndarray, pattern: int) -> float:
    return max(0.0, 1 - TARGET[pattern] * forward(parameters, pattern)[0])


@pytest.fixture(scope="module")
def twin() -> Twin:
    return Twin()


def assert_all_right_with_margin(net: bytes) -> None:
    """The weights as they were left, judged in real numbers apart from the firmware."""
    parameters = parameters_of(net) / ONE
    for pattern in PATTERNS:
        assert TARGET[pattern] * forward(parameters, pattern)[0] >= 1


def test_every_seed_learns(twin):
    """All 65,536 seeds there are, the chip's own arithmetic compiled for this machine."""
    failed, steps = [], []
    for seed in range(65_536):
        status, taken = twin.learn(seed)
        steps.append(taken)
        if status != 1:
            failed.append(seed)
        elif seed % 64 == 0:
            assert_all_right_with_margin(twin.net())
    assert failed == []
    assert statistics.median(steps) < 100
    assert max(steps) < 5_000


def test_inference_is_exact_arithmetic(twin):
    draw = np.random.default_rng(1)
    for _ in range(2_000):
        parameters = draw.integers(-128, 128, 13)
        twin.set_parameters(parameters)
        for pattern in PATTERNS:
            exact = forward(parameters / ONE, pattern)[0] * ONE * ONE
            assert twin.native.xor_infer(pattern) == exact


@settings(max_examples=1_000, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(
    parameters=st.lists(st.integers(-95, 95), min_size=13, max_size=13).map(np.array),
    pattern=st.sampled_from(PATTERNS),
)
def test_a_step_is_rate_times_the_gradient(twin, parameters, pattern):
    """Within rounding to 1/64, against central differences of the loss in real numbers."""
    real = parameters / ONE
    width = 2**-20
    _, sums = forward(real, pattern)
    assume(loss(real, pattern) > 13 * 4 * width)
    assume(np.all(np.abs(np.abs(sums) - 1) > 4 * width))  # not on the corner of the hard tanh
    nudges = np.eye(13) * width
    slope = np.array([loss(real + n, pattern) - loss(real - n, pattern) for n in nudges])
    expected = -RATE * slope / (2 * width) * ONE

    twin.set_parameters(parameters)
    assert twin.native.xor_train(pattern) == 0

    step = twin.parameters() - parameters
    assert np.all(np.abs(step - expected) < 1), (step, expected)


@settings(deadline=None)
@given(
    parameters=st.lists(st.integers(-128, 127), min_size=13, max_size=13).map(np.array),
    pattern=st.sampled_from(PATTERNS),
)
def test_a_step_saturates_and_never_turns_round(twin, parameters, pattern):
    twin.set_parameters(parameters)
    moved = twin.native.xor_train(pattern) == 0
    after = twin.parameters()
    assert np.all(np.abs(after - parameters) <= 32)
    assert moved == (loss(parameters / ONE, pattern) > 0)
    if not moved:
        np.testing.assert_array_equal(after, parameters)


def run_on(chip: Chip, seed: int) -> tuple[int, int]:
    chip.reset()
    chip.var("seed")[...] = seed
    chip.run(cycles_max=CYCLES_MAX)
    return int(chip.var("result.status")), int(chip.var("result.steps"))


@pytest.mark.parametrize("mcu", BUDGETS)
def test_300_of_300_seeds_learn_on_the_chip_with_the_twins_bits(twin, mcu):
    image = firmware.build("xor", mcu)
    with Chip(mcu, image, seed=1) as chip:
        timer = chip.time("xor_train")
        steps = []
        for seed in SEEDS:
            on_chip = run_on(chip, seed)
            assert on_chip == twin.learn(seed)
            assert on_chip[0] == 1
            net = chip.var("net.hidden").tobytes() + chip.var("net.output_bias").tobytes()
            assert net == twin.net()
            assert_all_right_with_margin(net)
            steps.append(on_chip[1])
        assert timer.calls == sum(steps)
        assert timer.cycles_mean <= BUDGETS[mcu]["cycles"]
        assert chip.sram_high_water <= BUDGETS[mcu]["sram"]
        assert Firmware.load(image).flash_bytes <= BUDGETS[mcu]["flash"]


def test_the_smallest_chip_learns_too(twin):
    """64 bytes of SRAM, 1 KB of flash."""
    with Chip("attiny13a", firmware.build("xor", "attiny13a"), seed=2) as chip:
        for seed in SEEDS[:20]:
            assert run_on(chip, seed) == twin.learn(seed)
