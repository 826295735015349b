# SPDX-License-Identifier: GPL-3.0-or-later
"""One image, both articles: it learns exclusive or, then draws text by what it has counted."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import chi2

from kilolearn import firmware
from kilolearn.emulator import image_size
from kilolearn.measure_kilobyte import Left, run_image
from kilolearn.two_articles import (
    count_pairs,
    is_text_drawn,
    sent_letters,
    shift_byte,
    successors,
)

CHIPS = ("atmega88", "attiny1634")
SYMBOLS = ("net", "count", "text")
LONG_RUN = 10_000
"""Letters; each takes 6 of the generator's 65,535 bytes, and after these the text repeats."""


def first_run(mcu: str = "atmega88") -> Left:
    return next(run_image(firmware.build("two_articles", mcu), mcu, [1], SYMBOLS))


def pairs_of(left: Left) -> np.ndarray:
    return count_pairs(left.memory["text"].rstrip(b"\0"))


def misfit(drawn: np.ndarray, counts: np.ndarray) -> float:
    """The probability of a chi-square as large as that of the pairs drawn, given the counts."""
    rows = drawn.sum(axis=1) > 0
    share = counts[rows] / counts[rows].sum(axis=1, keepdims=True)
    expected = share * drawn[rows].sum(axis=1, keepdims=True)
    there = expected > 0
    statistic = np.sum((drawn[rows][there] - expected[there]) ** 2 / expected[there])
    return float(chi2.sf(statistic, there.sum() - rows.sum()))


@pytest.mark.parametrize("mcu", CHIPS)
def test_every_seed_learns_and_draws_what_the_counts_say(mcu):
    elf = firmware.build("two_articles", mcu)
    for left in run_image(elf, mcu, range(1, 31), SYMBOLS):
        assert left.ended
        assert is_text_drawn(left)
        pairs = successors(sent_letters(left.said))
        assert not np.any(pairs[pairs_of(left) == 0])
    assert left.sram_high_water <= 1024
    assert image_size(elf).flash_bytes <= 768


def test_the_shift_register_has_the_longest_period():
    state, period = shift_byte(1), 1
    while state != 1:
        state, period = shift_byte(state), period + 1
    assert period == 65_535


def test_no_letter_is_counted_more_often_than_can_be_drawn():
    assert pairs_of(first_run()).sum(axis=1).max() <= 64


def long_text(folder: Path, generator: str) -> Left:
    """The image as it is but for the length of its text and what draws it."""
    shutil.copytree(firmware.avr_folder(), folder / "avr")
    source = folder / "avr" / "kilobyte" / "two_articles.c"
    text = source.read_text(encoding="utf-8")
    for old, new in (
        ("LETTERS_SENT 300", f"LETTERS_SENT {LONG_RUN}"),
        ("= shift_byte()", f"= {generator}()"),
        ("static uint8_t shift_byte", "__attribute__((unused)) static uint8_t shift_byte"),
    ):
        assert old in text
        text = text.replace(old, new)
    source.write_text(text, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KILOLEARN_AVR", str(folder / "avr"))
        patch.setenv("KILOLEARN_BUILD", str(folder / "build"))
        return first_run()


@pytest.fixture(scope="module")
def long_run(tmp_path_factory: pytest.TempPathFactory) -> Left:
    return long_text(tmp_path_factory.mktemp("long"), "shift_byte")


def test_pairs_come_as_often_as_counted_in_a_long_run(long_run):
    drawn, counts = successors(sent_letters(long_run.said)), pairs_of(long_run)
    assert drawn.sum() == LONG_RUN - 1
    assert np.all((drawn > 0) == (counts > 0))
    assert misfit(drawn, counts) > 0.001


def test_the_measure_of_misfit_can_fail(long_run):
    """One pair counted four times more than the text has it."""
    counts = pairs_of(long_run)
    wrong = counts.copy()
    wrong[0, 19] += 4
    assert misfit(successors(sent_letters(long_run.said)), wrong) < 0.001


def test_the_generator_of_the_weights_would_not_do(tmp_path):
    left = long_text(tmp_path, "random_byte")
    assert misfit(successors(sent_letters(left.said)), pairs_of(left)) < 1e-6


@pytest.mark.parametrize("memory", ["net", "count"])
def test_a_wrong_byte_is_noticed(memory):
    left = first_run()
    assert is_text_drawn(left)
    changed = bytes([left.memory[memory][0] ^ 64]) + left.memory[memory][1:]
    assert not is_text_drawn(dataclasses.replace(left, memory={**left.memory, memory: changed}))


def test_a_wrong_letter_is_noticed():
    left = first_run()
    assert not is_text_drawn(dataclasses.replace(left, said=left.said[:-1] + b"q"))
