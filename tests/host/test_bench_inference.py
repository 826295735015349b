# SPDX-License-Identifier: GPL-3.0-or-later
"""The inference benchmark: what it counts, and what it says of peers that cannot."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

from kilolearn.bench_inference import InferenceJob, InferenceResult, run_job, summarise
from kilolearn.errors import BuildError
from kilolearn.inference_peers import MCU, SYSTEMS, Task, build_image
from kilolearn.measure import run_inference

SAMPLES = np.arange(40, dtype=np.uint8)[:, None]
FIGURES = {"accuracy": 90.0, "agreement": 99.0, "flash": 200, "sram_high_water": 20,
           "cycles": 10.0, "cycles_max": 12, "answers_differing": 0}  # fmt: skip


def needs(peer: str) -> pytest.MarkDecorator:
    absent = importlib.util.find_spec(peer) is None
    return pytest.mark.skipif(absent, reason=f"{peer} comes with ./dev bench")


def chip_answers(system: str, task: Task, folder: Path) -> np.ndarray:
    return run_inference(build_image(system, task, folder), MCU, SAMPLES).answers


def test_a_job_counts_the_answers_of_the_chip(tmp_path):
    model = DecisionTreeClassifier(random_state=0).fit(SAMPLES, SAMPLES[:, 0] > 17)
    labels = (SAMPLES[:, 0] > 21).astype(int)  # the model is wrong on four
    job = InferenceJob("iris", "tree", "kilolearn", 3, Task(model, SAMPLES, 63, 2), SAMPLES,
                       labels, tmp_path)  # fmt: skip
    result = run_job(job)
    assert (result.status, result.seed) == ("ok", 3)
    assert result.figures["accuracy"] == 90
    assert result.figures["agreement"] == 100
    assert result.figures["answers_differing"] == 0
    assert 8 <= result.figures["cycles"] <= result.figures["cycles_max"] <= 20
    assert 100 < result.figures["flash"] < 250
    assert 2 < result.figures["sram_high_water"] < 12


def test_one_failed_split_leaves_a_row_without_figures_but_with_the_reason():
    good = InferenceResult("iris", "tree", "m2cgen", 0, "ok", FIGURES)
    other = FIGURES | {"accuracy": 80.0, "flash": 260, "answers_differing": 2}
    worse = InferenceResult("iris", "tree", "m2cgen", 1, "ok", other)
    (row,) = summarise([good, worse])
    assert row == {"dataset": "iris", "model": "tree", "system": "m2cgen", "status": "ok",
                   **FIGURES, "accuracy": 85.0, "flash": 260, "answers_differing": 2,
                   "same_as_model": False, "splits": 2}  # fmt: skip
    (row,) = summarise([good, InferenceResult("iris", "tree", "m2cgen", 1, "does not fit", {})])
    assert row["status"] == "does not fit"
    assert {row[key] for key in (*FIGURES, "same_as_model")} == {None}


def test_what_does_not_fit_or_build_says_so_without_paths(tmp_path):
    wide = np.zeros((2, 250), np.uint8)
    model = LogisticRegression().fit([[0.0] * 250, [1.0] * 250], [0, 1])
    with pytest.raises(BuildError, match=r"^does not fit into the SRAM of the attiny13a$"):
        build_image("kilolearn", Task(model, wide, 1, 2), tmp_path, "attiny13a")


@needs("emlearn")
def test_emlearn_truncates_the_thresholds_of_trees(tmp_path):
    """Between 17 and 18, ``x <= 17.5`` becomes ``x < 17``."""
    model = DecisionTreeClassifier(random_state=0).fit(SAMPLES, SAMPLES[:, 0] > 17)
    task = Task(model, SAMPLES, 63, 2)
    assert np.flatnonzero(chip_answers("emlearn", task, tmp_path) != model.predict(SAMPLES)) == [17]
    ours = chip_answers("kilolearn", task, tmp_path / "ours")
    np.testing.assert_array_equal(ours, model.predict(SAMPLES))


@needs("micromlgen")
def test_micromlgen_inverts_the_labels_of_binary_logistic_regression(tmp_path):
    model = LogisticRegression(C=100).fit(SAMPLES, SAMPLES[:, 0] > 17)
    task = Task(model, SAMPLES, 63, 2)
    theirs = chip_answers("micromlgen", task, tmp_path)
    assert np.mean(theirs != model.predict(SAMPLES)) > 0.9
    ours = chip_answers("kilolearn", task, tmp_path / "ours")
    np.testing.assert_array_equal(ours, model.predict(SAMPLES))


def test_the_systems_are_ours_and_three_peers():
    assert list(SYSTEMS) == ["kilolearn", "emlearn", "m2cgen", "micromlgen"]
