# SPDX-License-Identifier: GPL-3.0-or-later
"""Recordings and streams from the files of aeon and river, and learning from them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from river import datasets as published
from typer.testing import CliRunner

from kilolearn import sensor_datasets
from kilolearn.cli import app
from kilolearn.errors import DatasetError, MissingExtraError
from kilolearn.learner import Answers, Labels, Samples
from kilolearn.outcome import train_and_test
from kilolearn.prequential import stream_scale, train_prequentially
from kilolearn.quantise import InputScale
from kilolearn.recipes import recipe_for
from kilolearn.recordings import fit_recordings
from kilolearn.sensor_datasets import load_stream, load_windows, read_ts
from kilolearn.twin import Twin
from kilolearn.weights import load_model
from kilolearn.windows import WindowLearner, pack_windows


class Spy(Twin):
    """A twin that remembers in which order it is asked."""

    def __init__(self, app: str, config: str) -> None:
        super().__init__(app, config)
        self.seen: list[object] = []

    def set_rate(self, shift: int) -> None:
        self.seen.append(("rate", shift))
        super().set_rate(shift)

    def train_many(self, samples: Samples, labels: Labels) -> Answers:
        self.seen.append(len(samples))
        return super().train_many(samples, labels)


def test_the_parts_are_the_published_ones() -> None:
    shapes = {}
    for name in ("BasicMotions", "ItalyPowerDemand", "JapaneseVowels"):
        parts = load_windows(name)
        steps = [len(window) for part in parts for window in part.windows]
        shapes[name] = (
            *(len(part.windows) for part in parts),
            parts[0].windows[0].shape[1],
            parts[0].classes,
            min(steps),
            max(steps),
        )
    assert shapes == {
        "BasicMotions": (40, 40, 6, 4, 100, 100),
        "ItalyPowerDemand": (67, 1029, 1, 2, 24, 24),
        "JapaneseVowels": (270, 370, 12, 9, 7, 29),
    }


def test_a_stream_is_that_of_river() -> None:
    for name, own in (("phishing", published.Phishing()), ("bananas", published.Bananas())):
        stream = load_stream(name)
        rows = [([*sample.values()], int(label)) for sample, label in own]
        assert np.array_equal(stream.features, [row[0] for row in rows])
        assert np.array_equal(stream.labels, [row[1] for row in rows])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("@classLabel true a b\n@data\n", "0 windows"),
        ("@data\n1,2:a\n", "line 2 is no window"),
        ("@classLabel true a\n@data\n1,2:3:a\n", "line 3 is no window"),
        ("@classLabel true a\n@data\n1,?:a\n", "line 3 is no window"),
        ("@classLabel true a\n@data\n1,nan:a\n", "missing values"),
        ("@classLabel true a\n@data\n1,2:b\n", "line 3 is no window"),
    ],
)
def test_a_damaged_file_is_refused_with_its_line(tmp_path: Path, text: str, found: str) -> None:
    path = tmp_path / "X_TRAIN.ts"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DatasetError, match=found):
        read_ts(path)


def test_absent_packages_and_sets_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DatasetError, match="aeon ships"):
        load_windows("NoSuchSet")
    with pytest.raises(DatasetError, match="expected bananas, phishing"):
        load_stream("apples")
    monkeypatch.setattr(sensor_datasets.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match="pip install --no-deps aeon"):
        load_windows("BasicMotions")
    with pytest.raises(MissingExtraError, match="pip install river"):
        load_stream("phishing")


def test_windows_are_packed_with_their_length_and_cut_at_the_longest() -> None:
    scale = InputScale(np.zeros(2), np.full(2, 10.0), 255)
    short, long = np.array([[0.0, 10.0]]), np.full((5, 2), 5.0)
    packed = pack_windows([short, long], scale, steps_max=3)
    assert packed.tolist() == [[1, 0, 255, 0, 0, 0, 0], [3, *[128] * 6]]


def test_an_empty_window_and_an_empty_stream_are_refused() -> None:
    windows = WindowLearner(Twin("softmax", "basic_motions"), 100)
    with pytest.raises(DatasetError, match="no steps"):
        windows.infer(np.zeros(601, np.uint8))
    with pytest.raises(DatasetError, match="empty"):
        train_prequentially(
            Twin("softmax", "phishing"), np.zeros((0, 9), np.uint8), np.zeros(0, int), (), 1
        )


def test_a_pass_answers_each_sample_before_it_learns_it_and_lowers_the_rate_on_time() -> None:
    twin, plain = Spy("softmax", "phishing"), Twin("softmax", "phishing")
    stream = load_stream("phishing")
    samples = stream_scale(stream, 2).apply(stream.features)
    run = train_prequentially(twin, samples[:200], stream.labels[:200], (10, 150, 900), seed=4)
    assert twin.seen == [10, ("rate", 1), 54, 64, 22, ("rate", 2), 42, 8]

    plain.reset(4)
    predictions = []
    for i in range(200):
        if i in (10, 150):
            plain.set_rate((10, 150).index(i) + 1)
        predictions.append(plain.infer(samples[i]).prediction)
        plain.train(samples[i], int(stream.labels[i]))
    assert run.answers.predictions.tolist() == predictions
    assert run.weights == plain.read_weights()
    assert run.accuracy == 100 * np.mean(predictions == stream.labels[:200])


def test_the_scale_of_a_stream_is_that_of_its_first_tenth() -> None:
    stream = load_stream("bananas")
    first = stream.features[:530]
    levels = stream_scale(stream, 255).apply(stream.features)
    assert levels[:530].min(0).tolist() == [0, 0]
    assert levels[:530].max(0).tolist() == [255, 255]
    beyond = stream.features > first.max(0)
    assert beyond.any()
    assert np.all(levels[beyond] == 255)


def test_the_bench_prints_its_row() -> None:
    arguments = [
        "bench",
        "sensors",
        "--json",
        "--jobs",
        "1",
        "--dataset",
        "Phishing",
        "--seeds",
        "2",
    ]
    printed = CliRunner().invoke(app, arguments)
    assert printed.exit_code == 0, printed.output
    (row,) = json.loads(printed.stdout.splitlines()[-1])["rows"]
    assert row["accuracy"] == pytest.approx(np.mean(row["accuracies"]), abs=1e-3)
    assert min(row["accuracies"]) == row["accuracy_min"] >= 89
    assert len(row["accuracies"]) == 2
    assert row["accuracy"] > row["reference_accuracy"]
    assert row["sram_high_water"] <= 300
    assert row["same_as_twin"] is True


def test_an_unknown_data_set_is_refused() -> None:
    printed = CliRunner().invoke(app, ["bench", "sensors", "--dataset", "Nothing"])
    assert printed.exit_code == 2
    assert "choose of BasicMotions" in " ".join(printed.output.split())


def test_train_answers_a_stream_before_it_learns_it_and_saves_the_model(tmp_path: Path) -> None:
    about = ["train", "softmax", "--config", "phishing", "--data", "phishing"]
    about += ["--mcu", "attiny1634", "--seed", "0"]
    printed = CliRunner().invoke(app, [*about, "--prequential", "--save", str(tmp_path / "p.npz")])
    assert printed.exit_code == 0, printed.output
    stream, twin = load_stream("phishing"), Twin("softmax", "phishing")
    samples = stream_scale(stream, 2).apply(stream.features)
    run = train_prequentially(twin, samples, stream.labels, (64, 200, 600), seed=0)
    assert f"{run.accuracy:.2f} % right on 1250 samples" in printed.stdout
    assert load_model(tmp_path / "p.npz").weights == run.weights


def test_train_takes_recordings_by_name_with_their_published_parts() -> None:
    about = ["train", "lvq", "--config", "italy_power", "--data", "italy_power"]
    printed = CliRunner().invoke(app, [*about, "--mcu", "attiny1634", "--epochs", "1"])
    assert printed.exit_code == 0, printed.output
    assert " % right on 1029 unseen samples of italy_power" in printed.stdout


def test_whole_windows_are_learned_step_by_step() -> None:
    train, test = load_windows("BasicMotions")
    learner, parts = fit_recordings(Twin("softmax", "basic_motions"), train, test)
    assert learner.description.inputs == 601
    assert parts.train_samples.shape == parts.test_samples.shape == (40, 601)
    assert train_and_test(learner, parts, recipe_for("motions", 0, 5)).accuracy >= 90


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["phishing", "--data", "basic_motions"], "takes uint8"),
        (["phishing", "--data", "italy_power", "--prequential"], "--prequential"),
        (["phishing", "--data", "phishing", "--prequential", "--epochs", "2"], "--epochs"),
        (["phishing", "--data", "phishing", "--label", "3"], "knows its classes"),
        (["bananas", "--data", "phishing", "--prequential"], "takes uint8"),
    ],
)
def test_what_train_cannot_do_is_said_without_a_traceback(arguments: list[str], said: str) -> None:
    about = ["train", "softmax", "--mcu", "attiny1634", "--config", *arguments]
    printed = CliRunner().invoke(app, about)
    assert printed.exit_code != 0
    told = printed.output if printed.exit_code == 2 else str(printed.exception)
    assert said in told
    assert printed.exit_code == 2 or isinstance(printed.exception, DatasetError)


def test_the_chip_beats_the_float_model_on_italy_power_demand() -> None:
    arguments = ["bench", "sensors", "--json", "--jobs", "1", "--dataset", "ItalyPowerDemand"]
    printed = CliRunner().invoke(app, [*arguments, "--seeds", "8"])
    assert printed.exit_code == 0, printed.output
    (row,) = json.loads(printed.stdout.splitlines()[-1])["rows"]
    assert row["accuracy"] >= 96.5 > row["reference_accuracy"]
    assert row["sram_high_water"] <= 120
    assert row["same_as_twin"] is True
