# SPDX-License-Identifier: GPL-3.0-or-later
"""The compressor of the character model: any bytes come back, and damage is told."""

from __future__ import annotations

import random
import zlib

import pytest

from kilolearn import firmware
from kilolearn.charlm.coded import MODELS, CodedText
from kilolearn.charlm.compressor import compress, decompress
from kilolearn.charlm.twin import state_bytes
from kilolearn.errors import CodedTextError

HEADER_SIZE = 16

TEXT = (
    b"Whether or not a chip of a kilobyte can read, it can be told what comes next.\r\n"
    b"It was the best of times, it was the worst of times, and the CHAPTER had 3 parts.\r\n"
) * 8


def _noise(size: int) -> bytes:
    return random.Random(size).randbytes(size)


@pytest.mark.parametrize("model", sorted(MODELS))
@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"e",
        b"\0",
        b"\xff",
        b"\r",
        b"\r\r\n\n\r\n",
        b"A" * 300 + b"Aa" * 50,
        bytes(range(256)),
        bytes(range(255, -1, -1)),
        _noise(3000),
        b"\0" * 5000,
        b"\x1d\x1b\x02" * 100,
        TEXT,
    ],
    ids=lambda text: f"{len(text)}:{text[:4].hex()}",
)
def test_any_bytes_come_back(model: str, text: bytes) -> None:
    assert decompress(compress(text, model)) == text


def test_english_becomes_less_than_half() -> None:
    assert len(compress(TEXT[:164])) - HEADER_SIZE < 0.5 * 164


def test_noise_grows_by_little() -> None:
    """The model keeps looking for what is not there, and an escape has its price."""
    noise = _noise(20_000)
    assert len(compress(noise)) < 1.2 * len(noise)


@pytest.mark.parametrize(("model", "limit"), [("large", 900), ("small", 480)])
def test_the_state_is_as_small_as_said(model: str, limit: int) -> None:
    assert state_bytes(model) <= limit


def test_every_cut_is_told() -> None:
    file = compress(TEXT)
    for length in range(len(file)):
        with pytest.raises(CodedTextError):
            decompress(file[:length])


def test_no_flipped_bit_gives_another_text() -> None:
    """The last bits of the code say only that no more follows: without them the text is whole."""
    file = compress(TEXT[:200])
    told = 0
    for bit in range(len(file) * 8):
        damaged = bytearray(file)
        damaged[bit // 8] ^= 1 << bit % 8
        try:
            assert decompress(bytes(damaged)) == TEXT[:200]
        except CodedTextError:
            told += 1
    assert told >= len(file) * 8 - 32


def test_an_appended_byte_is_told() -> None:
    with pytest.raises(CodedTextError, match="left over"):
        decompress(compress(TEXT) + b"\0")


def test_garbage_ends_soon_and_is_told() -> None:
    """A header that promises 4 GB: the decoder stops where the code does."""
    for seed in range(40):
        code = random.Random(seed).randbytes(400)
        file = CodedText("large", 0xFFFF_FFFF, 0, code).pack()
        with pytest.raises(CodedTextError, match="the code ends before"):
            decompress(file)


def test_a_length_too_long_is_told_after_a_long_run() -> None:
    file = compress(b"\0" * 20_000)
    coded = CodedText.unpack(file)
    longer = CodedText(coded.model, 0xFFFF_FFFF, coded.crc, coded.code)
    with pytest.raises(CodedTextError, match="the code ends before"):
        decompress(longer.pack())


def test_another_models_tables_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    file = compress(TEXT)
    monkeypatch.setattr("kilolearn.charlm.coded.tables_crc", lambda model: 1)
    with pytest.raises(CodedTextError, match="tables of CRC"):
        decompress(file)


def test_a_model_that_does_not_exist_is_refused() -> None:
    with pytest.raises(CodedTextError, match="choose one of"):
        compress(b"text", "huge")


def test_the_header_is_the_contracts() -> None:
    assert firmware.contract().struct("charlm_header").itemsize == HEADER_SIZE
    coded = CodedText.unpack(compress(TEXT))
    assert (coded.length, coded.crc) == (len(TEXT), zlib.crc32(TEXT))
