# SPDX-License-Identifier: GPL-3.0-or-later
"""The programs in examples/python: plain Python, in the subset, and they learn.

The bounds are looser than the benchmark's figures, since a few draws stand for two hundred.
"""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from kilolearn.example_programs import EXAMPLES, examples_folder, perceptron_input
from kilolearn.python_subset import oracle
from kilolearn.python_subset.devices import Devices

LEAST = {
    ("averaged_perceptron", "linear"): 90,
    ("averaged_perceptron", "diagonal"): 90,
    ("bayes", "linear"): 93,
    ("bayes", "diagonal"): 93,
    ("anomaly", "anomaly"): 96,
    ("rules", "rules"): 95,
    ("replay", "linear"): 65,
}
SEEDS = range(20_000, 20_020)

CHIP_PY = """
import sys
_bytes = iter(sys.stdin.buffer.read())
_state = [1]
def read(): return next(_bytes)
def emit(value): print(int(value))
def seed(value): _state[0] = value
def random():
    x = _state[0]
    x ^= x << 7 & 0xFFFF
    x ^= x >> 9
    x ^= x << 8 & 0xFFFF
    _state[0] = x
    return x & 0xFF
"""


def accuracy(example, source: str) -> float:
    """Percent, the mean over some draws."""
    shares = []
    for seed in SEEDS:
        stream, given = example.draw(seed)
        run = oracle.run(source, str(example.path), Devices(given))
        assert run.error is None
        shares.append(example.judge(run.outputs, stream))
    return 100 * float(np.mean(shares))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: f"{e.program}-{e.task}")
def test_an_example_learns_its_task(example):
    assert accuracy(example, example.path.read_text()) >= LEAST[example.program, example.task]


def test_without_its_memory_the_replay_forgets_the_first_class():
    (example,) = (e for e in EXAMPLES if e.program == "replay")
    source = example.path.read_text()
    without = source.replace("replay(min(step, KEPT))", "replay(0)")
    assert without != source
    assert accuracy(example, without) < accuracy(example, source) - 10


@pytest.mark.parametrize("path", sorted(examples_folder().glob("*.py")), ids=lambda p: p.stem)
def test_an_example_is_plain_python(path, tmp_path):
    """Python itself runs it, with a module `chip` of a dozen lines."""
    (tmp_path / "chip.py").write_text(CHIP_PY)
    given = next((e.draw(3)[1] for e in EXAMPLES if e.path == path), perceptron_input(100))
    command = [sys.executable, str(path)]
    done = subprocess.run(
        command, input=given, capture_output=True, env={"PYTHONPATH": str(tmp_path)}
    )
    assert done.stderr == b""
    run = oracle.run(path.read_text(), str(path), Devices(given))
    assert [int(line) for line in done.stdout.split()] == list(run.outputs)
