# SPDX-License-Identifier: GPL-3.0-or-later
"""The codecs benchmark's rows of packed data, with short texts and short trainings."""

from __future__ import annotations

import sys

import pytest

from kilolearn import firmware
from kilolearn.bench_packed_digits import bench_packings, bench_rates
from kilolearn.bench_packed_text import bench_text, bench_weights
from kilolearn.codecs.packed_digits import Schedule
from kilolearn.errors import MissingExtraError, PackedDataError

TEXT_KEYS = {
    "codec", "data", "chip", "window_bits", "symbols", "bits_a_symbol", "table_bytes", "entropy",
    "excess", "flash", "sram_high_water", "cycles_byte", "exact",
}  # fmt: skip
RATE_KEYS = {"bits_a_pixel", "psnr", "accuracy", "accuracies", "splits"}
PACKING_KEYS = RATE_KEYS | {
    "packing", "tape", "chip", "digits", "selection", "table_bytes", "flash", "sram_high_water",
    "cycles_byte", "bit_exact_with_twin",
}  # fmt: skip
TEXT = b"It was the best of times, it was the worst of times, it was the age of wisdom. " * 3


@pytest.fixture(autouse=True)
def build_folder(monkeypatch, tmp_path):
    peers = firmware.build_folder() / "peers"
    monkeypatch.setenv("KILOLEARN_BUILD", str(tmp_path / "build"))
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / "peers").symlink_to(peers)


@pytest.fixture
def text(tmp_path):
    path = tmp_path / "times.txt"
    path.write_bytes(TEXT)
    return path


def test_a_text_has_a_row_a_codec_window_and_chip(text, monkeypatch):
    monkeypatch.setattr("kilolearn.bench_packed_text.PREFIX", 60)
    monkeypatch.setattr("kilolearn.bench_packed_text.WINDOWS", (7,))
    rows = bench_text(text)
    assert [(row["codec"], row["chip"]) for row in rows] == [
        ("huffman", "attiny1634"), ("huffman", "atmega168p"),
        ("lz", "attiny1634"), ("lz", "atmega168p"),
        ("heatshrink2", "attiny1634"), ("heatshrink2", "atmega168p"),
    ]  # fmt: skip
    for row in rows:
        assert set(row) == TEXT_KEYS
        assert row["exact"] is True
        assert row["symbols"] == len(TEXT)
    assert 0 <= rows[0]["excess"] < 2
    assert rows[2]["bits_a_symbol"] < rows[0]["bits_a_symbol"]
    assert rows[4]["table_bytes"] == 0


def test_without_the_peer_it_is_said_how_to_get_it(text, monkeypatch):
    monkeypatch.setitem(sys.modules, "heatshrink2", None)
    monkeypatch.setattr("kilolearn.bench_packed_text._rows", lambda *_: [])
    with pytest.raises(
        MissingExtraError, match=r"pip install 'kilolearn\[peers\]', or say --no-pe"
    ):
        bench_text(text)


def test_without_the_peers_decoder_it_is_said_what_unpacks_it(text, monkeypatch, tmp_path):
    monkeypatch.setenv("KILOLEARN_BUILD", str(tmp_path / "nothing"))
    with pytest.raises(MissingExtraError, match=r"run \./dev bench codecs"):
        bench_text(text)


def test_an_empty_text_is_refused(tmp_path):
    (tmp_path / "empty").touch()
    with pytest.raises(PackedDataError, match="expected at least one"):
        bench_text(tmp_path / "empty")


def test_a_smaller_step_costs_bits_and_keeps_more():
    exact, fine, coarse = bench_rates(1, Schedule(epochs=1), (6.0, 12.0))
    assert set(fine) == RATE_KEYS | {"step"}
    assert exact["psnr"] is None
    assert exact["bits_a_pixel"] > fine["bits_a_pixel"] > coarse["bits_a_pixel"]
    assert fine["psnr"] > coarse["psnr"] + 3
    assert coarse["accuracy"] > 50


@pytest.mark.long
def test_a_chip_s_flash_is_filled_and_what_it_learns_is_the_twin_s():
    rows, images = bench_packings(1, Schedule(epochs=1), ("raw", "dct"))
    assert [(row["packing"], row["tape"], row["chip"]) for row in rows] == [
        (packing, tape, chip)
        for packing, tape in (("raw", "flash"), ("dct", "flash"), ("dct", "line"))
        for chip in ("attiny1634", "atmega168p")
    ]
    for row in rows:
        assert set(row) == PACKING_KEYS
        assert row["bit_exact_with_twin"] is True
        assert row["sram_high_water"] < 1024
    assert rows[2]["digits"] > 2 * rows[0]["digits"]
    assert 16384 - 200 < rows[0]["flash"] <= 16384, "full"
    assert set(images) == {"attiny1634", "atmega168p"}


@pytest.mark.long
def test_the_code_of_weights_is_near_their_entropy():
    for row in bench_weights():
        assert set(row) == TEXT_KEYS
        assert -10 < row["excess"] < 1
