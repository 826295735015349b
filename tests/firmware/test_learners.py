# SPDX-License-Identifier: GPL-3.0-or-later
"""The learners as wholes, on their native twins: they learn, repeat themselves, and stay in range.

The splits 0-4 belong to the published figures; these tests train on others.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine
from sklearn.model_selection import train_test_split

from kilolearn import firmware
from kilolearn.train import TrainingRecipe, evaluate, train_on_chip
from kilolearn.twin import Twin

LEARNERS = [
    ("digits", None),
    ("pooled", "digits"),
    ("dense", "iris"),
    ("dense", "wine"),
    ("dense", "breast_cancer"),
]
LOADERS = {
    "digits": load_digits,
    "iris": load_iris,
    "wine": load_wine,
    "breast_cancer": load_breast_cancer,
}
FALLS = (0.5, 0.7, 0.8, 0.9)


def parts(config: str | None, input_max: int, seed: int) -> list[np.ndarray]:
    """Training samples, test samples, training labels, test labels; quantised."""
    loader = LOADERS[config or "digits"]
    samples, labels = loader(return_X_y=True)
    train, test, known, unseen = train_test_split(
        samples, labels.astype(np.uint8), test_size=0.2, stratify=labels, random_state=seed
    )
    low, high = (0, 16) if loader is load_digits else (train.min(0), train.max(0))
    quantised = [
        np.clip(np.rint((part - low) / (high - low) * input_max), 0, input_max).astype(np.uint8)
        for part in (train, test)
    ]
    return [*quantised, known, unseen]


def test_digits_are_learnt_in_ten_epochs() -> None:
    twin = Twin("digits")
    train, test, known, unseen = parts(None, twin.description.input_max, seed=11)
    train_on_chip(twin, train, known, TrainingRecipe.falling(10, FALLS, seed=1))
    assert evaluate(twin, test, unseen)[0] >= 95.0


def test_digits_are_learnt_in_512_bytes() -> None:
    twin = Twin("pooled", "digits")
    train, test, known, unseen = parts("digits", twin.description.input_max, seed=11)
    train_on_chip(twin, train, known, TrainingRecipe.falling(10, FALLS, seed=1))
    assert evaluate(twin, test, unseen)[0] >= 92.0


@pytest.mark.parametrize(("config", "least"), [("iris", 92), ("wine", 94), ("breast_cancer", 95)])
def test_a_table_is_learnt(config: str, least: float) -> None:
    """The mean of five splits; a split of iris has 30 samples to test."""
    twin = Twin("dense", config)
    scores = []
    for seed in range(11, 16):
        train, test, known, unseen = parts(config, twin.description.input_max, seed)
        recipe = TrainingRecipe.falling(60, (0.5, 0.75, 0.9), seed)
        train_on_chip(twin, train, known, recipe)
        scores.append(evaluate(twin, test, unseen)[0])
    assert np.mean(scores) >= least


@pytest.mark.parametrize(("app", "config"), LEARNERS)
def test_a_seed_fixes_every_bit(app: str, config: str | None) -> None:
    first, second = Twin(app, config), Twin(app, config)
    train, _, known, _ = parts(config, first.description.input_max, seed=12)
    for twin in (first, second):
        train_on_chip(twin, train[:100], known[:100], TrainingRecipe.falling(2, FALLS, seed=4))
    assert first.read_weights() == second.read_weights()
    second.reset(5)
    first.reset(4)
    assert first.read_weights() != second.read_weights()


@pytest.mark.parametrize(("app", "config"), LEARNERS)
def test_an_inference_changes_nothing(app: str, config: str | None) -> None:
    twin = Twin(app, config)
    train, _, known, _ = parts(config, twin.description.input_max, seed=12)
    train_on_chip(twin, train, known, TrainingRecipe.falling(5, FALLS, seed=1))
    before = twin.read_weights()
    answers = twin.infer_many(train)
    assert twin.read_weights() == before
    assert len(np.unique(answers.predictions)) > 1


@pytest.mark.parametrize(("app", "config"), LEARNERS)
def test_training_answers_as_inference_does(app: str, config: str | None) -> None:
    """The answer of a training step is the one before its update."""
    twin = Twin(app, config)
    train, _, known, _ = parts(config, twin.description.input_max, seed=13)
    twin.reset(2)
    for i in range(60):
        asked = twin.infer(train[i])
        told = twin.train(train[i], int(known[i]))
        assert told.prediction == asked.prediction
        assert told.margin == asked.margin if told.prediction == known[i] else told.margin <= 0


@pytest.mark.parametrize(("app", "config"), LEARNERS)
def test_a_met_margin_takes_no_step(app: str, config: str | None) -> None:
    twin = Twin(app, config)
    train, _, known, _ = parts(config, twin.description.input_max, seed=13)
    train_on_chip(twin, train, known, TrainingRecipe.falling(5, FALLS, seed=1))
    answers = twin.infer_many(train)
    right = answers.predictions == known
    sure = int(np.argmax(np.where(right, answers.margins, -1)))
    before = twin.read_weights()
    twin.train(train[sure], int(known[sure]))
    assert twin.read_weights() == before


@pytest.mark.parametrize(("app", "config"), LEARNERS)
def test_extreme_weights_saturate_and_never_wrap(app: str, config: str | None) -> None:
    """From any weights, even those that no training makes, a step moves no weight by much."""
    twin = Twin(app, config)
    size, inputs = twin.description.weights_size, twin.description.inputs
    draw = np.random.default_rng(1)
    for fill in (127, -127, 0):
        twin.reset(1)
        twin.write_weights(np.full(size, fill, np.int8).tobytes())
        for sample in (np.zeros(inputs), np.full(inputs, twin.description.input_max)):
            for _ in range(20):
                label = int(draw.integers(twin.description.classes))
                before = np.frombuffer(twin.read_weights(), np.int8).astype(int)
                twin.train(sample.astype(np.uint8), label)
                after = np.frombuffer(twin.read_weights(), np.int8).astype(int)
                assert np.abs(after - before).max() <= 64


@pytest.mark.parametrize("has_mul", [0, 1], ids=["no_mul", "mul"])
@pytest.mark.parametrize(("app", "config"), LEARNERS)
def test_a_short_training_under_the_sanitizers(
    tmp_path: Path, app: str, config: str | None, has_mul: int
) -> None:
    """No overflow, no bad shift, no access outside an array, in training and on hostile weights."""
    avr = firmware.avr_folder()
    header = f"apps/configs/{app}-{config}.h" if config else f"apps/configs/{app}.h"
    (tmp_path / "main.c").write_text(
        '#include "apps/learner.h"\n'
        "int main(void) {\n"
        "    uint32_t draw = 1;\n"
        "    for (int round = 0; round < 3; round++) {\n"
        "        learner_reset((uint16_t)round);\n"
        "        for (uint16_t i = 0; round == 2 && i < learner_weights_size(); i++) {\n"
        "            learner_weights()[i] = i & 8 ? 0x80 : 0x7F;\n"
        "        }\n"
        "        for (int step = 0; step < 2000; step++) {\n"
        "            uint8_t sample[LEARNER_INPUTS];\n"
        "            learner_set_rate((uint8_t)(step / 100));\n"
        "            for (int i = 0; i < LEARNER_INPUTS; i++) {\n"
        "                draw = draw * 1664525u + 1013904223u;\n"
        "                sample[i] = (uint8_t)((draw >> 16) % (LEARNER_INPUT_MAX + 1));\n"
        "            }\n"
        "            learner_train(sample, (uint8_t)((draw >> 8) % LEARNER_CLASSES));\n"
        "            learner_infer(sample);\n"
        "        }\n"
        "    }\n"
        "    return 0;\n"
        "}\n",
        encoding="utf-8",
    )
    command = ["gcc", "-std=gnu11", "-O1", "-g", "-fsanitize=address,undefined"]
    command += ["-fno-sanitize-recover=all", f"-I{avr}", f'-DAPP_CONFIG="{header}"']
    command += [f"-DFIXED_HAS_MUL={has_mul}", str(tmp_path / "main.c"), str(avr / f"apps/{app}.c")]
    subprocess.run([*command, "-o", str(tmp_path / "short")], check=True)
    subprocess.run([tmp_path / "short"], check=True, timeout=60)
