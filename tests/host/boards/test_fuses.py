# SPDX-License-Identifier: GPL-3.0-or-later
"""Fuses in words, against what avr-libc's headers say of each chip."""

from __future__ import annotations

import re
import subprocess

import numpy as np
import pytest

from kilolearn.errors import FlashError
from kilolearn.fuses import fuse_map

CHIPS = [
    *("attiny13a", "attiny85", "attiny88", "attiny841", "attiny1634"),
    *("atmega88", "atmega88p", "atmega168", "atmega168p", "atmega328", "atmega328p"),
]
DELIVERED_HZ = {"attiny13a": 9_600_000}


def headers(mcu: str) -> dict[str, int]:
    """Every FUSE_... of avr/io.h as the number of its bit, and the bytes as delivered."""
    found = subprocess.run(
        ["avr-gcc", f"-mmcu={mcu}", "-E", "-dM", "-include", "avr/io.h", "-xc", "/dev/null"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    lines = dict(re.findall(r"^#define (\w*FUSE\w*) (.+)$", found, re.MULTILINE))
    bits = {
        name.removeprefix("FUSE_"): int(bit[1])
        for name, value in lines.items()
        if (bit := re.search(r"_BV\((\d)\)", value)) and name.startswith("FUSE_")
    }
    for byte in ("LFUSE", "HFUSE", "EFUSE"):
        value = lines.get(f"{byte}_DEFAULT", "")
        programmed = sum({1 << bits[name] for name in re.findall(r"FUSE_(\w+)", value)})
        bits[byte] = 0xFF & ~programmed
    return bits


def delivered(mcu: str) -> bytes:
    bits = headers(mcu)
    return bytes(bits[name] for name in ("LFUSE", "HFUSE", "EFUSE"))[: fuse_map(mcu).count]


@pytest.mark.parametrize("mcu", CHIPS)
def test_each_fuse_is_the_bit_that_avr_libc_says(mcu: str) -> None:
    bits = headers(mcu)
    assert {name: bit for name, (_, bit) in fuse_map(mcu).bits.items()} == {
        name: bits[name] for name in fuse_map(mcu).bits
    }


@pytest.mark.parametrize("mcu", CHIPS)
def test_a_chip_as_delivered_runs_at_an_eighth_of_its_internal_clock(mcu: str) -> None:
    fuses, hz = delivered(mcu), DELIVERED_HZ.get(mcu, 8_000_000)
    words = fuse_map(mcu).in_words(fuses)
    assert words[1] == f"clock: internal, {hz / 1e6:g} MHz, divided by 8 at the start"
    assert words[2] == "brown-out detector: off"
    assert fuse_map(mcu).wanted(fuses, hz, is_self_programming=False) == fuses


@pytest.mark.parametrize("mcu", [mcu for mcu in CHIPS if mcu.startswith("atmega")])
def test_sixteen_megahertz_of_an_atmega_are_a_crystal(mcu: str) -> None:
    fuses = delivered(mcu)
    wanted = fuse_map(mcu).wanted(fuses, 16_000_000, is_self_programming=False)
    assert wanted == b"\xff" + fuses[1:]
    assert "clock: a crystal" in fuse_map(mcu).in_words(wanted)


@pytest.mark.parametrize("mcu", CHIPS)
def test_what_the_firmware_does_not_care_for_stays(mcu: str) -> None:
    """Whatever the fuses are: only the clock's bits change, and these only if they must."""
    fuses, random = fuse_map(mcu), np.random.default_rng(1)
    hz = DELIVERED_HZ.get(mcu, 8_000_000)
    for _ in range(200):
        found = random.bytes(fuses.count)
        wanted = fuses.wanted(found, hz, is_self_programming=False)
        assert (found[0] ^ wanted[0]) & ~fuses.clock_mask == 0
        assert found[1:] == wanted[1:]
        assert fuses.clock(wanted).hz in (None, hz)
        assert fuses.wanted(wanted, hz, is_self_programming=False) == wanted
        assert fuses.in_words(found)


def test_a_firmware_that_writes_its_flash_needs_a_fuse() -> None:
    fuses = fuse_map("attiny1634")
    wanted = fuses.wanted(b"\x62\xdf\xff", 8_000_000, is_self_programming=True)
    assert wanted == b"\x62\xdf\xfe"
    assert "the firmware may write its own flash" in fuses.in_words(wanted)


@pytest.mark.parametrize(
    ("mcu", "fuses", "words"),
    [
        ("attiny85", "e1dfff", "clock: internal, 16 MHz from the PLL"),
        ("attiny85", "e2ddff", "brown-out detector: 2.7 V"),
        ("attiny85", "e2d7ff", "an erase of the chip spares its EEPROM"),
        ("attiny85", "e25fff", "the reset pin is a plain pin: no programmer will find it again"),
        ("attiny13a", "7afd", "brown-out detector: 1.8 V"),
        ("attiny13a", "79ff", "clock: internal, 4.8 MHz"),
        ("attiny1634", "e2ddfb", "brown-out detector: 2.7 V"),
        ("attiny1634", "e2dfff", "brown-out detector: off"),
        ("attiny1634", "e2dffb", "brown-out detector: 1.8 V"),
        ("atmega328p", "ffdafd", "a boot loader starts first"),
        ("atmega328p", "ffdafd", "brown-out detector: 2.7 V"),
        ("atmega328p", "e0d9ff", "clock: an external clock"),
        ("atmega328p", "e1d9ff", "clock: a reserved setting, 0b0001"),
        ("atmega168p", "62ddf9", "brown-out detector: 2.7 V"),
    ],
)
def test_fuses_in_words(mcu: str, fuses: str, words: str) -> None:
    assert words in fuse_map(mcu).in_words(bytes.fromhex(fuses))


def test_a_clock_that_the_chip_has_not_is_refused() -> None:
    with pytest.raises(FlashError, match=r"built for 16 MHz.*9\.6 MHz or 4\.8 MHz.*--hz"):
        fuse_map("attiny13a").wanted(b"\x6a\xff", 16_000_000, is_self_programming=False)


def test_a_chip_whose_fuses_are_unknown_is_refused() -> None:
    with pytest.raises(FlashError, match=r"attiny1614.*expected one of attiny13a"):
        fuse_map("attiny1614")
