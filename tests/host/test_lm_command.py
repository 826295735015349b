# SPDX-License-Identifier: GPL-3.0-or-later
"""``kilolearn lm``: files there and back, text learned and written, errors in one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from kilolearn.charlm.coded import MODELS, Model
from kilolearn.charlm.state import SavedState
from kilolearn.charlm.twin import TwinModel
from kilolearn.cli import app
from kilolearn.emulator import port_url
from kilolearn.errors import (
    CodedTextError,
    DatasetError,
    KilolearnError,
    LinkError,
    PortError,
    WeightsError,
)
from kilolearn.firmware import build

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


@pytest.mark.parametrize("model", ["large", "small"])
def test_a_chip_and_its_twin_learn_the_same_and_write_the_same(tmp_path: Path, model: str) -> None:
    text, twins, chips = (tmp_path / name for name in ("text", "twins", "chips"))
    text.write_bytes(TEXT)
    told = lm("train", text, "--state", twins, "--model", model)
    assert f"learned {len(TEXT)} of {len(TEXT)} bytes" in told
    lm("train", text, "--state", chips, "--model", model, "--mcu", "atmega168p")
    assert chips.read_bytes() == twins.read_bytes()
    wish = ["--prompt", "A file", "--length", 30, "--seed", 3, "--temperature", 0.7, "--top-k", 4]
    written = lm("generate", "--state", twins, *wish)
    assert written == lm("generate", "--state", twins, *wish, "--mcu", "atmega168p")
    assert written.startswith("A file")
    assert len(written) == len("A file") + 30 + 1


def test_what_was_learned_is_in_the_state_and_learning_goes_on(tmp_path: Path) -> None:
    text, once, twice, half = (tmp_path / name for name in ("text", "once", "twice", "half"))
    text.write_bytes(TEXT * 2)
    lm("train", text, "--state", once)
    text.write_bytes(TEXT)
    lm("train", text, "--state", half)
    lm("train", text, "--state", twice, "--restore", half)
    assert learned(once) == learned(twice) != learned(half)
    fresh, trained = TwinModel(), TwinModel()
    trained.restore_file(once.read_bytes())
    assert len(trained.encode(TEXT[:56])) < 0.7 * len(fresh.encode(TEXT[:56]))


def learned(state: Path) -> bytes:
    """A state without the interval that its coder stands at."""
    twin = TwinModel()
    twin.restore(SavedState.unpack(state.read_bytes()).state)
    twin.start_encoding()
    return twin.save()


def test_a_seed_a_temperature_and_a_top_k_make_a_difference() -> None:
    written = {
        lm("generate", "--length", 60, *wish)
        for wish in ([], ["--seed", 1], ["--temperature", 0.5], ["--top-k", 2])
    }
    assert len(written) == 4


def test_a_state_is_taken_off_a_chip_and_put_back(tmp_path: Path) -> None:
    """Each command opens the port, and so starts an emulated chip: it has seen nothing."""
    saved = tmp_path / "state"
    url = port_url(build("charlm", "atmega168p", "small"), "atmega168p")
    assert "saved the state of small" in lm("save", saved, "--port", url, "--model", "small")
    twin = TwinModel("small")
    assert SavedState.unpack(saved.read_bytes()) == SavedState("small", twin.save())
    assert "restored the state of small" in lm("restore", saved, "--port", url)
    saved.write_bytes(TwinModel("large").save_file())
    with pytest.raises(LinkError, match="the chip has the model small"):
        lm("restore", saved, "--port", url)


def test_a_damaged_state_is_refused(tmp_path: Path) -> None:
    state = tmp_path / "state"
    whole = TwinModel().save_file()
    damaged = [whole[:-1], whole + b"\0", b"", b"KL" + whole[2:], whole[:3] + b"\x09" + whole[4:]]
    damaged += [whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :] for at in range(len(whole))]
    for content in damaged:
        with pytest.raises(WeightsError):
            TwinModel().restore_file(content)
    state.write_bytes(whole)
    with pytest.raises(WeightsError, match="is of the model large; this is small"):
        lm("generate", "--state", state, "--model", "small")
    with pytest.raises(WeightsError, match="give it its own"):
        TwinModel().restore(b"short")


def test_what_cannot_be_learned_or_written_is_said(tmp_path: Path) -> None:
    text = tmp_path / "text"
    with pytest.raises(DatasetError, match="can be read"):
        lm("train", text, "--state", tmp_path / "state")
    text.write_bytes(TEXT)
    with pytest.raises(WeightsError, match="cannot be written"):
        lm("train", text, "--state", tmp_path / "no" / "state")
    with pytest.raises(DatasetError, match="can be read"):
        lm("generate", "--state", tmp_path / "none")
    with pytest.raises(CodedTextError, match="choose one of"):
        lm("generate", "--model", "huge")


def test_nothing_is_learned_from_an_empty_text(tmp_path: Path) -> None:
    (tmp_path / "none").write_bytes(b"")
    lm("train", tmp_path / "none", "--state", tmp_path / "state")
    assert learned(tmp_path / "state") == TwinModel().save()


def test_a_model_without_temperature_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(MODELS, "small", Model("CHARLM_SMALL"))
    with pytest.raises(WeightsError, match="leave out --temperature"):
        lm("generate", "--model", "small", "--top-k", 3)
    assert len(lm("generate", "--model", "small", "--length", 10)) == 11
