# SPDX-License-Identifier: GPL-3.0-or-later
"""Generated streams are what they are said to be, and their benchmark ends with one JSON object."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest

from kilolearn import streams
from kilolearn.errors import DatasetError


@pytest.mark.parametrize("concept", streams.CONCEPTS)
def test_a_seed_fixes_a_stream(concept):
    first, again, other = (streams.generate(concept, seed, 127, 300) for seed in (4, 4, 5))
    np.testing.assert_array_equal(first.samples, again.samples)
    np.testing.assert_array_equal(first.labels, again.labels)
    assert not np.array_equal(first.samples, other.samples)
    assert first.samples.shape == (300, 2)
    assert first.samples.max() <= 127
    assert 0.15 < first.test_labels.mean() < 0.6


def test_one_label_in_twenty_is_wrong():
    noisy = streams.generate("xor", 1, 255, 4000)
    clean = streams.generate("xor", 1, 255, 4000, noise=0.0)
    assert 0.04 < np.mean(noisy.labels != clean.labels) < 0.06
    high = clean.samples > 127
    assert np.mean((high[:, 0] ^ high[:, 1]) == clean.labels) > 0.98


def test_drift_turns_in_the_middle():
    stream = streams.generate("drift", 2, 255, 2000, noise=0.0)
    high = stream.samples > 127
    assert np.mean(high[:1000, 0] == stream.labels[:1000]) > 0.98
    assert np.mean(high[1000:, 1] == stream.labels[1000:]) > 0.98
    assert np.mean((stream.test_samples > 127)[:, 1] == stream.test_labels) > 0.98


def test_classes_come_one_after_another_and_none_of_the_test_part():
    stream = streams.class_after_class("wine", 3, 63)
    assert np.all(np.diff(stream.labels) >= 0)
    mixed = streams.once_through("wine", 3, 63)
    assert np.any(np.diff(mixed.labels) < 0)
    assert sorted(map(bytes, mixed.samples)) == sorted(map(bytes, stream.samples))
    assert len(stream.samples) + len(stream.test_samples) == 178


@pytest.mark.parametrize(("concept", "samples"), [("moons", 10), ("xor", 0)])
def test_an_impossible_stream_is_refused(concept, samples):
    with pytest.raises(DatasetError, match="expected"):
        streams.generate(concept, 0, 255, samples)


def kilolearn(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "kilolearn", "bench", "streams", *arguments],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_bench_streams_ends_with_one_json_object():
    options = ["--json", "--seeds", "2", "--jobs", "1", "--config", "tree-iris"]
    done = kilolearn(*options, "--config", "replay-iris_4")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["bench"] == "streams"
    assert [row["config"] for row in told["rows"]] == ["tree-iris", "replay-iris_4"]
    for row in told["rows"]:
        assert row["bit_exact_with_twin"]
        assert (row["seeds"], row["seeds_on_chip"]) == (2, 1)
        assert 0 < row["sram_high_water"] <= 310
        assert row["accuracy"] > row["baseline_accuracy"] - 10
        assert len(row["curve"]) == 10


def test_bench_streams_names_what_there_is():
    done = kilolearn("--config", "forest")
    assert done.returncode == 2
    assert "tree-plane" in done.stderr
    assert "Traceback" not in done.stderr
