# SPDX-License-Identifier: GPL-3.0-or-later
"""An emitted project builds by its own Makefile; its own tests hold its answers and its size."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from kilolearn.classifier.cost import cost
from kilolearn.errors import BuildError, SearchError, TwinMismatchError
from kilolearn.search.project import Golden, Preparing, Project, emit

WEIGHTS = np.array([1, 2, 3, 4, -6, 6, 7, 8])
MODEL = """#include "fixed/flash.h"
static const uint8_t weights[] FLASH = {1, 2, 3, 4, 250, 6, 7, 8};
static uint8_t classify(const uint8_t *sample) {
    const uint8_t *weight = weights;
    int16_t sum = 0;
    for (uint8_t i = 0; i < 8; i++) {
        sum += (int8_t)flash_u8(&weight) * *sample++;
    }
    return sum < 7 ? 0 : sum < 900 ? 1 : 2;
}
"""
PREPARE = """static void prepare(const int16_t *raw, uint8_t *levels) {
    for (uint8_t i = 0; i < 8; i++) {
        int16_t level = raw[i] >> 2;
        levels[i] = level < 0 ? 0 : level > 63 ? 63 : level;
    }
}
"""


def classify(levels: np.ndarray) -> np.ndarray:
    return np.digitize(levels.astype(np.int64) @ WEIGHTS, [7, 900])


def project(mcu: str, prepared: bool = False) -> Project:
    raw = np.random.default_rng(1).integers(-100, 300, (9, 8)).astype(np.int16)
    levels = np.clip(raw >> 2, 0, 63).astype(np.uint8)
    return Project(
        title="Weather",
        mcu=mcu,
        source=MODEL,
        features=tuple(f"feature {i}" for i in range(8)),
        level_max=63,
        class_names=("rain", 'a "storm" */', "sun"),
        golden=Golden(raw if prepared else levels, classify(levels)),
        figures=(("accuracy on the test part", "97.00 %"),),
        command="kilolearn search weather.csv --target sky",
        preparing=Preparing(PREPARE, tuple(f"raw {i}" for i in range(8))) if prepared else None,
    )


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def make(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    return subprocess.run(
        ["make", "-C", folder, *words],
        capture_output=True,
        text=True,
        check=False,
        env=clean | {"PATH": path},
    )


def test_a_project_passes_its_own_tests_and_broken_weights_fail_them(tmp_path: Path) -> None:
    """Raw samples over the line."""
    emit(project("atmega328p", prepared=True), tmp_path)

    done = make(tmp_path, "test")
    assert done.returncode == 0, done.stdout
    assert "9 passed" in done.stdout
    assert "warning" not in done.stdout + done.stderr

    change(tmp_path / "classify.c", "{1, 2, 3, 4, 250", "{9, 2, 3, 4, 250")
    done = make(tmp_path, "test")
    assert done.returncode != 0
    assert re.search(r"FAILED .*test_answers_as_the_model.*\n", done.stdout)


def test_a_project_that_grows_fails_its_budget(tmp_path: Path) -> None:
    """A sample in memory, on a chip without a line."""
    emit(project("attiny13a"), tmp_path)
    change(tmp_path / "main.c", "    sleep_enable();", "    sleep_enable();\n    PORTB++;")
    done = make(tmp_path, "test")
    assert done.returncode != 0
    assert "classifier.elf is over budget: flash" in done.stdout
    assert "AssertionError" not in done.stdout, "its answers are still right"


@pytest.mark.long
def test_make_flash_programs_a_chip(tmp_path: Path, start: Callable[..., list[str]]) -> None:
    """The real avrdude, an emulated STK500 and the chip at its wires."""
    emit(project("attiny85"), tmp_path)
    port, *_ = start("programmer", "--mcu", "attiny85")

    done = make(tmp_path, "flash", "PROGRAMMER=stk500v1", f"PORT={port}")

    assert done.returncode == 0, done.stderr
    assert "bytes of flash verified" in done.stderr


def test_without_a_line_it_is_the_searched_image_and_what_lets_it_sleep(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    made = project("attiny85")
    emit(made, Path("out"))

    searched = cost(MODEL, "attiny85", made.golden.samples, made.golden.answers)
    budget = Path("out/pyavr-sim.toml").read_text()
    flash, sram = (int(n) for n in re.findall(r"(?:flash|sram)_bytes = (\d+)", budget))
    assert 0 < flash - searched.flash <= 6
    assert sram == searched.sram_high_water


def test_nothing_is_overwritten_unless_forced(tmp_path: Path) -> None:
    (tmp_path / "classify.c").write_text("mine")

    with pytest.raises(SearchError, match=r"holds files; .* --force"):
        emit(project("attiny85"), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["classify.c"]
    assert (tmp_path / "classify.c").read_text() == "mine"

    emit(project("attiny85", prepared=True), tmp_path, force=True)
    assert "weights" in (tmp_path / "classify.c").read_text()
    emit(project("attiny85"), tmp_path, force=True)
    assert not (tmp_path / "prepare.c").exists(), "of the project that was there"


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")

    with pytest.raises(SearchError, match=r"is a file"):
        emit(project("attiny85"), tmp_path / "out", force=True)


def test_answers_that_the_chip_does_not_give_are_refused(tmp_path: Path) -> None:
    made = project("attiny85")
    wrong = replace(made.golden, answers=(made.golden.answers + 1) % 3)

    with pytest.raises(TwinMismatchError, match="golden sample 0"):
        emit(replace(made, golden=wrong), tmp_path)


def test_an_unknown_chip_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="attiny9999"):
        emit(project("attiny9999"), tmp_path / "out")
    assert not (tmp_path / "out").exists()
