# SPDX-License-Identifier: GPL-3.0-or-later
"""The tasks are what they say, and the chips learn them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from kilolearn.bench_tasks import ENTRIES, bench_tasks
from kilolearn.tasks import TASKS

KEYS = {
    "task",
    "learner",
    "accuracy_clean",
    "accuracy_noisy",
    "accuracy_balanced",
    "p5",
    "sram_high_water",
    "flash",
    "chip",
    "seeds",
    "steps",
    "cycles_step",
}


@pytest.mark.parametrize(
    ("task", "classes", "wrong"),
    [("linear", 2, 0.1), ("diagonal", 2, 0.1), ("patches", 2, 0.1), ("rules", 3, 1 / 15)],
)
def test_a_task_has_its_classes_and_its_wrong_labels(task: str, classes: int, wrong: float) -> None:
    streams = [TASKS[task](seed) for seed in range(200)]
    truth = np.concatenate([stream.truth for stream in streams])
    labels = np.concatenate([stream.labels for stream in streams])
    tests = np.concatenate([stream.test_labels != stream.test_truth for stream in streams])
    assert np.mean(truth != labels) == pytest.approx(wrong, abs=0.01)
    assert np.mean(tests) == pytest.approx(wrong, abs=0.01)
    np.testing.assert_allclose(np.bincount(truth) / len(truth), 1 / classes, atol=0.05)
    again = TASKS[task](3)
    np.testing.assert_array_equal(again.samples, streams[3].samples)
    assert not np.array_equal(streams[3].samples, streams[4].samples)


def test_five_of_a_hundred_readings_are_off() -> None:
    streams = [TASKS["anomaly"](seed) for seed in range(50)]
    reading = np.concatenate([stream.samples[:, 0] for stream in streams]).astype(int)
    off = np.concatenate([stream.truth for stream in streams]) == 1
    assert np.mean(off) == pytest.approx(0.05, abs=0.005)
    assert np.std(reading[~off]) == pytest.approx(10, abs=0.3)
    assert np.abs(reading[off] - 128).mean() == pytest.approx(60, abs=2)


def test_the_chips_learn_their_tasks_in_forty_bytes() -> None:
    """The short form: ten seeds, thresholds as far below the published figures as that asks for."""
    with ThreadPoolExecutor(2) as executor:
        rows, elfs = bench_tasks(executor, seeds=10)
    assert len(rows) == len(ENTRIES) == len(elfs)
    assert all(set(row) == KEYS and row["seeds"] == 10 for row in rows)
    by_name = {(row["task"], row["learner"]): row for row in rows}
    for name in [("linear", "bayes"), ("anomaly", "anomaly"), ("rules", "rules")]:
        assert by_name[name]["sram_high_water"] <= 40
        assert by_name[name]["p5"] >= 85
    assert by_name["linear", "bayes"]["accuracy_clean"] >= 95
    assert by_name["diagonal", "bayes"]["accuracy_clean"] >= 95
    assert by_name["anomaly", "anomaly"]["accuracy_balanced"] >= 96
    assert by_name["rules", "rules"]["accuracy_clean"] >= 97
    pair = by_name["patches", "pair"]["accuracy_clean"]
    assert pair > by_name["patches", "bayes"]["accuracy_clean"]
