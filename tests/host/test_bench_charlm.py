# SPDX-License-Identifier: GPL-3.0-or-later
"""``kilolearn bench charlm``: its rows, from the bytes really made."""

from __future__ import annotations

from pathlib import Path

import pytest

from kilolearn.bench_charlm import bench_charlm
from kilolearn.charlm.coded import MODELS
from kilolearn.charlm.compressor import compress
from kilolearn.errors import DatasetError

KEYS = {
    "model",
    "state_bytes",
    "flash",
    "sram_high_water",
    "text",
    "bpc",
    "cycles_per_char",
    "roundtrip",
}


def test_a_row_a_model_a_chip_and_a_text(tmp_path: Path) -> None:
    text = b"The chip is told what it has said, and says what it was told.\n" * 4
    path = tmp_path / "told.txt"
    path.write_bytes(text)
    rows, elfs = bench_charlm([path], prefix=60, peers=False)
    assert all(set(row) == KEYS for row in rows)
    models = MODELS.values()
    expected = sum(1 + len(model.chips) * (2 if model.draws else 1) for model in models)
    assert [row["roundtrip"] for row in rows] == [True] * expected
    assert set(elfs) == {chip for model in models for chip in model.chips}
    by_model = {row["model"]: row for row in rows}
    assert by_model["charlm large"]["bpc"] == round(8 * len(compress(text)) / len(text), 4)
    assert by_model["charlm large, attiny1634"]["flash"] <= 16_384
    assert by_model["charlm large, attiny1634"]["sram_high_water"] <= 1_000


@pytest.mark.parametrize("content", [None, b""])
def test_a_text_that_is_none_is_told(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "none.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DatasetError):
        bench_charlm([path])
