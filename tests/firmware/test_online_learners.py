# SPDX-License-Identifier: GPL-3.0-or-later
"""The learners of avr/online over frames: the twin's bits on the chip, and any weights are safe."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest

from kilolearn import datasets, firmware
from kilolearn.measure import open_emulated
from kilolearn.quantise import QuantisedSplit
from kilolearn.train import TrainingRecipe, evaluate, train_on_chip
from kilolearn.twin import Twin

LEARNERS = [
    ("linear", "perceptron"),
    ("linear", "averaged"),
    ("linear", "lms"),
    ("linear", "centroid"),
    ("linear", "bayes"),
    ("linear", "stump"),
    ("anomaly", None),
    ("rules", "grid"),
    ("rules", "iris"),
    ("pair", None),
]
every_learner = pytest.mark.parametrize(("app", "config"), LEARNERS)
STEPS = 40


def some(twin: Twin, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Random samples (STEPS, inputs), a half of them at the ends of the range, and labels."""
    told, draw = twin.description, np.random.default_rng(seed)
    samples = draw.integers(0, told.input_max + 1, (STEPS, told.inputs))
    ends = draw.choice([0, told.input_max], samples.shape)
    samples[::2] = ends[::2]
    return samples.astype(np.uint8), draw.integers(0, told.classes, STEPS)


@every_learner
@pytest.mark.parametrize("mcu", ["attiny1634", "atmega168p"])
def test_chip_and_twin_agree(app: str, config: str | None, mcu: str) -> None:
    twin = Twin(app, config)
    with open_emulated(firmware.build(app, mcu, config), mcu, seed=4) as emulated:
        chip = emulated.link
        for weights in (None, 0x7F, 0x80, 0xA5):
            for learner in (chip, twin):
                learner.reset(3)
                learner.set_rate(1)
                if weights is not None:
                    learner.write_weights(bytes([weights]) * twin.description.weights_size)
            samples, labels = some(twin, seed=weights or 1)
            ours, theirs = chip.train_many(samples, labels), twin.train_many(samples, labels)
            np.testing.assert_array_equal(ours, theirs)
            assert emulated.weights_in_sram() == twin.read_weights()
            ours, theirs = chip.infer_many(samples[:9]), twin.infer_many(samples[:9])
            np.testing.assert_array_equal(ours, theirs)


@every_learner
def test_an_inference_changes_nothing_and_training_answers_as_it_does(
    app: str, config: str | None
) -> None:
    twin = Twin(app, config)
    twin.reset(0)
    for sample, label in zip(*some(twin, seed=8), strict=True):
        before = twin.read_weights()
        asked = twin.infer(sample)
        assert twin.read_weights() == before
        assert twin.train(sample, int(label)).prediction == asked.prediction


@every_learner
def test_any_weights_are_safe(tmp_path: Path, app: str, config: str | None) -> None:
    """No overflow, no bad shift, no division by zero under the sanitizers."""
    avr = firmware.avr_folder()
    header = f"apps/configs/{app}-{config}.h" if config else f"apps/configs/{app}.h"
    (tmp_path / "main.c").write_text(
        '#include "apps/learner.h"\n'
        "int main(void) {\n"
        "    uint32_t draw = 1;\n"
        "    learner_reset(1);\n"
        "    for (int step = 0; step < 20000; step++) {\n"
        "        uint8_t sample[LEARNER_INPUTS];\n"
        "        for (uint16_t i = 0; step % 50 == 0 && i < learner_weights_size(); i++) {\n"
        "            draw = draw * 1664525u + 1013904223u;\n"
        "            learner_weights()[i] = (uint8_t)(step % 100 ? draw >> 24 : i % 2 * 128);\n"
        "        }\n"
        "        for (int i = 0; i < LEARNER_INPUTS; i++) {\n"
        "            draw = draw * 1664525u + 1013904223u;\n"
        "            sample[i] = (uint8_t)((draw >> 16) % (LEARNER_INPUT_MAX + 1));\n"
        "        }\n"
        "        learner_train(sample, (uint8_t)((draw >> 8) % LEARNER_CLASSES));\n"
        "        learner_infer(sample);\n"
        "    }\n"
        "    return 0;\n"
        "}\n",
        encoding="utf-8",
    )
    command = ["gcc", "-std=gnu11", "-O1", "-g", "-fsanitize=address,undefined"]
    command += ["-fno-sanitize-recover=all", f"-I{avr}", f'-DAPP_CONFIG="{header}"']
    command += [str(tmp_path / "main.c"), str(avr / f"apps/{app}.c")]
    subprocess.run([*command, "-o", str(tmp_path / "short")], check=True)
    subprocess.run([tmp_path / "short"], check=True, timeout=60)


def test_rules_learn_iris() -> None:
    scores = []
    for seed in range(11, 16):
        twin = Twin("rules", "iris")
        split = QuantisedSplit.of(
            datasets.split(datasets.load("iris"), seed), twin.description.input_max
        )
        recipe = TrainingRecipe.falling(20, (), seed)
        train_on_chip(twin, split.train_samples, split.train_labels, recipe)
        scores.append(evaluate(twin, split.test_samples, split.test_labels)[0])
    assert np.mean(scores) >= 80
