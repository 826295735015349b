# SPDX-License-Identifier: GPL-3.0-or-later
"""Real avrdude uploads to emulated chips: through the STK500, and through a boot loader."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import serial

from .conftest import Shell
from .test_serve import READY, WAIT_SECONDS

BOOT_LOADER = Path(
    "/usr/share/arduino/hardware/arduino/avr/bootloaders/atmega/ATmegaBOOT_168_atmega328.hex"
)
AVRDUDE_NAMES = {
    "attiny13a": "t13a",
    "attiny85": "t85",
    "attiny1634": "t1634",
    "atmega328p": "m328p",
}

Start = Callable[..., list[str]]


def avrdude(port: str, part: str, *words: str | Path, programmer: str = "stk500v1") -> str:
    """Call it; what it said, which ends with its exit code."""
    line = ["avrdude", "-q", "-p", part, "-c", programmer, "-P", port, *map(str, words)]
    done = subprocess.run(line, capture_output=True, text=True, timeout=100, check=False)
    return f"{done.stdout}{done.stderr}\nexit code {done.returncode}"


@pytest.mark.parametrize("mcu", AVRDUDE_NAMES)
def test_avrdude_writes_and_verifies_flash_eeprom_and_fuses(
    start: Start, tmp_path: Path, mcu: str
) -> None:
    port = start("programmer", "--mcu", mcu)[0]
    flash, eeprom, back = tmp_path / "flash", tmp_path / "eeprom", tmp_path / "back"
    random = np.random.default_rng(1)
    flash.write_bytes(random.bytes(900))
    eeprom.write_bytes(random.bytes(50))

    said = avrdude(
        port,
        AVRDUDE_NAMES[mcu],
        *("-U", f"flash:w:{flash}:r", "-U", f"eeprom:w:{eeprom}:r", "-U", "lfuse:w:0x64:m"),
    )

    assert "900 bytes of flash verified" in said
    assert "50 bytes of eeprom verified" in said
    assert "1 byte of lfuse verified" in said
    assert said.endswith("exit code 0")
    # In a session of its own, so that it is the chip that has kept them.
    said = avrdude(port, AVRDUDE_NAMES[mcu], "-U", f"flash:r:{back}:r", "-U", "lfuse:r:-:h")
    assert back.read_bytes()[:900] == flash.read_bytes()
    assert "0x64" in said


def test_avrdude_refuses_another_chip(start: Start, tmp_path: Path) -> None:
    (tmp_path / "flash").write_bytes(b"\1" * 10)
    port = start("programmer", "--mcu", "attiny85")[0]
    said = avrdude(port, "m328p", "-U", f"flash:w:{tmp_path / 'flash'}:r")
    assert "device signature = 0x1e930b (probably t85)" in said
    assert "expected signature for ATmega328P is 1E 95 0F" in said
    assert not said.endswith("exit code 0")


def test_a_fuse_that_shuts_programmers_out_does(start: Start) -> None:
    port = start("programmer", "--mcu", "attiny85")[0]
    assert avrdude(port, "t85", "-U", "hfuse:w:0x5f:m").endswith("exit code 0")
    said = avrdude(port, "t85", "-U", "hfuse:r:-:h")
    assert "no device" in said
    assert not said.endswith("exit code 0")


@pytest.mark.parametrize(("fuse", "kept"), [("0xdf", False), ("0xd7", True)])
def test_a_fuse_says_whether_an_erase_takes_the_eeprom(
    start: Start, tmp_path: Path, fuse: str, kept: bool
) -> None:
    eeprom = tmp_path / "eeprom"
    eeprom.write_bytes(b"weights!")
    port = start("programmer", "--mcu", "attiny85")[0]
    avrdude(port, "t85", "-U", f"hfuse:w:{fuse}:m", "-U", f"eeprom:w:{eeprom}:r")
    assert avrdude(port, "t85", "-e", "-U", f"eeprom:r:{eeprom}:r").endswith("exit code 0")
    assert (eeprom.read_bytes()[:8] == b"weights!") == kept


def test_the_chip_runs_what_was_uploaded_by_the_programmer(start: Start, console_hex: Path) -> None:
    programmer, own = start("programmer", "--mcu", "atmega328p", count=2)
    said = avrdude(programmer, "m328p", "-U", f"flash:w:{console_hex}:i")
    assert re.search(r"\d+ bytes of flash verified", said)
    with serial.Serial(own, timeout=WAIT_SECONDS) as port:
        assert port.read(len(READY)) == READY


def test_the_chip_runs_what_was_uploaded_by_its_boot_loader(
    start: Start, console_hex: Path
) -> None:
    """ATmegaBOOT, the boot loader of older Arduinos, on the port that is then the sketch's."""
    words = ("serve", BOOT_LOADER, "--mcu", "atmega328p", "--reset-address", "0x7800")
    (path,) = start(*words)
    upload = ("-b", "57600", "-D", "-U", f"flash:w:{console_hex}:i")
    said = avrdude(path, "m328p", *upload, programmer="arduino")
    assert re.search(r"\d+ bytes of flash verified", said)
    with serial.Serial(path, timeout=WAIT_SECONDS) as port:
        assert port.read_until(READY).endswith(READY)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--mcu", "attiny1635"], "attiny1635"),
        (["--mcu", "attiny85", "--uart", "0"], "has no UART 0"),
        (["--mcu", "attiny85", "--line", "B3"], "line='B3'"),
    ],
)
def test_what_cannot_be_programmed_is_said(shell: Shell, words: list[str], said: str) -> None:
    done = shell("programmer", *words)
    assert done.returncode == 2
    assert said in " ".join(done.stderr.decode().split())


@pytest.mark.parametrize("address", ["7x", "0x7801", "0x8000"])
def test_a_start_that_is_none_is_said(shell: Shell, console: Path, address: str) -> None:
    done = shell("serve", console, "--reset-address", address)
    assert done.returncode == 2
    assert address in done.stderr.decode()
