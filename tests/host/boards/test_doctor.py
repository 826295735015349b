# SPDX-License-Identifier: GPL-3.0-or-later
"""`kilolearn doctor`: what it finds, and the command for what it does not."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from kilolearn import doctor
from kilolearn.doctor import check_extra, check_usb_rules

from .conftest import Said

RULES = """\
ATTRS{idVendor}=="1781", ATTRS{idProduct}=="0C9F"
ATTRS{idVendor}=="16c0", ATTRS{idProduct}=="05dc"
"""


def test_a_machine_that_trains_chips_is_well(kilolearn: Callable[..., Said]) -> None:
    done = kilolearn("doctor")
    assert done.code == 0, done.out
    version = subprocess.run(["avr-gcc", "-dumpversion"], capture_output=True, text=True)
    assert f"ok       avr-gcc: {version.stdout.strip()}" in done.out
    for name in ("libsimavr", "make", "gcc", "avrdude", "Python extra learn"):
        assert f"ok       {name}: " in done.out
    assert done.out.count("avrdude:") == 1


def test_what_is_missing_comes_with_its_command(
    kilolearn: Callable[..., Said], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    done = kilolearn("doctor")
    assert done.code == 1
    for package in ("gcc-avr", "make", "gcc", "avrdude"):
        assert f"apt-get install {package}\n" in done.out


def test_an_emulator_that_does_not_load_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "pyavr-sim"
    broken.write_text("#!/bin/sh\necho 'pyavr-sim: libsimavr.so.2 is missing' >&2; exit 2\n")
    broken.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    found = doctor.check_machine()[0]
    assert (found.name, found.is_required, found.fix) == ("emulator", True, "./dev setup")
    assert "libsimavr.so.2 is missing" in found.found
    broken.unlink()
    assert "No such file" in doctor.check_machine()[0].found


def test_usb_programmers_need_rules(tmp_path: Path) -> None:
    missing = check_usb_rules([tmp_path])
    assert missing.fix is not None
    assert "USBtiny and USBasp" in missing.found
    for number in ("1781", "0c9f", "16c0", "05dc"):
        assert number in missing.fix

    (tmp_path / "60-avrdude.rules").write_text(
        f'{RULES.splitlines()[0]}\nATTRS{{idVendor}}=="16c0", ATTRS{{idProduct}}=="0478"\n'
    )
    half = check_usb_rules([tmp_path])
    assert half.fix is not None
    assert "USBtiny" not in half.found
    assert "1781" not in half.fix

    (tmp_path / "60-avrdude.rules").write_text(RULES)
    assert check_usb_rules([tmp_path]).fix is None


def test_an_extra_lacks_what_is_not_installed() -> None:
    wanted = ['numpy>=1; extra == "learn"', "absent-thing>=2 ; extra == 'learn'", "other; x"]
    found = check_extra("learn", wanted)
    assert found.found == "there is no absent-thing"
    assert found.fix == f"{sys.executable} -m pip install 'absent-thing>=2'"
    assert not found.is_required
    assert check_extra("learn", wanted[:1]).fix is None
