# SPDX-License-Identifier: GPL-3.0-or-later
"""Attention on the chip against float attention, its trained layer, and the task it is for."""

from __future__ import annotations

import re

import numpy as np
import pytest
from numpy.typing import NDArray

from kilolearn import firmware, recall
from kilolearn.measure import open_emulated
from kilolearn.twin import Twin

Floats = NDArray[np.float64]
Bytes = NDArray[np.uint8]


def config() -> tuple[dict[str, int], dict[str, Floats]]:
    """Integers and matrices of the config header."""
    text = (firmware.avr_folder() / "apps/configs/attention.h").read_text("utf-8")
    numbers = {k: int(v) for k, v in re.findall(r"^#define (\w+) (\d+)\b", text, re.MULTILINE)}
    matrices = {
        name: np.array(re.findall(r"-?\d+", body), float).reshape(8, 8)
        for name, body in re.findall(r"#define (QUERY|KEY|VALUE)\s+\\\n((?:.*\\\n)*.*)", text)
    }
    return numbers, matrices


def seen(sample: Bytes) -> Floats:
    """What float attention sees, (8,), in the chip's units, saturated where the chip does."""
    numbers, w = config()
    before = np.append(15, sample[:-1])
    x = 2.0 * ((sample | before << 4)[:, np.newaxis] >> np.arange(8) & 1) - 1
    q, k, v = (np.clip(x @ w[name].T / 8, -127, 127) for name in ("QUERY", "KEY", "VALUE"))
    s = np.clip(k @ q[-1] / 2 ** numbers["ATTENTION_SHIFT"], -127, 127)
    p = 2 ** (s / 16) / np.sum(2 ** (s / 16))
    return np.clip(32 + 255 * p @ v / 1024, 0, 63)


def scores_of(twin: Twin, sample: Bytes) -> Bytes:
    """Each output of attention, read through an output layer that looks at it alone."""
    read = []
    for d in range(8):
        weight = np.zeros((8, 9), np.int8)
        weight[0, d] = 64
        weight[1:, 8] = -128  # every other class far below
        twin.write_weights(weight.tobytes())
        read.append(twin.infer(sample).margin + (-128 * 32 >> config()[0]["SCORE_SHIFT"]))
    return np.array(read) * 2 ** config()[0]["SCORE_SHIFT"] / 64


def test_attention_is_that_of_the_float_model() -> None:
    """To the rounding: p loses a part of 256 a position, out is floored to one of 64 levels."""
    twin = Twin("attention")
    samples, _ = recall.sequences(200, np.random.default_rng(3))
    ours = np.array([scores_of(twin, sample) for sample in samples])
    theirs = np.array([seen(sample) for sample in samples])
    assert np.abs(ours - theirs).max() < 4
    assert np.corrcoef(ours.ravel(), theirs.ravel())[0, 1] > 0.99


def test_the_mean_step_is_down_the_gradient_of_the_margin() -> None:
    """By finite differences of the float margin, over the layer that is trained."""
    numbers, _ = config()
    twin = Twin("attention")
    twin.reset(4)
    start = twin.read_weights()
    weight = np.frombuffer(start, np.int8).astype(float).reshape(8, 9)
    sample = recall.sequences(1, np.random.default_rng(8))[0][0]
    features = np.append(seen(sample), 32)

    def margin(w: Floats) -> float:
        scores = w @ features / 2 ** numbers["SCORE_SHIFT"]
        return float(np.max(np.delete(scores, label)) - scores[label])

    label = int(np.argmin(weight @ features))
    slope = np.zeros_like(weight)
    for at in np.ndindex(weight.shape):
        nudge = np.zeros_like(weight)
        nudge[at] = 1e-4
        slope[at] = (margin(weight + nudge) - margin(weight - nudge)) / 2e-4
    change = np.zeros_like(weight)
    for _ in range(4000):
        twin.write_weights(start)
        twin.train(sample, label)
        change += np.frombuffer(twin.read_weights(), np.int8).reshape(8, 9) - weight
    change /= 4000
    expected = -slope * 2.0 ** (8 + numbers["SCORE_SHIFT"] - numbers["STEP"])
    assert np.abs(expected).max() > 0.5, "nothing to compare"
    assert np.abs(change - expected).max() < 4 * 2.0 ** (8 - numbers["STEP"]) + 0.05


@pytest.mark.parametrize("mcu", ["attiny1634", "atmega168p"])
def test_chip_and_twin_agree_on_every_answer_and_every_weight(mcu: str) -> None:
    twin = Twin("attention")
    draw = np.random.default_rng(6)
    with open_emulated(firmware.build("attention", mcu), mcu, seed=9) as emulated:
        both = (emulated.link, twin)
        for learner in both:
            learner.reset(77)
        for step in range(40):
            if step == 20:
                ends = draw.choice(np.array([-128, 127], np.int8), 72).tobytes()
                for learner in both:
                    learner.set_rate(2)
                    learner.write_weights(ends)
            sample = draw.integers(0, 16, 9).astype(np.uint8)
            chip, host = (learner.train(sample, step % 8) for learner in both)
            assert chip == host, f"step {step}"
            chip, host = (learner.infer(sample) for learner in both)
            assert chip == host, f"step {step}, asked"
        assert emulated.weights_in_sram() == twin.read_weights()


def test_recall_is_learned_where_chance_is_one_in_eight() -> None:
    twin = Twin("attention")
    samples, labels = recall.sequences(2000, np.random.default_rng(11))
    twin.reset(1)
    for shift in range(2):
        twin.set_rate(shift)
        twin.train_many(samples[:1500], labels[:1500])
    right = twin.infer_many(samples[1500:]).predictions == labels[1500:]
    assert right.mean() > 0.75


def test_a_sequence_asks_for_one_of_its_keys() -> None:
    samples, labels = recall.sequences(300, np.random.default_rng(1))
    for sample, label in zip(samples, labels, strict=True):
        keys, values = sample[0:-1:2], sample[1:-1:2]
        assert len(set(keys)) == 4
        assert keys.max() < 8 <= values.min()
        assert values[list(keys).index(sample[-1])] - 8 == label
