# SPDX-License-Identifier: GPL-3.0-or-later
"""Digits in a kilobyte of flash: chip, twin and exact integers agree, pins and line as well."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from kilolearn import datasets, firmware, kilobyte_digits
from kilolearn.codecs import ternary_digits
from kilolearn.codecs.fit import FitRecipe, one_hot, score_slopes
from kilolearn.codecs.levels import Ternary
from kilolearn.codecs.ternary_digits import INPUT_MAX, WindowsFit, WindowsNet, fit_windows
from kilolearn.emulator import image_size
from kilolearn.errors import WeightsError
from kilolearn.kilobyte_digits import APP, CLASSIFIER, SplitRun
from kilolearn.measure_ternary_digits import (
    DigitsRun,
    classify_on_chip,
    classify_on_twin,
    on_the_line,
)
from kilolearn.parts import image_parts
from kilolearn.quantise import QuantisedSplit
from pyavr_sim import Chip, record, until

CHIPS = ["attiny13a", "attiny85"]
SRAM_USED_MAX = 54
CYCLES_MAX = 1_000_000
RX, TX, BAUD = "B3", "B4", 57_600


def trits(byte: int) -> list[int]:
    """Five weights, by the layout: a byte is a number of five digits as a fraction of 256."""
    digits = []
    for _ in range(5):
        digits.append(3 * byte // 256 - 1)
        byte = 3 * byte % 256
    return digits


def exact_scores(image: NDArray[np.uint8]) -> list[int]:
    """By the formula in the header, from the bytes that go into flash, in unbounded integers."""
    config = firmware.avr_folder() / "apps" / "configs" / f"{APP}.h"
    table = config.read_text(encoding="utf-8").partition("digits_weights[] = {")[2]
    numbers = [int(number) for number in re.findall(r"\d+", table)]
    pixel = image.reshape(8, 8).tolist()
    scores = [0] * 10
    for first in range(0, len(numbers), 14):
        channel = numbers[first : first + 14]
        bias = (channel[0] ^ 128) - 128
        kernel = [trits(byte) for byte in channel[1:6]]
        for quarter in range(4):
            top, left = 2 * (quarter // 2), 2 * (quarter % 2)
            sums = [
                bias + sum(kernel[r][k] * pixel[y + r][x + k] for r in range(5) for k in range(5))
                for y in (top, top + 1)
                for x in (left, left + 1)
            ]
            feature = max(0, *sums)
            output = trits(channel[6 + 2 * quarter]) + trits(channel[7 + 2 * quarter])
            scores = [
                score + weight * feature for score, weight in zip(scores, output, strict=True)
            ]
    return scores


@pytest.fixture(scope="module")
def split() -> QuantisedSplit:
    """The one whose training part gave the weights in the tree."""
    return QuantisedSplit.of(datasets.split(datasets.load("digits"), 0), INPUT_MAX)


def odd_images() -> NDArray[np.uint8]:
    """What no pen writes: nothing, full ink, left and right pixels, noise."""
    draw = np.random.default_rng(5)
    left = np.tile(np.array([INPUT_MAX, 0], np.uint8), 32)
    plain = [np.zeros(64, np.uint8), np.full(64, INPUT_MAX, np.uint8), left, INPUT_MAX - left]
    return np.concatenate([plain, draw.integers(0, 16, (4, 64)).astype(np.uint8)])


@pytest.mark.parametrize("mcu", CHIPS)
def test_the_chip_has_the_bits_of_exact_integers(split: QuantisedSplit, mcu: str) -> None:
    images = np.concatenate([odd_images(), split.test_samples[:12]])
    elf = firmware.build(APP, mcu)

    run = classify_on_chip(elf, mcu, images, seed=3)

    expected = np.array([exact_scores(image) for image in images])
    np.testing.assert_array_equal(run.scores, expected)
    np.testing.assert_array_equal(run.digits, expected.argmax(axis=1))
    assert run.sram_high_water <= SRAM_USED_MAX
    assert image_size(elf).flash_bytes <= 1024
    assert np.median(run.cycles) < 700_000


def test_the_twin_has_them_on_every_test_image(split: QuantisedSplit) -> None:
    scores = classify_on_twin(firmware.build_twin(APP), split.test_samples)

    expected = np.array([exact_scores(image) for image in split.test_samples])
    np.testing.assert_array_equal(scores, expected)
    right = np.mean(scores.argmax(axis=1) == split.test_labels)
    assert right >= 0.95, "weights in the tree are those of this split's training part"


@pytest.mark.skipif(" 5.4" not in firmware.compiler("avr"), reason="the page is avr-gcc 5.4's")
def test_the_page_tells_the_bytes_of_every_part() -> None:
    page = (firmware.avr_folder().parent / "docs/kilobyte.md").read_text(encoding="utf-8")
    table = page.partition("| part, ATtiny13A | bytes |")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| (.+?) \| ([\d,]+) \|", table, re.MULTILINE)
    told = {cell: int(size.replace(",", "")) for cell, size in rows}
    parts = image_parts(firmware.build(APP, "attiny13a"))

    assert told.pop("image") == sum(parts.values())
    names = [re.findall(r"`(\w+)`", cell) for cell in told]
    assert {name for cell in names for name in cell} == set(parts)
    assert [sum(parts[name] for name in cell) for cell in names] == list(told.values())


def test_no_image_trips_the_sanitizers(under_sanitizers: Callable[..., bytes]) -> None:
    printed = under_sanitizers(
        '#include "kilobyte/ternary_digits_net.h"\n'
        "#include <stdio.h>\n"
        "int main(void) {\n"
        "    while (fread(image, 1, sizeof image, stdin) == sizeof image) {\n"
        "        digits_classify();\n"
        "        fwrite(score, 1, sizeof score, stdout);\n"
        "    }\n"
        "    return 0;\n"
        "}\n",
        "kilobyte/ternary_digits_net.c",
        config=Path(f"apps/configs/{APP}.h"),
        given=on_the_line(odd_images()).tobytes(),
    )

    scores = np.frombuffer(printed, np.int16).reshape(-1, 10)
    np.testing.assert_array_equal(scores, [exact_scores(image) for image in odd_images()])


def test_the_decade_counter_is_reset_and_clocked_as_often_as_the_digit(
    split: QuantisedSplit,
) -> None:
    images = [int(np.flatnonzero(split.test_labels == digit)[0]) for digit in (0, 1, 9)]
    with Chip("attiny13a", firmware.build(APP, "attiny13a"), seed=1) as chip:
        line = chip.serial_line(RX, TX, BAUD)
        chip.run(2_000)
        for image in on_the_line(split.test_samples[images]):
            line.write(image.tobytes())
            run = record(chip, CYCLES_MAX, until.uart_bytes(1, line.number), pins=("B0", "B1"))
            rises = {
                pin.name: int(np.sum(np.diff(pin.values.astype(int)) > 0))
                for pin in run.pin_changes
            }
            assert rises["B1"] == 1
            assert rises["B0"] == int(line.read())
            assert not chip.pin("B0").level


def test_of_equal_scores_the_first_wins(tmp_path: Path) -> None:
    """One channel that sees nothing and says 3 and 7 with its bias, as low as a bias gets 9."""
    votes = np.zeros((10, 4, 2), np.int64)
    votes[[3, 7], :, 0] = 1
    votes[9, :, 1] = 1
    net = WindowsNet(np.zeros((2, 25), np.int64), np.array([127, -127]), votes)
    (tmp_path / f"{APP}.h").write_text(net.header(), encoding="utf-8")
    elf = firmware.build(APP, "attiny13a", configs=tmp_path)

    run = classify_on_chip(elf, "attiny13a", odd_images()[:2])

    assert run.digits.tolist() == [3, 3]
    assert run.scores.tolist() == net.scores(odd_images()[:2]).tolist()
    assert run.scores.max() == net.score_max == 4 * 127


def test_a_break_begins_the_image_anew(split: QuantisedSplit) -> None:
    image = on_the_line(split.test_samples[:1])[0].tobytes()
    with Chip("attiny85", firmware.build(APP, "attiny85"), seed=1) as chip:
        line = chip.serial_line(RX, TX, BAUD)
        whole = line.exchange(image, 1)
        line.write(b"\xff" * 7)
        chip.run(20_000)
        chip.pin(RX).drive(False)
        chip.run(2_000)
        chip.pin(RX).drive(True)
        chip.run(2_000)
        assert line.pending == 0
        assert line.exchange(image, 1) == whole
        assert line.framing_errors == 0


class Unrounded(Ternary):
    """The codec without its steps, so that its loss has a slope."""

    def weights(self, parameters: list[NDArray[np.float64]]) -> NDArray[np.float64]:
        return parameters[0]

    def pull_back(
        self, parameters: list[NDArray[np.float64]], slope: NDArray[np.float64]
    ) -> list[NDArray[np.float64]]:
        return [slope]


def test_the_fit_goes_down_the_slope_of_its_loss(
    split: QuantisedSplit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ternary_digits, "Ternary", Unrounded)
    monkeypatch.setattr(ternary_digits, "rounded", lambda values, largest: values)
    draw = np.random.default_rng(2)
    fit = WindowsFit(3, 60.0, draw)
    fit.parameters[1][:] = [3.0, -5.0, 40.0]
    images = split.train_samples[:6] + draw.uniform(0, 0.5, (6, 64))
    labels = split.train_labels[:6]

    def loss() -> float:
        """From the formula: -log of the label's share."""
        kernel, bias, output = fit.parameters
        features = [
            [
                max(0.0, *(float(window(image, y, x) @ row) + shift for y, x in places(quarter)))
                for quarter in range(4)
                for row, shift in zip(kernel, bias, strict=True)
            ]
            for image in images
        ]
        logits = np.array(features) @ output.T / 60.0
        share = logits[np.arange(6), labels] - np.log(np.exp(logits).sum(axis=1))
        return -float(np.mean(share))

    slopes = fit.slopes(images, one_hot(labels, 10))
    for parameter, slope in zip(fit.parameters, slopes, strict=True):
        for at in draw.choice(parameter.size, min(12, parameter.size), replace=False):
            place = np.unravel_index(at, parameter.shape)
            before = parameter[place]
            around = []
            for step in (-1e-5, 1e-5):
                parameter[place] = before + step
                around.append(loss())
            parameter[place] = before
            assert slope[place] == pytest.approx((around[1] - around[0]) / 2e-5, abs=1e-7)
    assert all(np.abs(slope).max() > 1e-4 for slope in slopes), "nothing to compare"


