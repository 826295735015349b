# SPDX-License-Identifier: GPL-3.0-or-later
"""The apps that learn from voltages: the twin's bits, what they report, and what they cost."""

from __future__ import annotations

import re

import numpy as np
import pytest

from kilolearn import firmware
from kilolearn.emulator import image_size
from kilolearn.measure_stream import open_board
from kilolearn.tasks import TASKS
from kilolearn.twin import Twin

# App, config, task; flash and SRAM in bytes on the ATtiny85 with avr-gcc 5.4.
STREAMS = [
    ("linear", "perceptron", "linear", 590, 18),
    ("linear", "averaged", "linear", 770, 30),
    ("linear", "lms", "linear", 660, 18),
    ("linear", "centroid", "linear", 810, 34),
    ("linear", "bayes", "linear", 1_280, 38),
    ("linear", "stump", "linear", 630, 34),
    ("anomaly", None, "anomaly", 530, 14),
    ("rules", "grid", "rules", 590, 27),
    ("rules", "patches", "patches", 570, 41),
    ("pair", None, "patches", 1_910, 66),
]
ALLOWANCE = 1.0 if " 5.4" in firmware.compiler("avr") else 1.15
SEED = 1_000


@pytest.mark.parametrize(("app", "config", "task", "flash", "sram"), STREAMS)
def test_a_stream_learns_with_the_twins_bits_within_its_budget(
    app: str, config: str | None, task: str, flash: int, sram: int
) -> None:
    stream = TASKS[task](SEED)
    twin = Twin(app, config)
    twin.reset(0)
    elf = firmware.build(f"stream_{app}", "attiny85", config)
    with open_board(elf, "attiny85", seed=5) as board:
        for first in (0, 30):
            part = slice(first, first + 30)
            samples, labels = stream.samples[part], stream.labels[part]
            expected = twin.train_many(samples, labels).predictions
            np.testing.assert_array_equal(board.teach(samples, labels), expected)
        model = np.asarray(board.chip.var("net")).tobytes()
        assert twin.read_weights()[: len(model)] == model
        if task != "anomaly":
            asked = twin.infer_many(stream.test_samples[:20]).predictions
            np.testing.assert_array_equal(board.ask(stream.test_samples[:20]), asked)
            assert np.asarray(board.chip.var("net")).tobytes() == model
        assert not board.chip.findings
        assert board.chip.sram_high_water <= sram * ALLOWANCE
    assert image_size(elf).flash_bytes <= flash * ALLOWANCE


@pytest.mark.parametrize("mcu", ["attiny13a", "attiny841", "attiny1634", "atmega328p"])
def test_every_chip_reads_the_same_voltages(mcu: str) -> None:
    stream = TASKS["rules"](SEED)
    twin = Twin("rules", "grid")
    twin.reset(0)
    expected = twin.train_many(stream.samples, stream.labels).predictions
    with open_board(firmware.build("stream_rules", mcu, "grid"), mcu, seed=5) as board:
        np.testing.assert_array_equal(board.teach(stream.samples, stream.labels), expected)


def test_an_answer_stands_at_the_pins() -> None:
    stream = TASKS["rules"](SEED)
    with open_board(firmware.build("stream_rules", "attiny85", "grid"), "attiny85") as board:
        board.teach(stream.samples, stream.labels)
        seen = set()
        for sample in stream.test_samples[:30]:
            answer = int(board.ask(sample[np.newaxis])[0])
            seen.add(answer)
            assert board.chip.pin("B0").level == bool(answer & 1)
            assert board.chip.pin("B1").level == bool(answer & 2)
        assert seen == {0, 1, 2}


def test_every_hundred_labels_are_reported() -> None:
    """In SRAM, and as text where there is a UART. Samples without a label do not count."""
    streams = [TASKS["linear"](SEED + i) for i in range(12)]
    samples = np.concatenate([stream.samples for stream in streams])
    labels = np.concatenate([stream.labels for stream in streams])
    with open_board(
        firmware.build("stream_linear", "atmega328p", "averaged"), "atmega328p"
    ) as board:
        answers = board.teach(samples[:50], labels[:50])
        board.ask(samples[:70])
        answers = np.append(answers, board.teach(samples[50:], labels[50:]))
        right = (answers == labels).reshape(-1, 100).sum(1)
        said = board.chip.uart(0).read().decode("ascii")
        assert re.findall(r"step (\d+): (\d+) of 100\n", said) == [
            (str(100 * number), str(count)) for number, count in enumerate(right, start=1)
        ]
        assert board.chip.var("report.hundreds") == 12
        assert board.chip.var("report.right_last") == right[-1]
        assert board.chip.var("report.labels") == 0
