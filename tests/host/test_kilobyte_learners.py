# SPDX-License-Identifier: GPL-3.0-or-later
"""The learners' rows of ``kilolearn bench kilobyte``, in their short form."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np

from kilolearn import kilobyte_learners
from kilolearn.bench_kilobyte import bench_kilobyte
from kilolearn.bench_tasks import TaskRun, run_task
from kilolearn.kilobyte_learners import LEARNERS

KEYS = {"image", "chip", "flash", "sram_high_water", "seeds", "converged", "cycles_median"}
KEYS |= {"wraps", "accuracy"}


def test_every_learner_learns_within_the_smallest_chip():
    """The least accuracy is far below the published one: three seeds are few."""
    least = {"stump": 70, "anomaly": 85, "recall": 95}
    with ThreadPoolExecutor(2) as executor:
        rows, elfs = bench_kilobyte(executor, LEARNERS, seeds=3)
    assert len(rows) == len(LEARNERS) == len(elfs)
    for row in rows:
        assert set(row) == KEYS
        assert row["chip"] == "attiny13a"
        assert row["flash"] <= 1_024
        assert row["sram_high_water"] <= 64
        assert row["accuracy"] >= least.get(row["image"], 80)
        assert row["wraps"] in (0, None)
    by_name = {row["image"]: row for row in rows}
    assert by_name["perceptron"]["accuracy"] == by_name["perceptron_in_c"]["accuracy"]
    assert by_name["perceptron"]["wraps"] == by_name["recall"]["wraps"] == 0
    assert by_name["perceptron"]["flash"] <= 278


def test_a_number_that_wrapped_is_counted(monkeypatch):
    """A sum that lost its highest byte on the chip."""

    def wrapped(*arguments: object) -> TaskRun:
        done = run_task(*arguments)
        model = np.frombuffer(done.model, np.uint8).copy()
        model[9 + 2] ^= 1
        return replace(done, model=model.tobytes())

    monkeypatch.setattr(kilobyte_learners, "run_task", wrapped)
    perceptron = LEARNERS[0]
    assert perceptron.measure("attiny13a", perceptron.build("attiny13a"), 1)["wraps"] == 1
