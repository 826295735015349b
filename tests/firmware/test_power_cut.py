# SPDX-License-Identifier: GPL-3.0-or-later
"""Power cuts while a chip makes a checkpoint, and hangs while it trains: nothing is lost."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from kilolearn import firmware
from kilolearn.bench_power_cut import CASES, Case, bench_power_cut, cut_power, train_with_resets
from kilolearn.checkpointed import CheckpointedLearner
from kilolearn.emulator import emulated_chip, port_url
from kilolearn.errors import BuildError, ChipRejectedError
from kilolearn.link import Link
from kilolearn.measure_power_cut import record_saving
from kilolearn.port import open_port

LEARNERS = [case for case in CASES if case.model is None]
EEPROM, FLASH = LEARNERS
KEYS = {
    "chip",
    "learner",
    "memory",
    "case",
    "cuts",
    "old_restored",
    "new_restored",
    "lost",
    "resets",
    "diverged",
}
CRC_IS_RIGHT = "crc_with(crc, seal.sequence) == seal.crc"
NEXT_SLOT = "last.slot >= SLOTS_END - SLOT_BYTES ? SLOTS_START : last.slot + SLOT_BYTES"
MUTANTS = {
    "no_crc": (EEPROM, [(CRC_IS_RIGHT, f"({CRC_IS_RIGHT}) || 1")]),
    "crc_without_sequence": (
        EEPROM,
        [
            (CRC_IS_RIGHT, "crc == seal.crc"),
            ("seal.crc = crc_with(crc, seal.sequence)", "seal.crc = crc"),
        ],
    ),
    "one_slot_in_eeprom": (EEPROM, [(NEXT_SLOT, "SLOTS_START")]),
    "one_slot_in_flash": (FLASH, [(NEXT_SLOT, "SLOTS_START")]),
}


@pytest.fixture
def here():
    with ThreadPoolExecutor(1) as executor:
        yield executor


@pytest.fixture(scope="module")
def copied(tmp_path_factory):
    """The firmware's sources, to be changed, and built in a folder of their own."""
    folder = tmp_path_factory.mktemp("careless")
    shutil.copytree(firmware.avr_folder(), folder / "avr")
    return folder


def image(case: Case) -> Path:
    return firmware.build(case.app, case.mcu, case.config)


@pytest.mark.parametrize("case", LEARNERS, ids=lambda case: case.memory)
@pytest.mark.parametrize("is_overwrite", [False, True], ids=["first_write", "overwrite"])
def test_the_old_or_the_new_state_comes_back_wholly(case, is_overwrite, here):
    saved_before = case.slots + 1 if is_overwrite else 0
    tally = cut_power(case, image(case), saved_before, 800, here)
    assert tally.cuts >= 800
    assert tally.lost == 0
    assert tally.old_restored + tally.new_restored == tally.cuts
    assert min(tally.old_restored, tally.new_restored) >= 5


@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_checkpoint_made_carelessly_is_lost(mutant, here, copied, monkeypatch):
    """Each care is needed: without it, these cuts find what it is for."""
    case, changes = MUTANTS[mutant]
    core = Path("checkpoint", "checkpoint.h")
    text = (firmware.avr_folder() / core).read_text(encoding="utf-8")
    for careful, careless in changes:
        assert text.count(careful) == 1
        text = text.replace(careful, careless)
    (copied / "avr" / core).write_text(text, encoding="utf-8")
    monkeypatch.setenv("KILOLEARN_AVR", str(copied / "avr"))
    monkeypatch.setenv("KILOLEARN_BUILD", str(copied / "build"))
    tally = cut_power(case, image(case), case.slots + 1, 800, here)
    assert tally.lost > 0


