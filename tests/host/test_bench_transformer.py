# SPDX-License-Identifier: GPL-3.0-or-later
"""``kilolearn bench transformer``: its rows, by a short text."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kilolearn.bench_transformer import CHIPS, bench_transformer
from kilolearn.charlm.coded import CodedText
from kilolearn.charlm.compressor import compress
from kilolearn.cli import app
from kilolearn.errors import DatasetError

KEYS = {
    "model",
    "chip",
    "weights_bytes",
    "flash",
    "sram_high_water",
    "bpc_float",
    "bpc_twin",
    "bpc_chip",
    "bpc_adapted",
    "cycles_per_char",
    "chars_per_s_16mhz",
    "bit_exact_with_twin",
}
LINES = b"First Citizen:\nWe are accounted poor citizens, the patricians good.\n\n" * 60


def test_a_row_a_model_and_chip(tmp_path: Path) -> None:
    text = tmp_path / "lines.txt"
    text.write_bytes(LINES)

    done = CliRunner().invoke(
        app, ["bench", "transformer", "--text", str(text), "--prefix", "10", "--json"]
    )

    assert done.exit_code == 0, done.output
    rows = json.loads(done.stdout.splitlines()[-1])["rows"]
    assert all(set(row) == KEYS for row in rows)
    on_chips = [row for row in rows if row["chip"]]
    assert [row["chip"] for row in on_chips] == [*sum(CHIPS.values(), ())]
    held_out = LINES[len(LINES) * 9 // 10 :]
    for row in on_chips:
        model = str(row["model"]).replace(" ", "_")
        coded = CodedText.unpack(compress(held_out, model)).code
        assert row["bpc_adapted"] == round(8 * len(coded) / len(held_out), 4)
        assert abs(row["bpc_twin"] - row["bpc_float"]) < 0.2
        assert row["bit_exact_with_twin"]
        assert row["sram_high_water"] <= 1_000
    for row in rows[len(on_chips) :]:
        assert row["bpc_float"] > 0
        assert row["weights_bytes"] <= 12_000


def test_a_text_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(DatasetError):
        bench_transformer(tmp_path / "none.txt")
