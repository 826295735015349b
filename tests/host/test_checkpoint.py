# SPDX-License-Identifier: GPL-3.0-or-later
"""What a learner keeps through a power cut, asked of its native twin, whose EEPROM is memory."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from typer.testing import CliRunner

from kilolearn import firmware
from kilolearn.checkpoint import Checkpoint, Progress, load_checkpoint
from kilolearn.cli import app
from kilolearn.errors import ChipRejectedError, ContractMismatchError, WeightsError
from kilolearn.link import Link
from kilolearn.twin import Twin

CONFIG = "italy_checkpoint"
SLOT_BYTES = 25 + 13 + 3
SLOTS = 4096 // SLOT_BYTES  # of the twin


@pytest.fixture(scope="session")
def keeping_twin():
    return firmware.build_twin("softmax", CONFIG)


@pytest.fixture
def keeping(native_port, keeping_twin, tmp_path_factory):
    """A port to a learner that keeps checkpoints, and a way to cut its power."""
    port = type(native_port)(keeping_twin, tmp_path_factory.mktemp("keeping"))
    port.cut_power = lambda: port._native.serve_twin_start()
    return port


@pytest.fixture
def lesson():
    draw = np.random.default_rng(1)
    return draw.integers(0, 64, (40, 24)).astype(np.uint8), draw.integers(0, 2, 40)


def state(link):
    counted = link.statistics()
    return link.read_weights(), counted.steps, counted.errors


def test_a_checkpoint_outlives_the_power_and_training_goes_on_with_the_same_bits(keeping, lesson):
    samples, labels = lesson
    link = Link(keeping)
    link.reset(7)
    link.set_rate(2)
    link.train_many(samples[:20], labels[:20])
    kept = link.checkpoint()
    there = state(link)
    link.train_many(samples[20:], labels[20:])
    end = state(link)

    keeping.cut_power()

    assert (kept.slots.count, kept.slots.size_bytes) == (SLOTS, SLOT_BYTES)
    assert (kept.progress.steps, kept.progress.every, kept.progress.shift) == (20, 0, 2)
    again = Link(keeping)
    assert state(again) == there
    again.train_many(samples[20:], labels[20:])
    assert state(again) == end


def test_without_a_checkpoint_the_model_is_fresh(keeping, lesson):
    link = Link(keeping)
    link.reset(1)
    fresh = state(link)
    link.train_many(*lesson)

    keeping.cut_power()

    assert state(Link(keeping)) == fresh


def test_one_is_made_after_each_so_many_steps(keeping, lesson):
    samples, labels = lesson
    link = Link(keeping)
    link.reset(3)
    link.checkpoint(every=8)
    link.train_many(samples[:15], labels[:15])
    keeping.cut_power()
    assert Link(keeping).statistics().steps == 8

    Link(keeping).train_many(samples[8:17], labels[8:17])
    keeping.cut_power()
    assert Link(keeping).statistics().steps == 16, "the period outlives the power, too"

    link = Link(keeping)
    link.reset(3)
    link.train_many(samples[:13], labels[:13])
    keeping.cut_power()
    assert Link(keeping).statistics().steps == 8, "a reset begins a period"

    link = Link(keeping)
    link.checkpoint(every=0)
    link.train_many(samples, labels)
    keeping.cut_power()
    assert Link(keeping).statistics().steps == 8


def test_the_newest_counts_however_often_they_are_made(keeping, lesson):
    """More than the sequences and the slots there are, several times round."""
    samples, labels = lesson
    link = Link(keeping)
    link.reset(1)
    for step in range(600):
        link.train(samples[step % 40], int(labels[step % 40]))
        link.checkpoint()
        if step % 7 == 0:
            keeping.cut_power()
            link = Link(keeping)
            assert link.statistics().steps == step + 1


def test_an_image_without_checkpoints_says_so(native_port):
    with pytest.raises(ChipRejectedError, match="keeps no checkpoints"):
        Link(native_port).checkpoint()


def test_a_learner_without_a_teacher_still_refuses_one(keeping):
    with pytest.raises(ChipRejectedError, match="takes labels only"):
        Link(keeping).require_teach()


def test_a_progress_that_no_chip_had_is_refused(keeping):
    link = Link(keeping)
    before = state(link)
    with pytest.raises(ChipRejectedError):
        link.resume(Progress(steps=5, errors=1, noise=1, every=0, shift=16))
    assert state(link) == before


def test_a_file_carries_a_learner_to_another_chip(keeping, lesson, tmp_path):
    samples, labels = lesson
    link = Link(keeping)
    link.reset(9)
    link.train_many(samples[:10], labels[:10])
    made, _ = Checkpoint.read_from(link, every=4)
    made.save(tmp_path / "italy.kc")
    link.train_many(samples[10:], labels[10:])
    end = state(link)

    keeping.power_up()  # as another chip
    other = Link(keeping)
    kept = load_checkpoint(tmp_path / "italy.kc").put_into(other)
    assert kept.progress == made.progress
    keeping.cut_power()
    other = Link(keeping)
    other.train_many(samples[10:], labels[10:])
    assert state(other) == end


def test_a_file_of_another_learner_is_refused(keeping):
    link = Link(keeping)
    made, _ = Checkpoint.read_from(link)
    strange = replace(made, description=replace(made.description, name="bananas"))
    with pytest.raises(WeightsError, match="belongs to bananas"):
        strange.put_into(link)


def test_a_damaged_file_is_told(keeping, tmp_path):
    file = Checkpoint.read_from(Link(keeping))[0].pack()
    for at in range(len(file)):
        spoilt = file[:at] + bytes((file[at] ^ 0x10,)) + file[at + 1 :]
        with pytest.raises((WeightsError, ContractMismatchError)):
            Checkpoint.unpack(spoilt)
        with pytest.raises((WeightsError, ContractMismatchError)):
            Checkpoint.unpack(file[:at])
    with pytest.raises(WeightsError, match="cannot be read"):
        load_checkpoint(tmp_path / "none")
    with pytest.raises(WeightsError, match="cannot be written"):
        Checkpoint.unpack(file).save(tmp_path)


def test_the_commands_take_a_checkpoint_off_a_chip_and_put_it_on(tmp_path):
    elf = firmware.build("softmax", "attiny85", CONFIG)
    port = f"avrsim://attiny85/{elf}?line=B3,B4,57600"
    file = tmp_path / "italy.kc"
    for command, words in (("checkpoint", f"the same in {file}"), ("resume", "")):
        done = CliRunner().invoke(app, ["weights", command, str(file), "--port", port])
        assert done.exit_code == 0, done.output
        assert "0 steps kept in EEPROM, 12 slots of 41 bytes" in done.output
        assert words in done.output.replace("\n", "")


@pytest.mark.parametrize(
    ("name", "mcu", "words"),
    [
        ("digits-checkpoint", "attiny1634", "checkpoints in flash, 2 slots of 768 bytes"),
        ("linear-checkpoint", "attiny85", "checkpoints in EEPROM, 23 slots of 22 bytes"),
        ("linear-perceptron", "attiny85", None),
    ],
)
def test_build_says_where_and_how_large(name, mcu, words):
    learner, config = name.split("-")
    done = CliRunner().invoke(app, ["build", learner, "--mcu", mcu, "--config", config])
    assert done.exit_code == 0, done.output
    assert words in done.output if words else "checkpoints" not in done.output


@pytest.mark.long
@pytest.mark.parametrize(
    ("learner", "base"),
    [
        ("anomaly", ""),
        ("attention", ""),
        ("dense", "-iris"),
        ("digits", ""),
        ("ensemble", "-iris"),
        ("linear", "-averaged"),
        ("lvq", "-italy_power"),
        ("mlp", "-iris"),
        ("mlp", "-iris16"),
        ("pair", ""),
        ("pooled", "-digits"),
        ("rules", "-grid"),
        ("softmax", "-phishing"),
        ("tree", "-iris"),
    ],
)
def test_a_checkpoint_holds_all_that_a_learner_goes_on_from(
    learner, base, native_port, tmp_path, tmp_path_factory
):
    about = Twin(learner, base[1:] or None).description
    (tmp_path / f"{learner}-kept.h").write_text(
        f'#include "apps/configs/{learner}{base}.h"\n'
        f"#define CHECKPOINT_WEIGHTS {about.weights_size}\n",
        encoding="utf-8",
    )
    library = firmware.build_twin(learner, "kept", configs=tmp_path)
    port = type(native_port)(library, tmp_path_factory.mktemp("kept"))
    draw = np.random.default_rng(2)
    samples = draw.integers(0, about.input_max + 1, (300, about.inputs)).astype(np.uint8)
    labels = draw.integers(0, about.classes, 300)
    link = Link(port)
    link.reset(4)
    link.set_rate(1)
    link.train_many(samples[:200], labels[:200])
    link.checkpoint()
    link.train_many(samples[200:], labels[200:])
    end = state(link)

    port._native.serve_twin_start()

    link = Link(port)
    link.train_many(samples[200:], labels[200:])
    assert state(link) == end
