# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line, as its users meet it: a process of its own for all that takes a while."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest
import skops.io
from sklearn.linear_model import LogisticRegression

from kilolearn import datasets, firmware
from kilolearn.bench_xor import has_learned
from kilolearn.cli import main
from kilolearn.emulator import port_url
from kilolearn.outcome import train_and_test
from kilolearn.quantise import QuantisedSplit
from kilolearn.recipes import recipe_for
from kilolearn.twin import Twin


def kilolearn(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "kilolearn", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


@pytest.fixture
def cloud(tmp_path, probe_samples):
    """The probe learner's three clouds as a CSV."""
    samples, labels = probe_samples
    path = tmp_path / "cloud.csv"
    rows = [[*sample, "abc"[label]] for sample, label in zip(samples, labels, strict=True)]
    path.write_text("".join(",".join(map(str, row)) + "\n" for row in rows))
    return path


@pytest.mark.parametrize(
    "command",
    [
        [],
        ["build"],
        ["train"],
        ["infer"],
        ["weights", "read"],
        ["demo"],
        ["bench"],
        ["export"],
        ["compress"],
    ],
)
def test_every_command_explains_itself(monkeypatch, capsys, command):
    monkeypatch.setattr(sys, "argv", ["kilolearn", *command, "--help"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0
    assert "Usage" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["build", "absent", "--mcu", "attiny1634"], "choose APP="),
        (["build", "probe_learner", "--mcu", "z80"], "choose MCU="),
        (["train", "probe_learner", "--data", "absent", "--mcu", "attiny1634"], "breast_cancer"),
        (["train", "probe_learner", "--data", "iris"], "--port"),
        (["train", "probe_learner", "--data", "iris", "--mcu", "attiny1634"], "takes uint8"),
        (["train", "absent", "--data", "iris", "--port", "/dev/absent"], "choose APP="),
        (["train", "probe_learner", "--data", "iris", "--port", "/dev/absent"], "cannot be opened"),
        (["train", "probe_learner", "--data", "iris", "--port", "avrsim://z80/x.elf"], "z80"),
        (["infer", "digits", "--data", "iris", "--weights", "absent.npz"], "no such file"),
        (["weights", "write", "absent.npz", "--port", "loop://"], "no such file"),
        (["weights", "read", "w.npz", "--port", "loop://", "--timeout", "0.01"], "answered by"),
        (["train", "digits", "--data", "iris", "--epochs", "0"], "--epochs"),
        (["train", "digits", "--data", "iris", "--epochs", str(10**23)], "--epochs"),
        (["train", "stream_pair", "--data", "iris", "--mcu", "attiny85"], "takes no samples"),
        (
            ["distil", "dense", "--config", "iris", "--data", "iris", "--mcu", "attiny1634"],
            "takes labels only",
        ),
        (["bench", "speed"], "No such command"),
        (["bench", "inference", "--dataset", "absent"], "choose of iris"),
        (["export", "absent.skops"], "no such file"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_bad_input_is_one_message_and_exit_code_2(monkeypatch, capsys, arguments, message):
    monkeypatch.setattr(sys, "argv", ["kilolearn", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert message in capsys.readouterr().err


def test_build_names_the_image_and_what_it_takes():
    done = kilolearn("build", "probe_learner", "--mcu", "attiny1634")
    assert done.returncode == 0, done.stderr
    assert str(firmware.build("probe_learner", "attiny1634")) in done.stdout
    assert "flash" in done.stdout
    assert "avr-gcc" in done.stdout


def expected_accuracy(path, epochs, seed):
    """The same through the library, on the native twin."""
    twin = Twin("probe_learner")
    split = QuantisedSplit.of(datasets.split(datasets.load(path), seed), 15)
    recipe = recipe_for("probe", seed, epochs)
    return train_and_test(twin, split, recipe).accuracy


def test_a_chip_trains_saves_restores_and_infers(cloud, tmp_path):
    saved = tmp_path / "model.npz"
    about = ["probe_learner", "--data", cloud, "--mcu", "attiny1634"]
    trained = kilolearn("train", *about, "--epochs", "3", "--seed", "4", "--save", saved)
    assert trained.returncode == 0, trained.stderr
    accuracy = f"{expected_accuracy(cloud, epochs=3, seed=4):.2f}"
    assert f"{accuracy} % right on 60 unseen samples of cloud" in trained.stdout
    assert "its native twin gives the same bits; values saturated 0 times" in trained.stdout

    inferred = kilolearn("infer", *about, "--weights", saved)
    assert inferred.returncode == 0, inferred.stderr
    assert inferred.stdout.startswith(f"{accuracy} % right on 60 samples (unseen)")

    again = kilolearn("train", *about, "--epochs", "1", "--seed", "4", "--restore", saved)
    assert again.returncode == 0, again.stderr

    other = kilolearn("infer", "digits", "--data", "digits", "--mcu", "attiny1634",
                      "--weights", saved)  # fmt: skip
    assert other.returncode == 2
    assert "these weights belong to probe" in other.stderr


def test_weights_are_read_off_a_chip_and_written_back(tmp_path):
    url = port_url(firmware.build("probe_learner", "attiny1634"), "attiny1634")
    saved = tmp_path / "weights.npz"
    assert kilolearn("weights", "read", saved, "--port", url).returncode == 0
    done = kilolearn("weights", "write", saved, "--port", url)
    assert done.returncode == 0, done.stderr
    assert "wrote 42 bytes of weights of probe" in done.stdout


def test_a_model_on_disk_becomes_two_files(tmp_path):
    iris = datasets.load("iris")
    skops.io.dump(
        LogisticRegression(max_iter=1000).fit(iris.features, iris.labels), tmp_path / "iris.skops"
    )
    done = kilolearn("export", tmp_path / "iris.skops", "--data", "iris", "--name", "flower",
                     "--out", tmp_path)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [f"{tmp_path}/flower.c", f"{tmp_path}/flower.h"]
    assert "uint8_t flower_predict(const uint8_t *sample)" in (tmp_path / "flower.c").read_text()


def test_a_place_for_the_model_is_checked_before_training(cloud, tmp_path):
    done = kilolearn("train", "probe_learner", "--data", cloud, "--mcu", "attiny1634",
                     "--save", tmp_path / "absent" / "model.npz")  # fmt: skip
    assert done.returncode == 2
    assert "absent" in done.stderr
    assert "epoch" not in done.stdout


def test_bench_digits_ends_with_one_json_object():
    done = kilolearn("bench", "digits", "--json", "--splits", "1", "--epochs", "1")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["bench"] == "digits"
    assert told["environment"]["chip_compiler"].startswith("avr-gcc")
    assert "-mmcu=atmega168p" in told["environment"]["chip_flags"]["atmega168p"]
    assert [row["chip"] for row in told["rows"]] == ["attiny1634", "atmega168p", "attiny85"]
    for row in told["rows"]:
        assert row["bit_exact_with_twin"] is True
        assert 50 < row["accuracy_min"] <= row["accuracy_mean"] <= 100
        assert 0 < row["sram_high_water"] <= (500 if row["chip"] == "attiny85" else 900)
        assert 0 < row["flash"] <= 16384
        assert 0 < row["cycles_infer"] < row["cycles_train_mean"]
    accuracies = {tuple(row["accuracies"]) for row in told["rows"] if row["learner"] == "digits"}
    assert len(accuracies) == 1  # the same bits on both chips


def test_bench_xor_ends_with_one_json_object():
    done = kilolearn("bench", "xor", "--json", "--seeds", "6", "--jobs", "1")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["bench"] == "xor"
    assert [row["chip"] for row in told["rows"]] == ["attiny1634", "atmega328p"]
    for row in told["rows"]:
        assert row["success_rate"] == 1.0
        assert row["seeds"] == 6
        assert row["steps_median"] > 4
        assert row["cycles_train"] > 0


def test_without_json_the_last_line_is_a_table():
    done = kilolearn("bench", "xor", "--seeds", "2", "--jobs", "1")
    assert done.returncode == 0, done.stderr
    assert "{" not in done.stdout
    assert "success_rate" in done.stdout


def test_the_demonstration_ends_with_what_it_took():
    done = kilolearn("demo", "--epochs", "3", "--mcu", "atmega168p")
    assert done.returncode == 0, done.stderr
    assert "same bits" in done.stdout
    assert "LogisticRegression" in done.stdout
    assert "SRAM, high-water" in done.stdout


UNIT = np.dtype(
    [("weight", "i1", 2), ("bias", "i1"), ("output_weight", "i1"), ("activation", "i1")]
)
NETWORK = np.dtype([("hidden", UNIT, 3), ("output_bias", "i1")])


def test_a_network_that_computes_exclusive_or_is_seen_to():
    """h0 = and, h1 = or, as thresholds: xor = or and not and."""
    net = np.zeros((), NETWORK)
    net["hidden"]["weight"] = [[32, 32], [32, 32], [0, 0]]
    net["hidden"]["bias"] = [-32, 32, 0]
    net["hidden"]["output_weight"] = [-64, 64, 0]
    net["output_bias"] = -48
    assert has_learned(net)
    net["output_bias"] = 64
    assert not has_learned(net)
    assert not has_learned(np.zeros((), NETWORK))
