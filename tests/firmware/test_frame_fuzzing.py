# SPDX-License-Identifier: GPL-3.0-or-later
"""What a fuzzer has sent to chips: the corpus again, some more of it, and parsers with a bug."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from kilolearn import firmware
from kilolearn.bench_frames import IMAGES, FrameImage, read_corpus
from kilolearn.fuzz_frames import FrameFuzzer
from kilolearn.twin import Twin
from pyavr_sim.execution_log import ExecutionLog

CORPUS = Path(__file__).parent / "corpus"
LINEAR = FrameImage("linear", "perceptron", "atmega328p")
TAUGHT = FrameImage("mlp", "wine", "atmega328p")
REQUESTS = "apps/serve_requests.c"
STEPS = "apps/serve_steps.c"
RECEIVE = "wire/frame_receive.c"
BUGS = {
    "no_capacity": (RECEIVE, "frame.size == capacity", "(void)capacity, 0"),
    "no_crc": (REQUESTS, "sent == detail", "1"),
}
MORE_BUGS = {
    "no_resync": (RECEIVE, "got.value == FRAME_DELIMITER", "got.value == 0 && left == 1"),
    "no_length": (REQUESTS, "size != expected", "0"),
    "no_range": (REQUESTS, "size > all || offset > all - size", "size > all"),
    "a_count_too_many": (REQUESTS, "offset > all - size", "offset > all - size + 1"),
    "refused_too_late": (REQUESTS, "size > all ||", "(*learner_weights() ^= 1, size > all) ||"),
    "no_rate": (REQUESTS, "frame.body.rate.shift;", "frame.body.rate.shift & 15;"),
    "no_label": (STEPS, "label >= LEARNER_CLASSES", "0"),
    "taken_again": (STEPS, "sequence == last.sequence", "0"),
    "any_step": (STEPS, "(uint8_t)((sequence ^ (uint8_t)serve_count.steps) << 1)", "0"),
    "keeps_its_answer": (STEPS, "last.sequence = 0;", ""),
}


@pytest.mark.parametrize("image", IMAGES, ids=lambda image: image.name)
def test_the_corpus_is_answered_as_the_contract_says(image):
    """Each file after a fresh start, then all in a row, behind valid requests."""
    fuzzer = image.fuzzer()
    inputs = read_corpus(CORPUS, image)
    assert inputs
    for heard in inputs:
        assert fuzzer.hear([heard]) is None
        fuzzer.start_over()
    assert fuzzer.hear([*fuzzer.ordinary, *inputs]) is None


def test_the_corpus_leads_to_every_line_but_that_of_a_lost_byte():
    """Else make it anew: kilolearn bench frames --corpus tests/firmware/corpus."""
    with ExecutionLog() as log:
        fuzzer = TAUGHT.fuzzer()
        fuzzer.hear([*fuzzer.ordinary, *read_corpus(CORPUS, TAUGHT)])
        fuzzer.chip.close()
    avr = firmware.avr_folder()
    covered = {Path(file.path): file for file in log.coverage(avr).files}
    missed = [
        (avr / name).read_text(encoding="utf-8").splitlines()[line - 1].strip()
        for name in (RECEIVE, REQUESTS, STEPS)
        for line in covered[avr / name].lines_missed
    ]
    assert missed == ["frame.fault = FRAME_LOST_BYTE;"], "the emulated line loses none"


def test_more_of_it():
    result = LINEAR.fuzzer(seed=7).run(5_000, read_corpus(CORPUS, LINEAR))
    assert result.troubles == []
    assert result.frames >= 5_000
    assert 0 < result.done < result.frames / 2
    assert result.stack_high_water <= 40


def fuzz_with_bug(bug, tmp_path, monkeypatch):
    """A good twin beside an image whose source was changed."""
    learner = Twin(LINEAR.app, LINEAR.config)
    path, right, wrong = bug
    sources = shutil.copytree(firmware.avr_folder(), tmp_path / "avr")
    text = (sources / path).read_text(encoding="utf-8")
    assert text.count(right) == 1
    (sources / path).write_text(text.replace(right, wrong), encoding="utf-8")
    monkeypatch.setenv("KILOLEARN_AVR", str(sources))
    monkeypatch.setenv("KILOLEARN_BUILD", str(tmp_path / "build"))
    elf = firmware.build(LINEAR.app, LINEAR.mcu, LINEAR.config)
    (trouble,) = FrameFuzzer(elf, LINEAR.mcu, learner).run(3_000, troubles_max=1).troubles
    return trouble


@pytest.mark.parametrize("name", BUGS)
def test_a_bug_in_the_parser_is_found(name, tmp_path, monkeypatch):
    trouble = fuzz_with_bug(BUGS[name], tmp_path, monkeypatch)
    assert len(trouble.heard) <= 601, "the input alone, not its batch"


@pytest.mark.long
@pytest.mark.parametrize("name", MORE_BUGS)
def test_more_bugs_are_found(name, tmp_path, monkeypatch):
    assert fuzz_with_bug(MORE_BUGS[name], tmp_path, monkeypatch)
