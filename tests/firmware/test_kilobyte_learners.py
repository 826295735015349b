# SPDX-License-Identifier: GPL-3.0-or-later
"""Learners in a kilobyte of flash and 64 bytes of SRAM have the bits of their specification."""

from __future__ import annotations

from collections.abc import Callable

import cffi
import numpy as np
import pytest
from numpy.typing import NDArray

from kilolearn import contract, firmware, recall
from kilolearn.emulator import image_size
from kilolearn.measure_recall import open_recall_board
from kilolearn.measure_stream import PerceptronBoard, open_board
from kilolearn.tasks import TASKS
from kilolearn.twin import Twin

HEAD = firmware.avr_folder() / "kilobyte" / "recall_head.h"
CHIPS = ["attiny13a", "attiny85"]


def numbers_of(bytes_: NDArray[np.uint8]) -> list[int]:
    """24-bit integers, low byte first, of (numbers, 3)."""
    return [int.from_bytes(row.tobytes(), "little", signed=True) for row in bytes_]


def bytes_of(numbers: list[int]) -> NDArray[np.uint8]:
    rows = [list(number.to_bytes(3, "little", signed=True)) for number in numbers]
    return np.array(rows, np.uint8)


def assert_same_model(board: PerceptronBoard, twin: Twin) -> None:
    model = twin.read_weights()
    assert numbers_of(board.chip.var("net.weight")) == np.frombuffer(model[:6], "<i2").tolist()
    assert numbers_of(board.chip.var("net.sum")) == np.frombuffer(model[6:], "<i4").tolist()


@pytest.mark.parametrize("mcu", CHIPS)
def test_the_perceptron_has_the_bits_of_its_specification(mcu: str) -> None:
    twin = Twin("linear", "averaged")
    with open_board(firmware.build("perceptron", mcu), mcu, 5, PerceptronBoard) as board:
        right = 0
        for seed in range(3):
            stream = TASKS["linear"](seed)
            board.restart()
            twin.reset(0)
            for at in range(100):
                sample, label = stream.samples[at : at + 1], stream.labels[at : at + 1]
                expected = twin.train_many(sample, label).predictions
                np.testing.assert_array_equal(board.teach(sample, label), expected)
                assert_same_model(board, twin)
            answers = board.ask(stream.test_samples[:50])
            np.testing.assert_array_equal(
                answers, twin.infer_many(stream.test_samples[:50]).predictions
            )
            assert_same_model(board, twin)
            right += int(np.sum(answers == stream.test_truth[:50]))
        assert right > 130, "of 150"
        assert not board.chip.findings
        assert board.chip.sram_high_water <= 23
    assert image_size(firmware.build("perceptron", mcu)).flash_bytes <= 278


@pytest.mark.parametrize(
    ("weight", "sums"),
    [
        ([32700, -32700, 0], [0, 0, 0]),
        ([-32700, 32700, 5], [1, -1, 0]),
        ([32767, 32767, -32767], [9, 9, 9]),
        ([-32640, -32640, -32704], [-9, 9, 9]),
        ([1, 2, 3], [2**22 - 1, 5, -7]),
        ([-1, -2, -3], [-5, -(2**22), 1_000_001]),
        ([300, -20_000, 128], [-2_222_222, 2_222_223, -(2**22) + 9]),
    ],
)
def test_the_perceptron_stays_in_range_where_its_specification_does(
    weight: list[int], sums: list[int]
) -> None:
    """Full weights and full sums, from which any step would leave the range."""
    twin = Twin("linear", "averaged")
    draw = np.random.default_rng(1)
    elf = firmware.build("perceptron", "attiny13a")
    with open_board(elf, "attiny13a", 5, PerceptronBoard) as board:
        ends = draw.choice([0, 1, 128, 255], (24, 2)).astype(np.uint8)
        for sample in ends[:, np.newaxis]:
            for label in (0, 1):
                board.chip.var("net.weight")[...] = bytes_of(weight)
                board.chip.var("net.sum")[...] = bytes_of(sums)
                twin.write_weights(
                    np.array(weight, "<i2").tobytes() + np.array(sums, "<i4").tobytes()
                )
                told = np.array([label], np.uint8)
                expected = twin.train_many(sample, told).predictions
                np.testing.assert_array_equal(board.teach(sample, told), expected)
                assert_same_model(board, twin)


class RecallTwin:
    """recall_head.c, compiled for this machine; optionally under the sanitizers."""

    def __init__(self) -> None:
        self.ffi = cffi.FFI()
        text = contract.declarations(HEAD.read_text(encoding="utf-8"))
        for name, number in (("BITS", 3), ("FEATURES", 8), ("LENGTH", 9)):
            text = text.replace(f"[RECALL_{name}]", f"[{number}]")
        self.ffi.cdef(text)
        self.native = self.ffi.dlopen(str(firmware.build_twin("recall")))
        self.native.recall_reset()

    def answer(self, sequence: NDArray[np.uint8]) -> int:
        self.ffi.buffer(self.native.net.symbol)[:] = sequence.tobytes()
        return int(self.native.recall_answer())

    def array(self, field: str) -> NDArray[np.int8]:
        return np.frombuffer(self.ffi.buffer(getattr(self.native.net, field)), np.int8).copy()


