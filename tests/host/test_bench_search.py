# SPDX-License-Identifier: GPL-3.0-or-later
"""The search's benchmark: what its rows say."""

from __future__ import annotations

import pytest

from kilolearn import bench_search
from kilolearn.bench_search import bench_executors, bench_samplers
from kilolearn.search.executors import Here


def test_a_row_of_samplers_counts_paired_searches(monkeypatch):
    volumes = iter([0.9, 0.5, 0.8, 0.6, 0.4, 0.7])
    monkeypatch.setattr(bench_search, "FAMILIES", ("score",))
    monkeypatch.setattr(bench_search, "_volume", lambda problem, found: next(volumes))
    (row,) = bench_samplers(Here(), ["wine"], seeds=3, trials=2)
    assert row == {
        "part": "samplers", "dataset": "wine", "seeds": 3, "trials": 2, "reference_flash": 512,
        "nsga2": 0.7, "random": 0.6, "nsga2_wins": 2, "p_value": 0.375, "duplicates": 0.0,
    }  # fmt: skip


def test_the_volume_is_a_share_of_the_box(monkeypatch):
    """One front point: half of the errors of the majority's, at a quarter of the flash."""
    monkeypatch.setattr(bench_search, "objectives", lambda trial, *_: (trial, 128.0))
    problem = bench_search._problem("iris")
    wrong = 100 - problem.majority_accuracy

    class Found:
        front = (wrong / 2,)

    assert bench_search._volume(problem, Found()) == pytest.approx(0.5 * 0.75)


def test_samplers_that_are_the_same_are_no_evidence():
    assert bench_search._p_value([0.5] * 4, [0.5] * 4) == 1
    # All ten of ten larger: one of 2^10 signs.
    assert bench_search._p_value([1 + n for n in range(10)], [0] * 10) == pytest.approx(
        2**-10, abs=1e-5
    )


@pytest.mark.long
def test_executors_find_the_same_and_are_timed():
    rows = bench_executors(trials=10, rounds=1)
    assert [(row["dataset"], row["executor"], row["workers"]) for row in rows] == [
        (dataset, executor, workers)
        for dataset in ("iris", "breast_cancer")
        for executor in ("processes", "dask")
        for workers in (1, 2)
    ]
    assert all(row["trials"] == 10 for row in rows)
    assert all(row["speedup"] == 1 for row in rows[::2])
