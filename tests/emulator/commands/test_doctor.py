# SPDX-License-Identifier: GPL-3.0-or-later
"""``pyavr-sim doctor``: what it finds, and the command that it gives for what it does not."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from pyavr_sim import doctor

from .conftest import COMMAND, Shell


def test_a_machine_that_builds_firmware_is_well(shell: Shell) -> None:
    code, document = shell.json("doctor")

    checks = {check["name"]: check for check in document["checks"]}
    version = subprocess.run(["avr-gcc", "-dumpversion"], capture_output=True, text=True)
    assert (code, document["is_ok"]) == (0, True)
    assert checks["avr-gcc"]["found"] == version.stdout.strip()
    assert checks["libsimavr"]["found"].startswith("1.")
    assert list(checks) == [
        *("Python", "libsimavr", "avr-gcc", "avr-libc", "avrdude", "avr-gdb"),
        "serial ports",
    ]


def test_what_is_missing_comes_with_the_command_that_brings_it(shell: Shell) -> None:
    done = subprocess.run(
        [COMMAND, "doctor"],
        env={"PATH": str(shell.folder)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    for package in ("gcc-avr", "avr-libc", "avrdude", "gdb-avr"):
        assert f"apt-get install {package}\n" in done.stdout


def test_a_tool_that_does_not_run_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "avr-gcc").write_text("no program")
    (tmp_path / "avr-gdb").write_text("#!/bin/sh\necho broken >&2\nexit 1\n")
    for name in ("avr-gcc", "avr-gdb"):
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    found = {check.name: check for check in doctor.check_machine()}

    assert not found["avr-gcc"].is_ok
    assert found["avr-gcc"].found.startswith("avr-gcc does not run")
    assert not found["avr-gdb"].is_ok


@pytest.mark.parametrize(
    ("mode", "group", "fix"),
    [(0o660, 20, "usermod -aG dialout"), (0o600, 20, "udevadm"), (0o660, 0, "udevadm")],
    ids=["its group may", "nobody else may", "its group is root's"],
)
def test_a_port_that_is_closed_to_the_user_comes_with_a_fix(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int, group: int, fix: str
) -> None:
    port = tmp_path / "ttyUSB0"
    port.touch()
    status = os.stat_result((mode, 1, 1, 1, 0, group, 0, 0, 0, 0))
    monkeypatch.setattr(Path, "stat", lambda self: status)
    monkeypatch.setattr(os, "access", lambda path, wanted: False)

    check = doctor.check_ports([port])

    assert not check.is_ok
    assert str(port) in check.found
    assert fix in check.fix


def test_a_port_that_is_open_to_the_user_is_well(tmp_path: Path) -> None:
    port = tmp_path / "ttyUSB0"
    port.touch()

    assert doctor.check_ports([port]).is_ok


def test_without_a_port_the_group_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(os, "getgroups", lambda: [20])
    assert doctor.check_ports([]).is_ok

    monkeypatch.setattr(os, "getgroups", lambda: [100])
    assert doctor.check_ports([]).fix.startswith("sudo usermod -aG dialout ")
