# SPDX-License-Identifier: GPL-3.0-or-later
"""The linear classifier and its front ends: exact features, the gradient, and the chip's bits."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from kilolearn import firmware
from kilolearn.learner import Samples
from kilolearn.measure import open_emulated
from kilolearn.twin import Twin
from kilolearn.windows import WindowLearner

CONFIGS = [
    "bananas",
    "basic_motions",
    "italy_margin",
    "italy_power",
    "japanese_vowels",
    "phishing",
]
WINDOWED = {"basic_motions": (6, 100), "japanese_vowels": (12, 29)}
LOSS_OF_A_DELTA = 256
REPEATS = 2000

Features = NDArray[np.int64]


def window_of(draw: np.random.Generator, config: str, steps: int) -> Samples:
    axes, steps_max = WINDOWED[config]
    packed = np.zeros(1 + axes * steps_max, np.uint8)
    packed[0] = steps
    packed[1 : 1 + steps * axes] = draw.integers(0, 256, steps * axes)
    return packed


def features(config: str, sample: Samples) -> Features:
    """What a front end gives, in unbounded integers."""
    x = sample.astype(np.int64)
    if config in ("italy_margin", "italy_power"):
        return x
    if config == "phishing":
        return 64 * np.eye(3, dtype=np.int64)[x].ravel()
    if config == "bananas":
        grid = np.zeros((8, 8), np.int64)
        (column, row), (right, up) = np.divmod(x * 7, 256)
        right, up = right // 32, up // 32
        grid[row : row + 2, column : column + 2] = np.outer([8 - up, up], [8 - right, right])
        return grid.ravel()
    axes, _ = WINDOWED[config]
    values = x[1 : 1 + x[0] * axes].reshape(x[0], axes)
    parts = [values.sum(0) // x[0] // 4]
    if config == "japanese_vowels":
        parts += [values[0] // 4, values[-1] // 4]
    else:
        changes = np.minimum(63, np.abs(np.diff(values, axis=0))).sum(0)
        parts += [np.minimum(63, changes * 4 // x[0])]
    return np.array(parts).T.ravel()


def scores(config: str, weights: bytes, seen: Features) -> Features:
    shift = {"italy_margin": 8, "bananas": 6, "japanese_vowels": 6}.get(config, 5)
    centre, one = (0, 64) if config in ("bananas", "phishing") else (32, 32)
    rows = np.frombuffer(weights, np.int8).astype(np.int64).reshape(-1, len(seen) + 1)
    sums = rows[:, :-1] @ (seen - centre) + rows[:, -1] * one
    own = sums >> shift
    return np.append(0, own) if len(own) == 1 else own


def learner(config: str, twin: Twin) -> Twin | WindowLearner:
    return WindowLearner(twin, WINDOWED[config][1]) if config in WINDOWED else twin


def samples_of(config: str, about: Twin, count: int, seed: int) -> list[Samples]:
    draw = np.random.default_rng(seed)
    if config in WINDOWED:
        longest = min(WINDOWED[config][1], 40)
        drawn = [window_of(draw, config, int(draw.integers(1, longest + 1))) for _ in range(count)]
    else:
        told = about.description
        drawn = list(draw.integers(0, told.input_max + 1, (count, told.inputs)).astype(np.uint8))
    return drawn


@pytest.mark.parametrize("config", CONFIGS)
def test_an_answer_is_that_of_exact_arithmetic(config: str) -> None:
    """Any weights, any sample: front end, scores and the two best are those of big integers."""
    twin = Twin("softmax", config)
    draw = np.random.default_rng(4)
    for sample in samples_of(config, twin, 60, seed=4):
        weights = draw.integers(-127, 128, twin.description.weights_size).astype(np.int8).tobytes()
        twin.write_weights(weights)
        exact = scores(config, weights, features(config, sample))
        second, best = np.sort(exact)[-2:]
        answer = learner(config, twin).infer(sample)
        assert answer == (int(np.argmax(exact)), int(best - second))


def mean_change(twin: Twin, sample: Samples, label: int, start: bytes) -> NDArray[np.float64]:
    change = np.zeros(len(start))
    for _ in range(REPEATS):
        twin.write_weights(start)
        twin.train(sample, label)
        change += np.frombuffer(twin.read_weights(), np.int8).astype(float)
    return change / REPEATS - np.frombuffer(start, np.int8)


@pytest.mark.parametrize("label", [0, 1])
def test_the_mean_step_is_down_the_gradient_of_the_logistic_loss(label: int) -> None:
    """Finite differences of -log2 p[label], p = 2^score / sum of 2^score, with scores in Q4."""
    twin = Twin("softmax", "phishing")
    start = np.random.default_rng(6).integers(-4, 5, 28).astype(np.int8)
    sample = np.array([0, 1, 2, 0, 1, 2, 0, 1, 2], np.uint8)
    seen = np.append(features("phishing", sample), 64)
    twin.reset(1)

    def loss(weight: NDArray[np.float64]) -> float:
        score = weight @ seen / 2**5 / 16
        return float(np.log2(1 + 2.0 ** (score if label == 0 else -score)))

    slope = np.array(
        [(loss(start + nudge) - loss(start - nudge)) / 2e-4 for nudge in 1e-4 * np.eye(len(start))]
    )
    # d loss / d weight = delta * feature / 512; the firmware steps by 256 * delta * feature / 2^11.
    expected = -slope * 512 * LOSS_OF_A_DELTA / 2**11
    assert np.abs(expected).max() > 0.5
    change = mean_change(twin, sample, label, start.tobytes())
    # p by a straight line within an octave is at most 0.02 off, floored to 1/256 beside that.
    assert np.abs(change - expected).max() < 64 * LOSS_OF_A_DELTA * 0.025 / 2**11 + 0.06


@pytest.mark.parametrize("label", [0, 3])
def test_the_mean_step_is_down_the_gradient_of_the_softmax_loss_of_four_classes(label: int) -> None:
    """Finite differences of -log2 p[label], p[k] = 2^score[k] / sum of 2^score[j], scores in Q4."""
    twin = Twin("softmax", "basic_motions")
    start = np.random.default_rng(6).integers(-4, 5, 4 * 13).astype(np.int8)
    window = np.random.default_rng(7).integers(0, 256, (1, 6))
    frame = np.append(0, window).astype(np.uint8)  # one step is a whole window
    seen = np.append(features("basic_motions", np.append(1, window).astype(np.uint8)) - 32, 32)
    twin.reset(1)

    def loss(weight: NDArray[np.float64]) -> float:
        score = weight.reshape(4, 13) @ seen / 2**5 / 16
        return float(np.log2(np.sum(2.0**score)) - score[label])

    slope = np.array(
        [(loss(start + n) - loss(start - n)) / 2e-4 for n in 1e-4 * np.eye(len(start))]
    )
    expected = -slope * 512 * LOSS_OF_A_DELTA / 2**9
    assert np.abs(expected.reshape(4, 13)).max(1).min() > 1
    change = mean_change(twin, frame, label, start.tobytes())
    # p by a straight line within an octave is at most 0.02 off, floored to 1/256 beside that.
    assert np.abs(change - expected).max() < 32 * LOSS_OF_A_DELTA * 0.025 / 2**9 + 0.06


@pytest.mark.parametrize("label", [0, 1])
def test_the_mean_step_is_down_the_gradient_of_the_hinge(label: int) -> None:
    twin = Twin("softmax", "italy_margin")
    sample = np.random.default_rng(3).integers(0, 64, 24).astype(np.uint8)
    twin.reset(1)
    expected = np.append(sample.astype(float) - 32, 32) * LOSS_OF_A_DELTA / 2**9
    change = mean_change(twin, sample, label, bytes(25))
    assert np.abs(change - (expected if label else -expected)).max() < 5 * 0.5 / np.sqrt(REPEATS)


@pytest.mark.parametrize("config", ["bananas", "italy_margin"])
def test_a_step_is_taken_only_where_the_loss_asks_for_it(config: str) -> None:
    """A met margin rests; a softmax that is sure to 1/256 rests too."""
    twin = Twin("softmax", config)
    twin.write_weights(np.full(twin.description.weights_size, 127, np.int8).tobytes())
    before = twin.read_weights()
    sample = np.full(twin.description.inputs, twin.description.input_max, np.uint8)
    assert twin.train(sample, 1) == (1, twin.infer(sample).margin)
    assert twin.read_weights() == before
    assert twin.train(sample, 0).margin < 0
    assert twin.read_weights() != before


def test_a_frame_that_comes_twice_counts_once_and_a_gap_does_not_count() -> None:
    twin = Twin("softmax", "japanese_vowels")
    draw = np.random.default_rng(8)
    twin.write_weights(
        draw.integers(-99, 100, twin.description.weights_size).astype(np.int8).tobytes()
    )
    steps = np.hstack([np.arange(6)[:, None], draw.integers(0, 256, (6, 12))]).astype(np.uint8)
    whole = [twin.infer(step) for step in steps]
    again = [twin.infer(steps[i]) for i in (0, 0, 1, 1, 2, 3, 5, 3, 4, 5)]
    assert [again[i] for i in (1, 3, 4, 5, 8, 9)] == whole
    assert again[6] == again[7] == whole[3]


def test_a_step_before_any_start_is_answered_without_a_division_by_zero() -> None:
    twin = Twin("softmax", "basic_motions")
    twin.reset(1)
    assert twin.infer(np.full(7, 9, np.uint8)).prediction == 0


@pytest.mark.parametrize("config", CONFIGS)
def test_chip_and_twin_agree_on_every_answer_and_every_weight(config: str) -> None:
    twin = Twin("softmax", config)
    count = 12 if config in WINDOWED else 80
    samples = samples_of(config, twin, count, seed=5)
    labels = np.random.default_rng(5).integers(0, twin.description.classes, count).tolist()
    mcu = "atmega168p" if config in ("phishing", "japanese_vowels") else "attiny1634"
    with open_emulated(firmware.build("softmax", mcu, config), mcu, seed=3) as emulated:
        pair = []
        for each in (emulated.link, twin):
            whole = WindowLearner(each, WINDOWED[config][1]) if config in WINDOWED else each
            whole.reset(77)
            whole.set_rate(1)
            trained = [whole.train(*taught) for taught in zip(samples, labels, strict=True)]
            pair.append((trained, [whole.infer(sample) for sample in samples[:10]]))
        assert pair[0] == pair[1]
        assert emulated.weights_in_sram() == twin.read_weights()
        assert any(twin.read_weights())
        assert emulated.cost().sram_high_water <= (600 if config == "japanese_vowels" else 300)
