# SPDX-License-Identifier: GPL-3.0-or-later
"""Learning vector quantisation: exact distances, the gradient, the first prototypes, the chip."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from kilolearn import firmware
from kilolearn.measure import open_emulated
from kilolearn.twin import Twin

REPEATS = 2000
SHAPE = (2, 2, 24)  # classes, prototypes, inputs

Floats = NDArray[np.float64]


def distances(prototypes: Floats, sample: NDArray[np.uint8]) -> Floats:
    """(classes, prototypes)."""
    apart = prototypes.reshape(SHAPE) - (sample.astype(float) - 64)
    return np.asarray((apart**2).sum(-1))


def drawn(seed: int, spread: int) -> tuple[NDArray[np.int8], NDArray[np.uint8]]:
    draw = np.random.default_rng(seed)
    prototypes = draw.integers(-spread, spread + 1, SHAPE).astype(np.int8)
    return prototypes, draw.integers(64 - spread // 2, 64 + spread // 2, 24).astype(np.uint8)


def test_an_answer_is_the_nearest_prototypes_class() -> None:
    twin = Twin("lvq", "italy_power")
    for seed in range(60):
        prototypes, sample = drawn(seed, 127)
        twin.write_weights(prototypes.tobytes())
        score = -(distances(prototypes.astype(float), sample).min(1) // 64)
        answer = twin.infer(sample)
        assert answer == (int(np.argmax(score)), int(score.max() - score.min()))


@pytest.mark.parametrize("label", [0, 1])
def test_the_mean_step_is_down_the_gradient(label: int) -> None:
    twin = Twin("lvq", "italy_power")
    prototypes, sample = drawn(5, 40)
    start = prototypes.ravel().astype(float)
    twin.reset(1)

    def loss(flat: Floats) -> float:
        least = distances(flat, sample).min(1)
        return float(max(0, 12 * least[label] - 4 * least[1 - label]) / 2)

    slope = np.array(
        [(loss(start + nudge) - loss(start - nudge)) / 2e-3 for nudge in 1e-3 * np.eye(96)]
    )
    change = np.zeros(96)
    for _ in range(REPEATS):
        twin.write_weights(prototypes.tobytes())
        twin.train(sample, label)
        change += np.frombuffer(twin.read_weights(), np.int8) - start
    assert np.count_nonzero(slope) > 40
    assert np.abs(change / REPEATS + slope / 2**9).max() < 5 * 0.5 / np.sqrt(REPEATS)


def test_a_clear_answer_teaches_nothing() -> None:
    twin = Twin("lvq", "italy_power")
    prototypes, _ = drawn(5, 40)
    twin.write_weights(prototypes.tobytes())
    sample = (prototypes[1, 0].astype(int) + 64).astype(np.uint8)
    assert twin.train(sample, 1).prediction == 1
    assert twin.read_weights() == prototypes.tobytes()


def test_the_first_samples_of_a_class_are_its_prototypes() -> None:
    twin = Twin("lvq", "italy_power")
    twin.reset(1)
    samples = np.random.default_rng(2).integers(0, 128, (3, 24)).astype(np.uint8)
    for sample, label in zip(samples, (1, 0, 1), strict=True):
        twin.train(sample, label)
    held = np.frombuffer(twin.read_weights(), np.int8).reshape(SHAPE).astype(int) + 64
    assert np.array_equal(held[1], samples[[0, 2]])
    assert np.array_equal(held[0, 0], samples[1])
    assert np.all(held[0, 1] == -64)
    assert [twin.infer(sample).prediction for sample in samples] == [1, 0, 1]


def test_chip_and_twin_agree_on_every_answer_and_every_weight() -> None:
    twin = Twin("lvq", "italy_power")
    draw = np.random.default_rng(3)
    samples = draw.integers(0, 128, (60, 24)).astype(np.uint8)
    labels = draw.integers(0, 2, 60).tolist()
    wild = draw.integers(0, 256, 96).astype(np.uint8).tobytes()
    with open_emulated(firmware.build("lvq", "attiny1634", "italy_power"), "attiny1634", 3) as chip:
        told = []
        for learner in (chip.link, twin):
            learner.reset(77)
            learner.set_rate(1)
            trained = [learner.train(*pair) for pair in zip(samples, labels, strict=True)]
            learned = learner.read_weights()
            learner.write_weights(wild)
            again = [learner.train(*pair) for pair in zip(samples[:20], labels[:20], strict=True)]
            told.append((trained, learned, again, [learner.infer(each) for each in samples[:10]]))
        assert told[0] == told[1]
        assert chip.weights_in_sram() == twin.read_weights()
        assert chip.cost().sram_high_water <= 260