def test_scores_that_could_wrap_are_refused(split: QuantisedSplit) -> None:
    fresh = FitRecipe(shift=0, temperature=60.0, epochs=0)
    with pytest.raises(WeightsError, match="fit fewer channels"):
        fit_windows(split.train_samples, split.train_labels, seed=0, channels=400, recipe=fresh)


def test_a_short_fit_learns_and_its_header_carries_what_it_learned(split: QuantisedSplit) -> None:
    short = FitRecipe(shift=0, temperature=60.0, rate=0.05, epochs=10)
    few = split.train_samples[:600], split.train_labels[:600]
    net = fit_windows(*few, seed=1, channels=16, recipe=short)

    assert net.header() == fit_windows(*few, seed=1, channels=16, recipe=short).header()
    scores = net.scores(split.test_samples)
    assert np.mean(scores.argmax(axis=1) == split.test_labels) > 0.85, "of 16 channels"
    assert np.abs(scores).max() <= net.score_max
    first = list(net.encoded()[:14])
    assert trits(first[1]) == net.kernel[0, :5].tolist()
    assert trits(first[6]) + trits(first[7]) == net.output[:, 0, 0].tolist()
    assert (first[0] ^ 128) - 128 == net.bias[0]


def test_score_slopes_are_those_of_the_cross_entropy() -> None:
    slope = score_slopes(np.array([[60.0, 0.0], [0.0, 0.0]]), np.eye(2), 60.0)
    e = np.e / (1 + np.e)
    np.testing.assert_allclose(slope * 120, [[e - 1, 1 - e], [0.5, -0.5]])


