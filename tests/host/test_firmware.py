# SPDX-License-Identifier: GPL-3.0-or-later
"""Building asks the Makefile, and passes on what it or the compiler says."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor

import pytest

from kilolearn import firmware
from kilolearn.errors import BuildError
from kilolearn.target import open_target
from kilolearn.twin import Twin


@pytest.fixture
def own_build(tmp_path, monkeypatch):
    monkeypatch.setenv("KILOLEARN_BUILD", str(tmp_path / "build"))
    return tmp_path / "build"


@pytest.fixture
def own_sources(tmp_path, monkeypatch, own_build):
    """A copy of avr/, to be spoilt."""
    copy = tmp_path / "avr"
    shutil.copytree(firmware.avr_folder(), copy)
    monkeypatch.setenv("KILOLEARN_AVR", str(copy))
    return copy


def test_an_image_is_built_for_the_chip(own_build):
    elf = firmware.build("probe_learner", "attiny1634")
    assert elf == own_build / "attiny1634" / "probe_learner.elf"
    assert elf.read_bytes()[:4] == b"\x7fELF"


def test_another_clock_is_another_image(own_build):
    usual = firmware.build("probe_learner", "attiny1634")
    slow = firmware.build("probe_learner", "attiny1634", hz=12_000_000)
    assert usual != slow
    assert usual.is_file()


@pytest.mark.parametrize(
    ("app", "mcu", "config", "message"),
    [
        ("digit", "attiny1634", None, "choose APP= one of: .*digits"),
        ("probe_learner", "attiny9999", None, "choose MCU= one of: .*attiny1634"),
        ("probe_learner", "attiny1634", "absent", "CONFIG"),
        ("../digits", "attiny1634", None, "letters, digits and _ only"),
        ("probe_learner", "attiny1634; true", None, "letters, digits and _ only"),
        ("probe_learner", "attiny1634", "a b", "letters, digits and _ only"),
        ("digits", "attiny841", None, "digits does not fit into .* MCU=attiny841: choose a larger"),
    ],
)
def test_what_does_not_exist_is_answered_with_what_does(own_build, app, mcu, config, message):
    with pytest.raises(BuildError, match=message):
        firmware.build(app, mcu, config)


def test_the_compilers_complaint_is_passed_on(own_sources):
    source = own_sources / "apps" / "probe_learner.c"
    source.write_text(source.read_text() + "\nint half( {\n")
    with pytest.raises(BuildError, match=r"probe_learner\.c:\d+.*error"):
        firmware.build("probe_learner", "attiny1634")


def test_a_changed_source_is_built_again(own_sources):
    before = firmware.build_twin("probe_learner").read_bytes()
    source = own_sources / "apps" / "probe_learner.c"
    source.write_text(source.read_text().replace("net.bias[label]++", "net.bias[label] += 2"))
    assert firmware.build_twin("probe_learner").read_bytes() != before


def test_several_may_build_the_same_at_once(own_build):
    with ThreadPoolExecutor(4) as pool:
        images = list(pool.map(lambda _: firmware.build("probe_learner", "atmega168p"), range(4)))
    assert len(set(images)) == 1
    assert images[0].read_bytes()[:4] == b"\x7fELF"


def test_no_sources_are_answered_with_where_to_point(tmp_path, monkeypatch):
    monkeypatch.setenv("KILOLEARN_AVR", str(tmp_path))
    with pytest.raises(BuildError, match="KILOLEARN_AVR"):
        firmware.avr_folder()


def test_a_build_folder_that_cannot_be_made_is_refused(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("KILOLEARN_BUILD", str(tmp_path / "file" / "build"))
    with pytest.raises(BuildError, match="KILOLEARN_BUILD"):
        firmware.build("probe_learner", "attiny1634")


def test_a_missing_make_is_named(tmp_path, monkeypatch, own_build):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BuildError, match="make is not installed"):
        firmware.build("probe_learner", "attiny1634")


@pytest.mark.parametrize("app", ["stream_pair", "xor", "codec_digits"])
def test_an_app_that_takes_no_samples_is_refused_with_those_that_do(app):
    for speak in (lambda: Twin(app), lambda: open_target(app, None, None, "attiny85").__enter__()):
        with pytest.raises(BuildError, match=r"takes no samples.*digits.*softmax"):
            speak()


def test_the_learners_are_the_apps_with_a_serve_loop():
    found = firmware.learners()
    assert {"digits", "mlp", "probe_learner", "tree"} <= set(found)
    assert not {"serve", "serve_requests", "xor", "stream_rules"} & set(found)
