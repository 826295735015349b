# SPDX-License-Identifier: GPL-3.0-or-later
"""``kilolearn lm compress | decompress``: files there and back, and errors in one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from kilolearn.cli import app
from kilolearn.errors import CodedTextError, DatasetError, KilolearnError, PortError

TEXT = b"A file that is read, made small, and made whole again.\r\n" * 3


def lm(*arguments: object) -> str:
    done = CliRunner().invoke(app, ["lm", *map(str, arguments)])
    if isinstance(done.exception, KilolearnError):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.output


@pytest.mark.parametrize("model", ["large", "small"])
def test_a_chip_and_its_twin_write_the_same_file_and_read_each_others(
    tmp_path: Path, model: str
) -> None:
    text, twins, chips, back = (tmp_path / name for name in ("text", "twins", "chips", "back"))
    text.write_bytes(TEXT)
    assert "bits a byte" in lm("compress", text, twins, "--model", model)
    lm("compress", text, chips, "--model", model, "--mcu", "atmega168p")
    assert chips.read_bytes() == twins.read_bytes()
    lm("decompress", chips, back)
    assert back.read_bytes() == TEXT
    lm("decompress", twins, back, "--mcu", "atmega168p")
    assert back.read_bytes() == TEXT


def test_an_empty_file_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "none").write_bytes(b"")
    lm("compress", tmp_path / "none", tmp_path / "coded")
    lm("decompress", tmp_path / "coded", tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == b""


def test_what_cannot_be_done_is_said(tmp_path: Path) -> None:
    text = tmp_path / "text"
    with pytest.raises(DatasetError, match="can be read"):
        lm("compress", text, tmp_path / "coded")
    text.write_bytes(TEXT)
    with pytest.raises(CodedTextError, match="expected b'KL'"):
        lm("decompress", text, tmp_path / "back")
    with pytest.raises(DatasetError, match="place to write"):
        lm("compress", text, tmp_path / "no" / "folder")
    with pytest.raises(PortError, match="one of them"):
        lm("compress", text, tmp_path / "coded", "--port", "loop://", "--mcu", "atmega168p")