def test_a_row_counts_a_split_that_is_right_and_exact(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = DigitsRun(np.zeros(3, np.int64), np.zeros((3, 10), np.int16), np.array([5, 1, 9]), 54)
    splits = [
        SplitRun(98.0, 0, exact=True, run=run),
        SplitRun(89.9, 2, exact=True, run=run),
        SplitRun(99.0, 1, exact=False, run=run),
    ]
    monkeypatch.setattr(kilobyte_digits, "run_split", lambda seed, mcu: splits[seed])

    assert CLASSIFIER.measure("attiny13a", tmp_path, seeds=3) == {
        "sram_high_water": 54,
        "seeds": 3,
        "converged": 1,
        "cycles_median": 5,
        "wraps": 3,
        "accuracy": 95.63,
        "accuracies": [98.0, 89.9, 99.0],
    }


@pytest.mark.long
@pytest.mark.parametrize("mcu", CHIPS)
def test_a_whole_split_from_fit_to_answer(mcu: str) -> None:
    row = CLASSIFIER.measure(mcu, CLASSIFIER.build(mcu), seeds=1)

    assert row["converged"] == row["seeds"] == 1
    assert row["wraps"] == 0
    assert float(str(row["accuracy"])) >= 96


def places(quarter: int) -> list[tuple[int, int]]:
    top, left = 2 * (quarter // 2), 2 * (quarter % 2)
    return [(y, x) for y in (top, top + 1) for x in (left, left + 1)]


def window(image: NDArray[np.float64], y: int, x: int) -> NDArray[np.float64]:
    return image.reshape(8, 8)[y : y + 5, x : x + 5].ravel()
