# SPDX-License-Identifier: GPL-3.0-or-later
"""The compression benchmark: what it chooses, what a row says, and that peers answer by their C."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from kilolearn import compress_choice, compress_peers
from kilolearn.bench_compress import CompressRun, SystemRun, summarise
from kilolearn.classifier import kept
from kilolearn.classifier.cost import Cost
from kilolearn.classifier.table import Table
from kilolearn.compress_choice import (
    agreements,
    as_accurate,
    finalists,
    smallest,
    standard_error,
)
from kilolearn.search.evaluate import Problem, Trial, evaluate


@pytest.fixture(autouse=True)
def nothing_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(kept, "_seen", {})


def trial(flash: int, accuracy: float) -> Trial:
    return Trial({"flash": flash}, accuracy, (), Cost(flash, 1, 1.0, 1), None, None, 0.0)


REFUSED = Trial({"flash": 0}, 99.0, (), None, None, "does not fit", 0.0)


def test_the_smallest_that_is_worth_enough() -> None:
    trials = [trial(70, 97.0), REFUSED, trial(30, 97.0), trial(50, 97.0), trial(50, 98.0)]

    taken = smallest(trials, [99.0, 99.0, 94.0, 98.0, 98.5], 98.0)

    assert taken is trials[4]


def test_the_smallest_that_is_as_accurate_or_the_most_accurate() -> None:
    trials = [trial(90, 97.0), REFUSED, trial(30, 95.0), trial(50, 96.5)]

    assert as_accurate(trials, 96.0) is trials[3]
    assert as_accurate(trials, 99.5) is trials[0]


def test_a_standard_error_is_a_proportions() -> None:
    assert standard_error(trial(0, 90.0), 100) == pytest.approx(3.0)


def test_finalists_are_small_or_accurate_and_were_built(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compress_choice, "SMALLEST", 1)
    monkeypatch.setattr(compress_choice, "MOST_ACCURATE", 2)
    trials = [trial(40, 96.0), trial(60, 96.5), trial(90, 97.0), trial(20, 90.0), REFUSED]

    assert [one.genes["flash"] for one in finalists(trials)] == [40, 90, 60]


def test_agreement_is_with_the_answers_of_the_mark_and_not_with_the_labels() -> None:
    """A sum that copies a feature agrees wholly with a tree on it, where both are wrong, too."""
    random = np.random.default_rng(0)
    levels = random.integers(0, 2, (60, 2)).astype(np.uint8)
    labels = np.where(np.arange(60) % 5, levels[:, 0], 1 - levels[:, 0]).astype(np.int64)
    problem = Problem(Table(levels, labels, 2, 1, ("told", "noise")), "attiny85", folds=3)
    shared = {"ranking": "all", "level_bits": 1}
    mark = {"family": "tree", **shared, "tree.leaves": 2, "tree.leaf_samples": 1}
    score = {"score.terms": 1, "score.weight_max": 1, "score.ridge": "1", "score.by": "errors"}
    alike = evaluate(problem, {"family": "score", **shared, **score})

    assert alike.accuracy == pytest.approx(80, abs=1)
    assert agreements(problem, [alike, REFUSED], mark, 2) == [100, 0]


def run(seed: int, ours: int, theirs: int) -> CompressRun:
    def one(flash: int) -> SystemRun:
        return SystemRun(90.0 + seed, Cost(flash, flash // 10, 8.0, 9), "tree", 20, 2.0)

    reference = {"LogisticRegression": 90.0 + 4 * seed, "MLPClassifier": 91.0}
    return CompressRun("iris", seed, reference, {"kilolearn": one(ours), "emlearn": one(theirs)})


def test_a_row_is_of_all_splits() -> None:
    rows = summarise([run(1, 60, 200), run(0, 50, 300)])

    ours = next(row for row in rows if row["system"] == "kilolearn")
    assert ours == {
        "dataset": "iris",
        "system": "kilolearn",
        "accuracy": 90.5,
        "reference_accuracy": 92.0,
        "reference": "LogisticRegression",
        "flash": 60,
        "sram_high_water": 6,
        "cycles": 8.0,
        "trials": 40,
        "trials_per_s": 10.0,
        "model": ["tree", "tree"],
        "flashes": [50, 60],
        "accuracies": [90.0, 91.0],
        "splits": 2,
        "ratio": 5.0,
    }
    json.dumps(rows)


def test_a_peer_answers_by_its_own_c(monkeypatch: pytest.MonkeyPatch) -> None:
    """emlearn rounds thresholds, so its C and not scikit-learn's model is asked."""
    pytest.importorskip("emlearn")
    random = np.random.default_rng(0)
    levels = random.integers(0, 200, (90, 3)).astype(np.uint8)
    labels = (levels[:, 1] > 90).astype(np.int64) + (levels[:, 1] > 150)
    table = Table(levels, labels, 3, 255, ("a", "b", "c"))
    models = list(compress_peers._models(table, 0))[:2]
    monkeypatch.setattr(compress_peers, "_models", lambda _table, _seed: models)

    found = compress_peers.smallest_peer(table, "atmega328p", 3, 0, 80.0)

    taken, answers = found.cost("atmega328p", levels)
    assert found.model.name == "DecisionTree leaves=3"
    assert found.accuracy > 80
    assert np.mean(answers == labels) > 0.9
    assert taken.flash > 100
