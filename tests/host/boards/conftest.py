# SPDX-License-Identifier: GPL-3.0-or-later
"""Boards that are emulated behind pseudo-terminals, and the command line in this process."""

from __future__ import annotations

import os
import sys
import tty
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from kilolearn import cli, firmware

BOOT_LOADER = (
    "/usr/share/arduino/hardware/arduino/avr/bootloaders/atmega/ATmegaBOOT_168_atmega328.hex"
)
OLD_ARDUINO = ("serve", BOOT_LOADER, "--mcu", "atmega328p", "--reset-address", "0x7800")

Start = Callable[..., list[str]]


class Said(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


@pytest.fixture
def kilolearn(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Said]:
    """``kilolearn("flash", "digits", ...)``: the command line; no call ends in a traceback."""

    def call(*words: str | Path) -> Said:
        monkeypatch.setattr(sys, "argv", ["kilolearn", *map(str, words)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out, err = capsys.readouterr()
        return Said(int(ended.value.code or 0), out, " ".join(err.split()))

    return call


@pytest.fixture
def pair() -> Iterator[tuple[int, str]]:
    """A pseudo-terminal: the board's side, and the name of the other one, which nobody has open."""
    master, slave = os.openpty()
    tty.setraw(slave)
    path = os.ttyname(slave)
    os.close(slave)
    yield master, path
    os.close(master)


@pytest.fixture(scope="session")
def iris() -> Callable[[str], Path]:
    """The learner of these tests, built for a chip."""
    return lambda mcu: firmware.build("dense", mcu, "iris")
