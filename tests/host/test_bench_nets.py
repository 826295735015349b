# SPDX-License-Identifier: GPL-3.0-or-later
"""The bench of nets: its rows have their keys, a chip's costs, and the twin's bits."""

from __future__ import annotations

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from kilolearn import firmware
from kilolearn.cli import app
from kilolearn.measure import open_emulated

KEYS = {
    "learner", "task", "accuracy", "accuracy_min", "baseline", "baseline_accuracy",
    "reference_accuracy", "seeds", "chip", "sram_high_water", "flash", "cycles_train",
    "cycles_infer", "bit_exact_with_twin",
}  # fmt: skip


def run(*arguments: str) -> dict:
    done = CliRunner().invoke(app, [*arguments, "--json"])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout.splitlines()[-1])


def test_a_row_has_its_keys_and_the_chip_the_twins_bits() -> None:
    answer = run("bench", "nets", "--seeds", "1", "--task", "xor", "--jobs", "1")
    (row,) = answer["rows"]
    assert answer["bench"] == "nets"
    assert set(row) == KEYS
    assert row["bit_exact_with_twin"]
    assert row["accuracy"] == 100
    assert row["baseline_accuracy"] <= 75
    assert 0 < row["sram_high_water"] <= 1024
    assert 0 < row["flash"] <= 16384
    assert row["cycles_train"] > row["cycles_infer"] > 100


def test_an_unknown_task_is_bad_usage() -> None:
    done = CliRunner().invoke(app, ["bench", "nets", "--task", "chess"])
    assert done.exit_code == 2
    assert "choose of xor" in done.output


@pytest.mark.parametrize("learner", ["distil", "federate", "meta"])
def test_neither_chip_nor_port_is_an_error_of_ours(learner: str) -> None:
    arguments = ["--ports", "loop://", "--ports", "loop://"] if learner == "federate" else []
    done = CliRunner().invoke(app, [learner, *arguments])
    assert type(done.exception).__name__ == "PortError"


def test_two_chips_federate_from_the_command_line() -> None:
    answer = run("federate", "--config", "wine", "--data", "wine", "--chips", "2", "--rounds", "1")
    (row,) = answer["rows"]
    assert row["chips"] == 2
    assert 0 <= row["accuracy"] <= 100


def test_a_chip_is_taught_from_the_command_line() -> None:
    answer = run(
        "distil", "--config", "wine", "--data", "wine", "--mcu", "atmega168p", "--epochs", "2"
    )
    assert answer["rows"][0]["labels"] == 142


def test_a_lesson_on_the_chip_can_be_timed() -> None:
    """By its name: the linker must not have renamed learner_teach."""
    mcu = "attiny1634"
    with open_emulated(firmware.build("mlp", mcu, "wine"), mcu) as emulated:
        steps = emulated.chip.time("learner_teach")
        emulated.link.teach(np.full(13, 9, np.uint8), np.array([255, 0, 0], np.uint8))
        assert steps.calls == 1
        assert steps.cycles_mean > 1000
