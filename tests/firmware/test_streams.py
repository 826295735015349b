# SPDX-License-Identifier: GPL-3.0-or-later
"""Ensemble, tree and replay on emulated chips: the twin's bits at every step, from any model.

Under the sanitizers lvq and softmax, too.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from kilolearn import firmware
from kilolearn.measure import open_emulated
from kilolearn.twin import Twin

STEPS = 400
LEARNERS = [
    ("ensemble", "plane"),
    ("ensemble", "wine_majority"),
    ("ensemble", "iris_alone"),
    ("tree", "plane"),
    ("tree", "iris"),
    ("replay", "iris"),
    ("replay", "iris_0"),
    ("replay", "wine_9_bytes"),
    ("replay", "wine_reservoir"),
]
every_learner = pytest.mark.parametrize(
    ("app", "config"), LEARNERS, ids=[f"{app}-{config}" for app, config in LEARNERS]
)


def lesson(twin: Twin, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A checkerboard for two classes, bands for more; one label in ten is wrong."""
    told, draw = twin.description, np.random.default_rng(seed)
    samples = draw.integers(0, told.input_max + 1, (STEPS, told.inputs)).astype(np.uint8)
    high = samples[:, :2].astype(int) * 2 > told.input_max
    labels = (high[:, 0] ^ high[:, 1]) + high[:, 1] * (told.classes > 2)
    wrong = draw.random(STEPS) < 0.1
    return samples, np.where(wrong, (labels + 1) % told.classes, labels)


@pytest.mark.parametrize("mcu", ["attiny1634", "atmega168p"])
@every_learner
def test_chip_and_twin_agree_on_every_answer_and_the_model(app: str, config: str, mcu: str) -> None:
    twin = Twin(app, config)
    samples, labels = lesson(twin, seed=4)
    draw = np.random.default_rng(5)
    with open_emulated(firmware.build(app, mcu, config), mcu, seed=9) as emulated:
        link = emulated.link
        twin.reset(77)
        link.reset(77)
        for part in np.array_split(np.arange(STEPS), 4):
            ours = link.train_many(samples[part], labels[part])
            theirs = twin.train_many(samples[part], labels[part])
            for got, expected in zip(ours, theirs, strict=True):
                np.testing.assert_array_equal(got, expected)
            assert emulated.weights_in_sram() == twin.read_weights()
            shift = int(draw.integers(4))
            link.set_rate(shift)
            twin.set_rate(shift)
        for got, expected in zip(link.infer_many(samples), twin.infer_many(samples), strict=True):
            np.testing.assert_array_equal(got, expected)


@every_learner
def test_chip_and_twin_agree_from_any_model(app: str, config: str) -> None:
    """Bytes that no training makes, as the host may write them: each walk ends, nothing is lost."""
    twin = Twin(app, config)
    samples, labels = lesson(twin, seed=6)
    draw = np.random.default_rng(7)
    with open_emulated(firmware.build(app, "attiny1634", config), "attiny1634", 3) as emulated:
        for highest in (256, 256, 9):
            model = draw.integers(0, highest, twin.description.weights_size, np.uint8)
            for learner in (emulated.link, twin):
                learner.reset(1)
                learner.write_weights(model.tobytes())
            ours = emulated.link.train_many(samples[:50], labels[:50])
            theirs = twin.train_many(samples[:50], labels[:50])
            for got, expected in zip(ours, theirs, strict=True):
                np.testing.assert_array_equal(got, expected)
            assert emulated.weights_in_sram() == twin.read_weights()


@pytest.mark.parametrize(
    ("app", "config"),
    [
        *LEARNERS,
        ("lvq", "italy_power"),
        ("softmax", "bananas"),
        ("softmax", "basic_motions"),
        ("softmax", "italy_margin"),
        ("softmax", "italy_power"),
        ("softmax", "japanese_vowels"),
        ("softmax", "phishing"),
    ],
)
def test_any_model_under_the_sanitizers(
    under_sanitizers: Callable[..., bytes], app: str, config: str
) -> None:
    """No overflow, no bad shift, no access outside an array, no endless walk."""
    under_sanitizers(
        '#include "apps/learner.h"\n'
        "static uint32_t draw = 1;\n"
        "static uint8_t any(void) { return (draw = draw * 1664525 + 1013904223) >> 24; }\n"
        "int main(void) {\n"
        "    for (int round = 0; round < 100; round++) {\n"
        "        learner_reset((uint16_t)round);\n"
        "        for (uint16_t i = 0; round % 2 && i < learner_weights_size(); i++)\n"
        "            learner_weights()[i] = round % 4 == 1 ? any() : any() % 9;\n"
        "        for (int step = 0; step < 200; step++) {\n"
        "            uint8_t sample[LEARNER_INPUTS];\n"
        "            for (int i = 0; i < LEARNER_INPUTS; i++)\n"
        "                sample[i] = any() % (LEARNER_INPUT_MAX + 1);\n"
        "            learner_train(sample, any() % LEARNER_CLASSES);\n"
        "            learner_infer(sample);\n"
        "        }\n"
        "    }\n"
        "    return 0;\n"
        "}\n",
        f"apps/{app}.c",
        config=Path(f"apps/configs/{app}-{config}.h"),
    )


# With avr-gcc 5.4; other compilers may need a little more.
ALLOWANCE = 1.0 if " 5.4" in firmware.compiler("avr") else 1.15


@pytest.mark.parametrize(
    ("app", "config", "flash", "sram"),
    [
        ("ensemble", "breast_cancer", 2_800, 360),
        ("ensemble", "iris", 2_800, 197),
        ("tree", "plane", 3_940, 318),
        ("tree", "iris", 3_940, 307),
        ("replay", "iris", 3_010, 180),
        ("replay", "wine", 3_010, 296),
    ],
)
def test_a_learner_of_streams_stays_within_its_budget(
    app: str, config: str, flash: int, sram: int
) -> None:
    twin = Twin(app, config)
    samples, labels = lesson(twin, seed=8)
    elf = firmware.build(app, "attiny1634", config)
    with open_emulated(elf, "attiny1634", seed=2) as emulated:
        emulated.link.train_many(samples, labels)
        emulated.link.infer_many(samples[:5])
        emulated.link.read_weights()
        cost = emulated.cost()
    assert cost.image.flash_bytes <= flash * ALLOWANCE
    assert cost.sram_high_water <= sram * ALLOWANCE