@pytest.mark.parametrize("mcu", CHIPS)
def test_recall_has_its_twins_bits_in_64_bytes(mcu: str) -> None:
    twin = RecallTwin()
    samples, labels = recall.sequences(30, np.random.default_rng(3))
    draw = np.random.default_rng(4)
    samples[20:] = draw.integers(0, 16, (10, 9))  # no questions at all
    elf = firmware.build("recall", mcu)
    with open_recall_board(elf, mcu, seed=2) as board:
        for at, (sample, label) in enumerate(zip(samples, labels, strict=True)):
            if at == 20:
                ends = draw.choice(np.array([-128, -120, 120, 127], np.int8), (3, 8))
                board.chip.var("net.weight")[...] = ends
                twin.ffi.buffer(twin.native.net.weight)[:] = ends.tobytes()
            expected = twin.answer(sample)
            if at % 5 == 4:
                assert board.ask(sample[np.newaxis])[0] == expected
            else:
                assert board.teach(sample[np.newaxis], label[np.newaxis])[0] == expected
                twin.native.recall_learn(expected, int(label))
            weight = np.asarray(board.chip.var("net.weight")).ravel()
            np.testing.assert_array_equal(weight, twin.array("weight"))
            np.testing.assert_array_equal(np.asarray(board.chip.var("net.x")), twin.array("x"))
        assert not board.chip.findings
        assert board.chip.sram_high_water <= 64
    assert image_size(elf).flash_bytes <= 1_024


def test_recall_steps_as_a_perceptron_of_unbounded_integers_that_keeps_its_range() -> None:
    twin = RecallTwin()
    weight = np.zeros((3, 8), int)
    samples, labels = recall.sequences(800, np.random.default_rng(5))
    for at, (sample, label) in enumerate(zip(samples, labels, strict=True)):
        if at == 400:  # as full as can be
            weight = np.random.default_rng(6).choice([-127, -100, 100, 127], (3, 8))
            twin.ffi.buffer(twin.native.net.weight)[:] = weight.astype(np.int8).tobytes()
        answer = twin.answer(sample)
        x = twin.array("x").astype(int)
        bits = (weight @ x >= 0).astype(int)
        assert answer == bits @ (4, 2, 1)
        target = int(label) >> np.arange(3)[::-1] & 1
        moved = weight + np.outer(target - bits, x)
        weight = np.where(np.abs(moved + 0.5) < 128, moved, weight)
        twin.native.recall_learn(answer, int(label))
        np.testing.assert_array_equal(twin.array("weight"), weight.ravel())


def test_what_recall_sees_are_the_bits_of_the_position_that_attention_finds() -> None:
    """With float attention: most of the weight lies on the value behind the key asked for."""
    twin = RecallTwin()
    samples, labels = recall.sequences(200, np.random.default_rng(7))
    found = 0
    for sample, label in zip(samples, labels, strict=True):
        twin.answer(sample)
        seen = (twin.array("x")[:3] >= 0) @ (1, 2, 4)
        p = twin.array("p").astype(np.uint8).astype(int)
        assert p.sum() == 255
        token = sample | np.append(15, sample[:-1]) << 4
        of_bit = [int(p[(token >> d & 1) == 1].sum()) for d in range(8)]
        np.testing.assert_array_equal(twin.array("x"), (np.array(of_bit) - 128) >> 3)
        found += seen == label
    assert found > 190


def test_recall_is_learned_where_chance_is_one_in_eight() -> None:
    twin = RecallTwin()
    samples, labels = recall.sequences(800, np.random.default_rng(8))
    right = 0
    for at, (sample, label) in enumerate(zip(samples, labels, strict=True)):
        answer = twin.answer(sample)
        right += at >= 600 and answer == label
        if at < 600:
            twin.native.recall_learn(answer, int(label))
    assert right >= 194, "of 200"


def test_any_symbols_and_any_weights_under_the_sanitizers(
    under_sanitizers: Callable[..., bytes],
) -> None:
    under_sanitizers(
        '#include "kilobyte/recall_head.h"\n'
        "static uint32_t draw = 1;\n"
        "static uint8_t any(void) { return (draw = draw * 1664525 + 1013904223) >> 24; }\n"
        "int main(void) {\n"
        "    for (int round = 0; round < 300; round++) {\n"
        "        recall_reset();\n"
        "        for (int i = 0; round % 2 && i < 24; i++) net.weight[i / 8][i % 8] = any();\n"
        "        for (int step = 0; step < 100; step++) {\n"
        "            for (int i = 0; i < RECALL_LENGTH; i++) net.symbol[i] = any() & 15;\n"
        "            recall_learn(recall_answer(), any());\n"
        "        }\n"
        "    }\n"
        "    return 0;\n"
        "}\n",
        "kilobyte/recall_head.c",
    )