def test_changes_are_bytes_of_eeprom_and_pages_and_blocks_of_flash():
    """Of flash, all blocks are erased, the seal's first, and the seal's page is written last."""
    samples = np.random.default_rng(1).integers(0, 17, (8, 64)).astype(np.uint8)
    lesson = CheckpointedLearner(samples, np.arange(8) % 10)
    saving = record_saving(image(FLASH), "attiny1634", lesson, 0)
    sizes = [change.last - change.first for change in saving.changes]
    assert sizes == [128] * 6 + [32] * 21  # 623 bytes are 20 pages, and one is the seal
    assert (saving.changes[0].last, saving.changes[-1].last) == (768, 768)

    samples = np.random.default_rng(1).integers(0, 64, (8, 24)).astype(np.uint8)
    lesson = CheckpointedLearner(samples, np.arange(8) % 2)
    saving = record_saving(image(EEPROM), "attiny85", lesson, 0)
    assert {change.last - change.first for change in saving.changes} == {1}
    assert saving.changes[-1].first == 40, "the sequence, last"


def test_only_bytes_that_change_are_written():
    """The 13th checkpoint of one state differs from the 1st in its seal alone."""
    with open_port(port_url(image(EEPROM), "attiny85")) as port:
        link, chip = Link(port), emulated_chip(port)
        for _ in range(EEPROM.slots):
            link.checkpoint()
        begin = chip.cycle
        link.checkpoint()
        milliseconds = 1000 * (chip.cycle - begin) / chip.hz
    assert 3 * 3.4 < milliseconds < 8 * 3.4


@pytest.mark.parametrize("case", LEARNERS, ids=lambda case: case.memory)
def test_a_chip_that_hangs_while_it_trains_ends_with_the_same_weights(case):
    resets, diverged = train_with_resets(case, image(case), steps=12)
    assert resets >= 1
    assert not diverged


def test_a_learner_without_noise_keeps_its_weights():
    elf = firmware.build("linear", "attiny85", "checkpoint")
    with open_port(port_url(elf, "attiny85")) as port:
        link = Link(port)
        link.train(np.array([200, 10], np.uint8), 0)
        kept = link.checkpoint()
        weights = link.read_weights()
        link.train(np.array([10, 200], np.uint8), 0)
        emulated_chip(port).reset()
        again = Link(port)
        assert (again.read_weights(), again.statistics().steps) == (weights, 1)
        with pytest.raises(ChipRejectedError):
            again.resume(replace(kept.progress, shift=16))
        assert again.statistics().steps == 1
    assert kept.progress.noise == 0


def test_sequences_begin_anew_on_the_chip():
    with open_port(port_url(image(EEPROM), "attiny85")) as port:
        link = Link(port)
        for _ in range(256):
            link.checkpoint()
        link.train(np.full(24, 63, np.uint8), 1)
        link.checkpoint()
        emulated_chip(port).reset()
        assert Link(port).statistics().steps == 1


def test_another_learners_checkpoint_is_none(tmp_path):
    """The EEPROM is as it was when another image is flashed with fuse EESAVE."""
    (tmp_path / "softmax-other.h").write_text(
        '#include "apps/configs/softmax-italy_checkpoint.h"\n'
        '#undef LEARNER_NAME\n#define LEARNER_NAME "other"\n',
        encoding="utf-8",
    )
    other = firmware.build("softmax", "attiny85", "other", configs=tmp_path)
    with open_port(port_url(image(EEPROM), "attiny85")) as port:
        link = Link(port)
        link.train(np.full(24, 63, np.uint8), 1)
        link.checkpoint()
        eeprom = emulated_chip(port).eeprom.copy()
    with open_port(port_url(other, "attiny85")) as port:
        emulated_chip(port).eeprom[:] = eeprom
        assert Link(port).statistics().steps == 0


def test_a_chip_that_cannot_keep_it_is_refused():
    with pytest.raises(BuildError, match="choose an ATtiny, a chip with more EEPROM"):
        firmware.build("digits", "atmega328p", "checkpoint")


def test_the_bench_has_a_row_a_chip_and_case(here):
    rows, elfs = bench_power_cut(100, 4, here, CASES[:1])
    assert [row["case"] for row in rows] == ["first write", "overwrite", "resets"]
    assert all(set(row) == KEYS for row in rows)
    assert set(elfs) == {"attiny85"}


@pytest.mark.long
@pytest.mark.parametrize("case", LEARNERS, ids=lambda case: case.memory)
def test_twenty_thousand_cuts(case, here):
    assert cut_power(case, image(case), case.slots + 1, 20_000, here).lost == 0
