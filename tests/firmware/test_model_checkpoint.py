# SPDX-License-Identifier: GPL-3.0-or-later
"""Character models through a power cut: what a chip has learned of a text is there again."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import kilolearn.commands.lm as commands
from kilolearn import firmware
from kilolearn.bench_power_cut import CASES, Case, cut_power
from kilolearn.charlm.line import PATIENCE, ChipModel
from kilolearn.charlm.twin import TwinModel, state_bytes
from kilolearn.cli import app
from kilolearn.emulator import emulated_chip, port_url
from kilolearn.errors import BuildError, ChipRejectedError, DatasetError, KilolearnError, PortError
from kilolearn.port import Port, open_port
from pyavr_sim import CycleLimitError

TEXT = b"The power is cut, and what was learned of the text is there.\r\n" * 4
HALF = len(TEXT) // 2
SMALL, PLAIN = (case for case in CASES if case.model is not None)
UNIGRAM = Case("charlm", "unigram_checkpoint", "attiny85", "EEPROM", 4, 0)
HASHED = PLAIN._replace(config="hashed_checkpoint")
SLOTS = {
    "small": ("EEPROM", 2, 481),  # 465 of state, 13 of progress, 3 of seal; 1,024 there are
    "plain": ("flash", 2, 1024),  # 899 and 13, a page of seals, blocks of 128
    "hashed": ("flash", 2, 1024),
    "unigram": ("EEPROM", 4, 105),
}
each = pytest.mark.parametrize(
    "case",
    [SMALL, PLAIN, UNIGRAM, pytest.param(HASHED, marks=pytest.mark.long)],
    ids=lambda case: case.model,
)


class Board:
    """A model on a chip whose power can be cut."""

    def __init__(self, port: Port, model: str) -> None:
        self.port = port
        self.model = ChipModel(port, model)
        self.chip = emulated_chip(port)

    def cut_power(self) -> None:
        """What is in SRAM then is anything; what the chip has said is lost."""
        self.chip.reset()
        self.chip.sram[:] = np.random.default_rng(1).integers(0, 256, len(self.chip.sram))
        self.port.reset_input_buffer()

    def cut_power_within(self, request: bytes, cycles: int) -> None:
        """So many cycles after a request has begun to come."""
        self.port.write(request)
        with suppress(CycleLimitError):
            self.chip.run(cycles)
        self.cut_power()


@contextmanager
def powered(case: Case) -> Iterator[Board]:
    elf = firmware.build(case.app, case.mcu, case.config)
    with open_port(port_url(elf, case.mcu), timeout=PATIENCE) as port:
        yield Board(port, str(case.model))


def taught(model: str | None, *parts: bytes) -> TwinModel:
    """A twin that was never interrupted, but begins a stream with each part and at last."""
    twin = TwinModel(str(model))
    for part in parts:
        twin.start_encoding()
        twin.encode(part)
    twin.start_encoding()
    return twin


@each
def test_the_next_codes_are_those_of_a_chip_that_kept_its_power(case: Case) -> None:
    with powered(case) as board:
        board.model.train(TEXT[:HALF])
        kept = board.model.checkpoint()
        board.model.encode(b"What follows a checkpoint is lost.")
        board.cut_power()
        restored = board.model.save()
        code = board.model.encode(TEXT[HALF:]) + board.model.finish_encoding()
    twin = taught(case.model, TEXT[:HALF])
    assert restored == twin.save()
    assert code == twin.encode(TEXT[HALF:]) + twin.finish_encoding()
    assert (kept.slots.place, kept.slots.count, kept.slots.size_bytes) == SLOTS[str(case.model)]
    assert kept.progress.steps == HALF


@each
def test_one_is_made_after_each_so_many_bytes_read_or_written(case: Case) -> None:
    with powered(case) as board:
        board.model.checkpoint(every=30)
        board.model.start()
        board.model.encode(TEXT[:70])
        board.cut_power()
        assert board.model.save() == taught(case.model, TEXT[:60]).save()

        twin = taught(case.model, TEXT[:10])
        board.model.restore(twin.save())
        code = twin.encode(TEXT[10:41]) + twin.finish_encoding()
        assert b"".join(board.model.decode(iter(code), 31)) == TEXT[10:41]
        board.cut_power()
        assert board.model.checkpoint().progress.steps == 30, "the period outlives the power, too"
        board.model.checkpoint(every=0)
        board.model.encode(TEXT)
        board.cut_power()
        restored = board.model.save()
        assert board.chip.sram_high_water <= board.chip.description.sram_bytes
    assert restored == taught(case.model, TEXT[:40]).save()


def test_a_text_is_learned_through_power_cuts() -> None:
    """Wherever they come: in a request, while a byte is coded, in a checkpoint."""
    draw = np.random.default_rng(2)
    request = bytes([firmware.contract().constant("CHARLM_CODE"), 16])
    with powered(UNIGRAM) as board:
        board.model.checkpoint(every=16)
        cuts = 0
        while (learned := board.model.checkpoint().progress.steps) < len(TEXT) - 56:
            board.model.encode(TEXT[learned:][:40])
            board.cut_power_within(request + TEXT[learned + 40 :][:16], draw.integers(1, 900_000))
            cuts += 1
        board.model.encode(TEXT[learned:])
        board.model.start_encoding()
        assert board.model.save() == taught("unigram", TEXT).save()
    assert cuts >= 4


def test_another_models_checkpoint_is_none_and_without_one_the_model_is_fresh(
    tmp_path: Path,
) -> None:
    """The EEPROM is as it was when another image is flashed with fuse EESAVE."""
    (tmp_path / "charlm-other.h").write_text(
        '#include "apps/configs/charlm-unigram_checkpoint.h"\n'
        "#undef CHARLM_MODEL\n#define CHARLM_MODEL CHARLM_BIGRAM\n",
        encoding="utf-8",
    )
    other = firmware.build("charlm", "attiny85", "other", configs=tmp_path)
    with powered(UNIGRAM) as board:
        board.model.encode(TEXT)
        board.cut_power()
        assert board.model.save() == TwinModel("unigram").save()
        board.model.encode(TEXT)
        board.model.checkpoint()
        eeprom = board.chip.eeprom.copy()
    with open_port(port_url(other, "attiny85"), timeout=PATIENCE) as port:
        board = Board(port, "bigram")
        board.chip.eeprom[:] = eeprom
        board.cut_power()
        assert board.model.save() == TwinModel("unigram").save()


@pytest.mark.parametrize("saved_before", [0, 5], ids=["first_write", "overwrite"])
@pytest.mark.parametrize(
    "case",
    [UNIGRAM, PLAIN, pytest.param(SMALL, marks=pytest.mark.long)],
    ids=lambda case: case.model,
)
def test_the_old_or_the_new_state_comes_back_wholly(case: Case, saved_before: int) -> None:
    elf = firmware.build(case.app, case.mcu, case.config)
    with ThreadPoolExecutor(1) as here:
        tally = cut_power(case, elf, saved_before, 400, here)
    assert tally.cuts >= 400
    assert tally.lost == 0
    assert min(tally.old_restored, tally.new_restored) >= 2


def test_an_image_without_checkpoints_says_so() -> None:
    with powered(UNIGRAM._replace(config="unigram")) as board:
        with pytest.raises(ChipRejectedError, match="keeps no checkpoints"):
            board.model.checkpoint(every=78)  # which would be CHARLM_START
        board.model.encode(TEXT[:10])
        assert board.model.save() != TwinModel("unigram").save()


def test_what_fits_nowhere_is_refused_with_the_numbers(tmp_path: Path) -> None:
    size = state_bytes("large")
    (tmp_path / "charlm-kept.h").write_text(
        f'#include "apps/configs/charlm-large.h"\n#define CHECKPOINT_WEIGHTS {size}\n',
        encoding="utf-8",
    )
    with pytest.raises(BuildError, match=rf"{size} \+ 13 \+ 3 bytes.*0x3FF \+ 1"):
        firmware.build("charlm", "atmega328p", "kept", configs=tmp_path)


def lm(*arguments: object) -> str:
    done = CliRunner().invoke(app, ["lm", *map(str, arguments)])
    if isinstance(done.exception, KilolearnError):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.output.replace("\n", "")


def test_the_commands_keep_a_state_and_go_on_from_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text, now, then = (tmp_path / name for name in ("text", "now", "then"))
    line = ["--port", "the board", "--model", "unigram"]
    with powered(UNIGRAM) as board:
        monkeypatch.setattr(commands, "open_port", lambda *_: nullcontext(board.port))
        told = lm("checkpoint", now, "--every", 64, *line)
        assert "0 bytes kept in EEPROM, 4 slots of 105 bytes" in told
        assert now.read_bytes() == TwinModel("unigram").save_file()
        text.write_bytes(TEXT[:150])
        lm("train", text, "--state", then, *line)
        board.cut_power()
        text.write_bytes(TEXT)
        told = lm("train", text, "--state", then, "--resume", *line)
        assert f"the chip has learned 128 of {len(TEXT)} bytes" in told
        board.model.start_encoding()
        assert board.model.save() == taught("unigram", TEXT).save()
        text.write_bytes(TEXT[:100])
        with pytest.raises(DatasetError, match="the text that it was learning"):
            lm("train", text, "--state", then, "--resume", *line)
    with pytest.raises(PortError, match="expected --port"):
        lm("train", text, "--state", then, "--resume", "--model", "unigram")


@each
def test_build_says_where(case: Case) -> None:
    place, count, size = SLOTS[str(case.model)]
    build = ["build", "charlm", "--mcu", case.mcu, "--config", case.config]
    told = CliRunner().invoke(app, build).output
    assert f"checkpoints in {place}, {count} slots of {size} bytes" in told
