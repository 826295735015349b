# SPDX-License-Identifier: GPL-3.0-or-later
"""The support vector machine: exact scores, the optimum's conditions, its places, the chip."""

from __future__ import annotations

import re

import numpy as np
import pytest
from numpy.typing import NDArray

from kilolearn import firmware
from kilolearn.measure import open_emulated
from kilolearn.twin import Twin

CONFIG = (firmware.avr_folder() / "apps/configs/svm-italy_power.h").read_text("utf-8")
DEFINED = {
    name: int(value) for name, value in re.findall(r"#define (\w+) (\d+)$", CONFIG, re.MULTILINE)
}
PIECE, VECTORS = DEFINED["PIECE"], DEFINED["VECTORS"]
FEATURES, INPUT_MAX = 24 // PIECE, 255 // PIECE
MARGIN = 255 * DEFINED["MARGIN"]
VECTOR = np.dtype([("feature", "u1", FEATURES), ("weight", "i1")])

Bytes = NDArray[np.uint8]
Ints = NDArray[np.int64]


def kernel(a: Bytes, b: Bytes) -> Ints:
    """a (n, FEATURES), b (m, FEATURES) -> (n, m): 255 * 2^(-distance^2 / 2^(shift + 4))."""
    apart = a[:, None].astype(int) - b[None].astype(int)
    sixteenths = np.minimum((apart**2).sum(2) >> DEFINED["KERNEL_SHIFT"], 255)
    return np.asarray(np.rint(255 * 2 ** -(sixteenths % 16 / 16)).astype(int) >> sixteenths // 16)


def features(samples: Bytes) -> Bytes:
    return samples.reshape(len(samples), FEATURES, PIECE).sum(2).astype(np.uint8)


def scores(twin: Twin, samples: Bytes) -> Ints:
    """f of the model that the twin holds, (samples,)."""
    held = np.frombuffer(twin.read_weights(), VECTOR)
    return np.asarray(kernel(features(samples), held["feature"]) @ held["weight"].astype(int))


def days(count: int, seed: int) -> tuple[Bytes, Ints]:
    """Around two curves of a day, one a class, so that a third of them overlap."""
    draw = np.random.default_rng(seed)
    labels = np.arange(count) % 2
    middle = np.where(labels[:, None], 34, 42) + draw.normal(0, 1, (count, 1)) * 6
    noisy = middle * INPUT_MAX / 85 + draw.normal(0, 8, (count, 24))
    return np.clip(noisy, 0, INPUT_MAX).astype(np.uint8), labels


def wild_model(seed: int) -> Bytes:
    return np.random.default_rng(seed).integers(0, 256, VECTORS * VECTOR.itemsize).astype(np.uint8)


def test_an_answer_is_the_sign_of_the_exact_sum_over_kernels() -> None:
    twin = Twin("svm", "italy_power")
    draw = np.random.default_rng(4)
    for seed in range(60):
        model = wild_model(seed).view(VECTOR)
        samples = draw.integers(0, INPUT_MAX + 1, (1, 24)).astype(np.uint8)
        near = features(samples)[0] + draw.integers(-9, 10, (VECTORS // 2, FEATURES))
        model["feature"][: VECTORS // 2] = np.clip(near, 0, 255)
        twin.write_weights(model.tobytes())
        (score,) = scores(twin, samples)
        answer = twin.infer(samples[0])
        assert answer == (int(score > 0), (score >> 5) * (1 if score > 0 else -1))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_training_ends_at_the_optimum_of_the_soft_margin(seed: int) -> None:
    """Karush, Kuhn and Tucker: right by the margin, or of a weight, or at its bound."""
    twin = Twin("svm", "italy_power")
    samples, labels = days(VECTORS, seed)
    twin.reset(seed)
    for rate in (0, 1, 2):
        twin.set_rate(rate)
        for _ in range(300):
            twin.train_many(samples, labels)
    held = np.frombuffer(twin.read_weights(), VECTOR)
    weight = np.zeros(VECTORS, int)
    for i, feature in enumerate(features(samples)):
        same = np.all(held["feature"] == feature, axis=1)
        own = same & (np.sign(held["weight"]) == 2 * labels[i] - 1)
        weight[i] = np.abs(held["weight"][own].astype(int)).sum()
    signed = (2 * labels - 1) * scores(twin, samples)
    tolerance = 256 * 2 ** (DEFINED["STEP"] + 2)  # a change of less than one is none
    free, inside, bound = weight == 0, (weight > 0) & (weight < 127), weight == 127
    assert inside.any()
    assert bound.any()
    assert np.all(signed[free] >= MARGIN - tolerance)
    assert np.all(np.abs(signed[inside] - MARGIN) <= tolerance)
    assert np.all(signed[bound] <= MARGIN + tolerance)


def full_machine(twin: Twin) -> NDArray[np.void]:
    """Every place taken, far apart; place 3 has the least weight, 5."""
    model = np.zeros(VECTORS, VECTOR)
    model["feature"] = np.arange(VECTORS)[:, None] * 4
    model["weight"] = 100 * (-1) ** np.arange(VECTORS)
    model["weight"][3] = -5
    twin.write_weights(model.tobytes())
    return model


def test_a_new_sample_takes_the_place_of_the_least_weight_if_its_own_is_larger() -> None:
    twin = Twin("svm", "italy_power")
    twin.reset(1)
    model = full_machine(twin)
    sample = np.full(24, INPUT_MAX, np.uint8)
    change = MARGIN >> 8 + DEFINED["STEP"]
    twin.train(sample, 1)
    held = np.frombuffer(twin.read_weights(), VECTOR)
    assert held[3].tolist()[1] == change > 5
    assert np.all(held["feature"][3] == PIECE * INPUT_MAX)
    assert np.array_equal(np.delete(held, 3), np.delete(model, 3))

    model["weight"][3] = -change
    twin.write_weights(model.tobytes())
    twin.train(sample, 1)
    assert twin.read_weights() == model.tobytes()


def test_equal_samples_of_both_classes_have_a_place_each_and_of_one_class_share_it() -> None:
    twin = Twin("svm", "italy_power")
    twin.reset(1)
    sample = np.arange(24, dtype=np.uint8)
    for label in (1, 0, 1):
        twin.train(sample, label)
    held = np.frombuffer(twin.read_weights(), VECTOR)
    assert np.count_nonzero(held["weight"]) == 2
    assert {int(sign) for sign in np.sign(held["weight"])} == {-1, 0, 1}


def test_chip_and_twin_agree_on_every_answer_and_every_weight() -> None:
    twin = Twin("svm", "italy_power")
    samples, labels = days(60, 7)
    image = firmware.build("svm", "attiny1634", "italy_power")
    with open_emulated(image, "attiny1634", 3) as chip:
        told = []
        for learner in (chip.link, twin):
            learner.reset(77)
            learner.set_rate(1)
            trained = [learner.train(*pair) for pair in zip(samples, labels.tolist(), strict=True)]
            learned = learner.read_weights()
            learner.write_weights(wild_model(5).tobytes())
            learner.set_rate(15)
            again = [learner.train(samples[i], int(labels[i])) for i in range(20)]
            told.append((trained, learned, again, [learner.infer(each) for each in samples[:10]]))
        assert told[0] == told[1]
        assert chip.weights_in_sram() == twin.read_weights()
        assert chip.cost().sram_high_water <= 300
