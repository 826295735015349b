# SPDX-License-Identifier: GPL-3.0-or-later
"""A test's firmware is found, or made by the project's own command."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from pyavr_sim.errors import BuildError
from pyavr_sim.firmware_request import FirmwareRequest, Recipe, find_image

MAKE = f"{sys.executable} make.py {{app}} {{mcu}}"
ARTIFACT = "build/{mcu}/{app}.elf"


def make(folder: Path, script: str, request: FirmwareRequest, artifact: str = ARTIFACT) -> Path:
    (folder / "make.py").write_text(script)
    return find_image(request, [folder], Recipe(MAKE, artifact, folder))


@pytest.mark.parametrize(
    ("name", "is_path"),
    [("blink", False), ("blink.elf", True), ("blink.HEX", True), ("build/blink", True),
     (Path("out/x.elf"), True), ("my.sketch", False)],
)  # fmt: skip
def test_a_path_is_told_from_an_app(name, is_path):
    assert FirmwareRequest(name).is_path is is_path


def test_the_test_files_folder_comes_before_the_rootdir(tmp_path):
    near, far = tmp_path / "tests", tmp_path
    near.mkdir()
    (far / "x.elf").touch()
    no_recipe = Recipe("", "", tmp_path)
    assert find_image(FirmwareRequest("x.elf"), [near, far], no_recipe) == far / "x.elf"

    (near / "x.elf").touch()

    assert find_image(FirmwareRequest("x.elf"), [near, far], no_recipe) == near / "x.elf"


def test_an_app_is_made_in_the_rootdir(tmp_path):
    script = """
import pathlib, sys
out = pathlib.Path("build", sys.argv[2], sys.argv[1] + ".elf")
out.parent.mkdir(parents=True)
out.touch()
"""
    made = make(tmp_path, script, FirmwareRequest("blink", mcu="attiny85"))
    assert made == tmp_path / "build" / "attiny85" / "blink.elf"


@pytest.mark.parametrize(
    ("script", "mcu", "complaint"),
    [
        ("import sys; sys.exit('main.c:3: no')", "attiny85", r"failed with 1:\nmain\.c:3: no"),
        ("print('done')", "attiny85", r"made no .*correct avr_artifact\. It said:\ndone"),
        ("", None, r"needs \{mcu\}\. Name it in the marker: firmware\('blink', mcu=\.\.\.\)"),
    ],
)
def test_a_build_that_fails_says_what_it_said(tmp_path, script, mcu, complaint):
    with pytest.raises(BuildError, match=complaint):
        make(tmp_path, script, FirmwareRequest("blink", mcu=mcu))


def test_a_command_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(BuildError, match="no-such-make cannot be run"):
        find_image(FirmwareRequest("blink"), [], Recipe("no-such-make", "x.elf", tmp_path))


def test_the_plugin_makes_the_app_that_a_test_names(project):
    tests = "@pytest.mark.firmware('made', mcu='atmega328p')\ndef test_x(chip):\n    chip.run(9)\n"
    result = project(tests, ini="avr_build = cp meter.elf {app}.elf\navr_artifact = {app}.elf\n")
    result.assert_outcomes(passed=1)


def test_the_ini_file_names_the_chip_of_an_image_that_does_not(project, pytester):
    (pytester.path / "empty.hex").write_text(":0200000000C03E\n:00000001FF\n")
    tests = "@pytest.mark.firmware('empty.hex')\ndef test_x(chip):\n    assert chip.name == {!r}\n"
    unknown = project(tests.format("attiny85"))
    unknown.assert_outcomes(errors=1)
    unknown.stdout.fnmatch_lines(["*does not say which chip it is for*"])

    project(tests.format("attiny85"), ini="avr_mcu = attiny85\n").assert_outcomes(passed=1)
