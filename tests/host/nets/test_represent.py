# SPDX-License-Identifier: GPL-3.0-or-later
"""A net in integers: chip, host and NumPy agree, fitting helps, and what cannot be is refused."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from kilolearn import datasets, firmware
from kilolearn.classifier.cost import cost
from kilolearn.classifier.table import Table
from kilolearn.codecs.fit import FitLayer, arrays_of, loss
from kilolearn.codecs.levels import Int8
from kilolearn.errors import WeightsError
from kilolearn.nets.fitted import FittedNet
from kilolearn.nets.net import Dense, Net
from kilolearn.nets.represent import RepresentRecipe, represent
from kilolearn.nets.representation import REPRESENTATIONS, Representation
from kilolearn.nets.teacher import TEACHERS, shares, taught
from kilolearn.nets.train import TrainRecipe, targets_of, train_net

QUICK = TrainRecipe(steps=60)


def drawn(classes: int = 3, width: int = 13, level_max: int = 15, samples: int = 120) -> Table:
    """Classes around centres of their own, which overlap."""
    random = np.random.default_rng(width + classes)
    labels = np.arange(samples) % classes
    centres = random.uniform(0.2, 0.8, (classes, width))
    values = centres[labels] + random.normal(0, 0.15, (samples, width))
    levels = np.rint(np.clip(values, 0, 1) * level_max).astype(np.uint8)
    return Table(levels, labels, classes, level_max, tuple(f"x{i}" for i in range(width)))


def any_levels(table: Table) -> NDArray[np.uint8]:
    """Nothing, everything, and levels at random, like no sample of the table."""
    random = np.random.default_rng(9)
    rows = [np.zeros(table.width), np.full(table.width, table.level_max)]
    rows += list(random.integers(0, table.level_max + 1, (30, table.width)))
    return np.array(rows, np.uint8)


def host_answers(folder: Path, source: str, levels: NDArray[np.uint8]) -> list[int]:
    """What the C answers on this machine, under the sanitizers."""
    main = (
        f"{source}\n#include <stdio.h>\n"
        f"int main(void) {{\n    uint8_t sample[{levels.shape[1]}];\n"
        "    while (fread(sample, 1, sizeof sample, stdin) == sizeof sample) {\n"
        "        putchar(classify(sample));\n    }\n    return 0;\n}\n"
    )
    (folder / "net.c").write_text(main, encoding="utf-8")
    command = ["gcc", "-std=gnu11", "-O1", "-Wall", "-Wextra", "-Werror"]
    command += ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
    command += [f"-I{firmware.avr_folder()}", str(folder / "net.c"), "-o", str(folder / "net")]
    subprocess.run(command, check=True)
    given = levels.tobytes()
    run = subprocess.run(
        [folder / "net"], input=given, stdout=subprocess.PIPE, check=True, timeout=60
    )
    return list(run.stdout)


def holds(folder: Path, fitted: FittedNet, table: Table) -> None:
    """Chip, host and exact integers say the same of any levels, and not always the same."""
    levels = np.concatenate([any_levels(table), table.levels[:10]])
    expected = fitted.classify(levels)
    assert len(np.unique(expected)) == table.classes
    assert host_answers(folder, fitted.source(), levels) == expected.tolist()
    for mcu in ("attiny85", "atmega328p"):
        cost(fitted.source(), mcu, levels, expected)


@pytest.mark.parametrize("name", REPRESENTATIONS)
def test_chip_and_host_answer_as_the_exact_integers_do(name: str, tmp_path: Path) -> None:
    """13 inputs and 7 units, which most representations fill up; each row with its own shift."""
    table = drawn()
    net = train_net((7,), table, 1, QUICK)
    output = "int8" if name == "low_rank" else name  # one low rank an image
    how = [Representation(name, per_row=True), Representation(output, per_row=True)]
    fitted = represent(net, how, table, 2, RepresentRecipe(steps=20))
    assert name == "binary" or np.ptp(fitted.layers[0].shift) > 0, "rows that share a shift"
    holds(tmp_path, fitted, table)


def test_three_layers_of_one_representation_share_its_code(tmp_path: Path) -> None:
    table = drawn(classes=4, width=9, level_max=255)
    net = train_net((8, 5), table, 1, TrainRecipe(steps=150))
    fitted = represent(net, [Representation("int4")] * 3, table, 2, RepresentRecipe(ceiling=127))
    assert fitted.layers[1].input_max == 127
    holds(tmp_path, fitted, table)


@pytest.mark.parametrize("name", ["int8", "ternary", "binary"])
def test_two_classes_take_one_row(name: str, tmp_path: Path) -> None:
    table = drawn(classes=2)
    fitted = represent(train_net((), table, 1, QUICK), [Representation(name)], table, 2)
    assert fitted.layers[0].codec.rows == 1
    assert np.mean(fitted.classify(table.levels) == table.labels) > 0.95
    holds(tmp_path, fitted, table)


@pytest.mark.parametrize("name", REPRESENTATIONS)
def test_a_net_stays_near_its_answers_and_the_fit_brings_it_nearer(name: str) -> None:
    table = drawn(samples=300)
    net = train_net((12,), table, 1)
    assert np.mean(net.classify(table.levels) == table.labels) > 0.95
    how = [Representation(name), Representation("int8")]
    right = [
        np.mean(represent(net, how, table, 2, recipe).classify(table.levels) == table.labels)
        for recipe in (RepresentRecipe(steps=0), RepresentRecipe(steps=200))
    ]
    assert right[1] >= max(0.9, right[0] - 0.01)
    assert (right[1] > right[0]) or right[0] > 0.93


def test_one_bit_weights_change_their_signs_in_a_fit() -> None:
    """Of digits: three signs an input and one bit a weight are coarse, so much can be won back."""
    digits = datasets.load("digits")
    levels = digits.features[:1200].astype(np.uint8)
    table = Table(levels, digits.labels[:1200].astype(np.int64), 10, 16, ("pixel",) * 64)
    net = train_net((32,), table, 0, TrainRecipe(400))
    right = [
        np.mean(
            represent(net, [Representation("binary")] * 2, table, 2, recipe).classify(levels)
            == table.labels
        )
        for recipe in (RepresentRecipe(0), RepresentRecipe(300))
    ]
    assert right[1] > right[0] + 0.02


def test_a_fit_keeps_the_best_that_it_saw() -> None:
    """A rate at which ternary weights only jump about leaves what was there before."""
    table = drawn()
    net = train_net((6,), table, 1)
    how = [Representation("ternary")] * 2
    rounded = represent(net, how, table, 2, RepresentRecipe(steps=0))
    wild = represent(net, how, table, 2, RepresentRecipe(steps=40, rate=50.0))
    right = [np.mean(one.classify(table.levels) == table.labels) for one in (rounded, wild)]
    assert right[1] >= right[0] - 0.05


def test_the_same_seed_gives_the_same_source() -> None:
    table = drawn(samples=200)
    made = [
        represent(train_net((4,), table, 5), [Representation("sparse")] * 2, table, 6).source()
        for _ in range(2)
    ]
    assert made[0] == made[1]


def test_movement_keeps_what_moves_away_from_nothing() -> None:
    """Of two equal weights the one that the loss wants larger stays."""
    codec = Representation("movement", {"kept": 0.5}).codec(1, 2, np.ones((1, 2)))
    parameters = codec.like(np.array([[3.0, 3.0]]))
    slopes = codec.pull_back(parameters, np.array([[-1.0, 1.0]]))
    parameters[1] -= 0.1 * slopes[1]
    np.testing.assert_array_equal(codec.weights(parameters), [[3, 0]])


def test_what_the_weights_take_is_counted() -> None:
    table = drawn(classes=3, width=8)
    net = train_net((4,), table, 1, QUICK)
    four = represent(net, [Representation("int4")] * 2, table, 2)
    assert four.bits_per_weight == 4
    assert four.weights_bytes == (4 * 8 + 3 * 4) // 2 + 2 * 7
    rows = represent(net, [Representation("int4", per_row=True)] * 2, table, 2)
    differing = sum(len(layer.shift) for layer in rows.layers if np.ptp(layer.shift))
    assert rows.weights_bytes == four.weights_bytes + differing


def test_the_loss_is_the_cross_entropy() -> None:
    layer = FitLayer(Int8(1, 2), [np.array([[1.0, -2.0]])], np.array([0.0]), np.ones(1))
    targets = np.array([[0.0, 1.0], [0.5, 0.5]])
    scores = np.array([3 - 2 * 1, 5 - 2 * 2]) / 4.0
    likely = 1 / (1 + np.exp(-scores))
    expected = -np.mean([np.log(likely[0]), (np.log(likely[1]) + np.log(1 - likely[1])) / 2])
    found = loss([layer], np.array([[3.0, 1.0], [5.0, 2.0]]), targets, 4.0)
    assert found == pytest.approx(expected)
    assert len(arrays_of([layer])) == 2


@pytest.mark.parametrize("teacher", TEACHERS)
def test_a_teacher_gives_shares_of_one(teacher: str) -> None:
    table = drawn(samples=60)
    targets = taught(teacher, table, 3)
    np.testing.assert_allclose(targets.sum(axis=1), 1)
    assert targets.min() >= 0
    assert (targets[np.arange(60), table.labels] >= 0.5).all()
    assert (teacher == "labels") == bool(np.array_equal(targets, targets_of(table)))


def test_a_single_score_is_that_of_class_1() -> None:
    net = Net((Dense(np.array([[2.0]]), np.array([-1.0]), relu=False),), 1)
    table = Table(np.array([[0], [1]], np.uint8), np.array([0, 1]), 2, 1, ("x",))
    np.testing.assert_array_equal(net.classify(table.levels), [0, 1])
    np.testing.assert_allclose(shares(net, table)[:, 1], 1 / (1 + np.exp([1, -1])))


def dense(rows: int, inputs: int, relu: bool = False, value: float = 1.0) -> Dense:
    return Dense(np.full((rows, inputs), value), np.zeros(rows), relu)


@pytest.mark.parametrize(
    ("layers", "said"),
    [
        ((), "no layers"),
        (
            (dense(3, 4, True), dense(2, 5)),
            r"layer 2 has weights \(2, 5\).*expected \(outputs, 3\)",
        ),
        ((dense(3, 4), dense(2, 3)), "layer 1 of 2 has relu=False"),
        ((dense(3, 4, True),), "layer 1 of 1 has relu=True"),
        ((dense(3, 4, False, float("nan")),), "layer 1 has a weight that is NaN"),
    ],
)
def test_a_net_that_is_none_is_refused(layers: Sequence[Dense], said: str) -> None:
    with pytest.raises(WeightsError, match=said):
        Net(tuple(layers), 15)


def test_unknown_representations_and_options_are_refused() -> None:
    with pytest.raises(WeightsError, match="no representation 'int5'; choose of int16, int8"):
        Representation("int5")
    with pytest.raises(WeightsError, match="sparse has no option buckets; expected kept"):
        Representation("sparse", {"buckets": 4})
    with pytest.raises(WeightsError, match="3 buckets; expected a power of two"):
        Representation("hashed", {"buckets": 3}).codec(2, 2, np.ones((1, 2)))


def test_shapes_that_the_kernels_do_not_take_are_refused() -> None:
    with pytest.raises(WeightsError, match=r"2 outputs and 300 inputs; .* 255 as int8"):
        Representation("int8").codec(2, 300, np.ones((1, 300)))
    with pytest.raises(WeightsError, match=r"2 outputs and 72 inputs; .* 64 as binary"):
        Representation("binary").codec(2, 66, np.ones((1, 66)))


def test_a_net_for_other_samples_is_refused() -> None:
    table = drawn()
    net = train_net((), table, 1, QUICK)
    with pytest.raises(WeightsError, match="2 representations for 1 layers"):
        represent(net, [Representation("int8")] * 2, table, 1)
    with pytest.raises(WeightsError, match=r"13 levels of 0\.\.15, the samples have 12"):
        represent(net, [Representation("int8")], table.columns(range(12)), 1)
    with pytest.raises(WeightsError, match=r"13 levels of 0\.\.15, .* 13 of 0\.\.7"):
        represent(net, [Representation("int8")], table.coarser(7), 1)


def test_sums_that_no_scale_brings_into_16_bits_are_refused() -> None:
    """One value for all 250 weights of a row, times 255."""
    table = drawn(width=250, level_max=255)
    net = train_net((), table, 1, QUICK)
    with pytest.raises(WeightsError, match="leave 16 bits, or nothing of the weights, as hashed"):
        represent(net, [Representation("hashed", {"buckets": 1})], table, 1)
