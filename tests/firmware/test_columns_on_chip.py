# SPDX-License-Identifier: GPL-3.0-or-later
"""avr/net/columns.S on chips with and without MUL against wide integers, and against its C."""

from __future__ import annotations

import json

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from typer.testing import CliRunner

from kilolearn import firmware
from kilolearn.cli import app
from kilolearn.measure import run_kernels

LIMIT, INPUT_MAX, DRAWS = 120, 31, 20


@pytest.mark.parametrize("mcu", ["attiny1634", "atmega168p"])
def test_assembly_equals_exact_arithmetic_and_its_c(mcu: str) -> None:
    """Zeros, extremes and random values; a window's true sums stay in 16 bits."""
    elf = firmware.build("probe_kernels", mcu)
    draw = np.random.default_rng(2)
    for number in range(DRAWS):
        weight = draw.integers(-LIMIT, LIMIT + 1, (41, 10))
        pixels = draw.integers(0, INPUT_MAX + 1, 64)
        if number < 4:
            weight[:] = (LIMIT, -LIMIT, 0, -128)[number]
            pixels[:] = (16, 16, INPUT_MAX, 1)[number]
        elif number % 2:
            pixels[draw.random(64) < 0.5] = 0
        sums, scores = run_kernels(elf, mcu, weight.astype(np.int8), pixels.astype(np.uint8))
        window = pixels.reshape(8, 8)[:4, :4].reshape(-1)
        exact = (window @ weight[:16]).astype(np.int64)
        for found in (sums.result_assembly, sums.result_c):
            assert_array_equal(exact.astype(np.int16), found.astype(np.int16))
        for found in (scores.result_assembly, scores.result_c):
            assert_array_equal((pixels[:41] @ weight) >> 4, found)


def test_bench_kernels_ends_with_one_json_object() -> None:
    done = CliRunner().invoke(app, ["bench", "kernels", "--json", "--draws", "2"])
    assert done.exit_code == 0, done.output
    rows = json.loads(done.stdout.splitlines()[-1])["rows"]
    assert len(rows) == 4
    assert all(row["equal"] and row["gain"] >= 1.5 for row in rows), rows
