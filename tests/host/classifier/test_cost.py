# SPDX-License-Identifier: GPL-3.0-or-later
"""What a model costs: bytes, cycles and stack, counted by hand; what is refused; what is kept."""

from __future__ import annotations

import json
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest

from kilolearn.classifier import cost as costing
from kilolearn.classifier import kept
from kilolearn.classifier.cost import Cost, cost
from kilolearn.errors import BuildError, TwinMismatchError

FIRST = "static uint8_t classify(const uint8_t *sample) { return sample[0]; }"
SAMPLES = np.array([[7, 1], [200, 2]], np.uint8)
ANSWERS = np.array([7, 200])


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(kept, "_seen", {})
    return tmp_path


@pytest.mark.parametrize("mcu", ["attiny13a", "attiny1634", "atmega328p"])
def test_the_smallest_image_is_what_its_instructions_take(mcu: str) -> None:
    """CLR; LDS, STS of 4 bytes and 2 cycles; SLEEP; RJMP. The clear is before main."""
    assert cost(FIRST, mcu, SAMPLES, ANSWERS) == Cost(14, 3, 5.0, 5)


def test_the_stack_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    source = """static __attribute__((noinline)) uint8_t inner(const uint8_t *sample) {
        __asm__ volatile("" ::: "memory");
        return sample[0];
    }
    static uint8_t classify(const uint8_t *sample) { return inner(sample); }"""

    assert cost(source, "attiny13a", SAMPLES, ANSWERS).sram_high_water == 3 + 2


def test_data_are_copied_and_counted() -> None:
    source = """static uint8_t table[] = {3, 1, 4, 1, 5, 9};
    static uint8_t classify(const uint8_t *sample) { table[0]++; return table[sample[0]]; }"""
    samples = np.array([[0, 0], [5, 0]], np.uint8)

    taken = cost(source, "attiny85", samples, np.array([4, 9]))

    assert taken.sram_high_water == 3 + 6


@pytest.mark.parametrize(("dtype", "kind"), [("int16", "int16_t"), ("float32", "float")])
def test_samples_of_other_types(dtype: str, kind: str) -> None:
    source = f"static uint8_t classify(const {kind} *sample) {{ return sample[1] > 100; }}"
    samples = np.array([[0, -300], [0, 300]], dtype)

    assert cost(source, "atmega328p", samples, np.array([0, 1])).flash > 14


def test_another_answer_than_expected_is_an_error() -> None:
    with pytest.raises(TwinMismatchError, match=r"answers 200 to sample 1, the host 201 \(1 of 2"):
        cost(FIRST, "attiny13a", SAMPLES, np.array([7, 201]))


@pytest.mark.parametrize(
    ("source", "mcu", "said"),
    [
        ("static uint8_t classify(const uint8_t *s) { return nothing; }", "attiny13a", "nothing"),
        (FIRST, "attiny9999", "attiny9999"),
        (
            "uint8_t much[70];static uint8_t classify(const uint8_t *s) { return much[s[0]]++; }",
            "attiny13a",
            "73 B of SRAM; expected at most 64",
        ),
        (
            "static const __flash uint8_t many[1020] = {1, 2};\n"
            + FIRST.replace("sample[0]", "many[sample[0]]"),
            "attiny13a",
            "B of flash; expected at most 1,024",
        ),
    ],
    ids=["not C", "no chip", "no SRAM", "no flash"],
)
def test_what_cannot_be_built_is_a_typed_error(source: str, mcu: str, said: str) -> None:
    with pytest.raises(BuildError, match=said):
        cost(source, mcu, SAMPLES, ANSWERS)


def test_a_model_without_end_is_a_typed_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(costing, "CYCLES_MAX", 10_000)
    endless = """static uint8_t classify(const uint8_t *sample) {
        while (*(const volatile uint8_t *)sample != 8) {
        }
        return 0;
    }"""

    with pytest.raises(BuildError, match="more than 10,000 cycles"):
        cost(endless, "attiny13a", SAMPLES, ANSWERS)


def test_what_was_measured_is_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    measured = cost(FIRST, "attiny13a", SAMPLES, ANSWERS)
    monkeypatch.setattr(kept, "_seen", {})
    monkeypatch.setattr(costing, "link", None)

    assert cost(FIRST, "attiny13a", SAMPLES, ANSWERS) == measured

    for path in folder.rglob("*.json"):
        path.write_text(path.read_text()[:9])
    monkeypatch.setattr(kept, "_seen", {})
    with pytest.raises(TypeError):  # it wants to link again
        cost(FIRST, "attiny13a", SAMPLES, ANSWERS)


def test_the_same_image_is_run_once(monkeypatch: pytest.MonkeyPatch) -> None:
    measured = cost(FIRST, "attiny13a", SAMPLES, ANSWERS)
    monkeypatch.setattr(costing, "_measured", None)
    other = f"/* Said otherwise. */\n{FIRST}"

    assert cost(other, "attiny13a", SAMPLES, ANSWERS) == measured


def test_a_folder_that_cannot_be_written_only_costs_time(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "file"))

    assert cost(FIRST, "attiny13a", SAMPLES, ANSWERS).flash == 14


def test_writers_do_not_disturb_each_other(folder: Path) -> None:
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        list(pool.map(kept.put, ["ab" * 32] * 40, [{"answers": [1] * 5000}] * 40))

    written = list(folder.rglob("*.json"))
    assert len(written) == 1
    assert json.loads(written[0].read_text()) == {"answers": [1] * 5000}
