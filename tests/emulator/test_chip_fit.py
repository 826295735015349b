# SPDX-License-Identifier: GPL-3.0-or-later
"""Which image may go into which chip, and what the refusal of another says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from pyavr_sim.chips import describe_chip
from pyavr_sim.errors import ImageTooLargeError, SramOverflowError, WrongChipError
from pyavr_sim.firmware import Firmware

Build = Callable[..., Path]


@dataclass(frozen=True)
class Datasheet:
    """A chip as its datasheet describes it, independent of the emulator's own table."""

    name: str
    flash_bytes: int
    sram_start: int
    sram_bytes: int
    eeprom_bytes: int
    has_mul: bool


CHIPS = {
    chip.name: chip
    for chip in (
        Datasheet("attiny13a", 1024, 0x60, 64, 64, False),
        Datasheet("attiny85", 8192, 0x60, 512, 512, False),
        Datasheet("attiny1634", 16384, 0x100, 1024, 256, False),
        Datasheet("atmega88p", 8192, 0x100, 1024, 512, True),
        Datasheet("atmega168p", 16384, 0x100, 1024, 512, True),
        Datasheet("atmega328p", 32768, 0x100, 2048, 1024, True),
    )
}


def unlimited(region: str) -> str:
    """A flag that keeps the linker from checking a memory itself, as older ones do not."""
    return f"-Wl,--defsym=__{region}_REGION_LENGTH__=0xffff"


@pytest.mark.parametrize("mcu", CHIPS)
def test_the_chip_is_known_from_the_start_up_code(build: Build, mcu: str) -> None:
    firmware = Firmware.load(build("mmcu_notes.c", mcu))

    assert firmware.mcu == mcu
    firmware.check_fits(CHIPS[mcu])


@pytest.mark.parametrize(
    "mcu",
    ["attiny2313", "attiny84", "attiny4313", "atmega8", "atmega644p", "atmega1284p", "at90usb162"],
)
def test_the_instruction_set_of_other_chips_is_known_as_avr_gcc_knows_it(
    build: Build, mcu: str
) -> None:
    Firmware.load(build("mmcu_notes.c", mcu)).check_fits(describe_chip(mcu))


@pytest.mark.parametrize(
    ("built_for", "put_into"),
    [
        ("attiny85", "attiny13a"),
        ("attiny13a", "attiny85"),
        ("atmega328p", "attiny1634"),
        ("attiny1634", "atmega168p"),
        ("atmega168p", "atmega328p"),
        ("atmega88p", "atmega168p"),
    ],
)
def test_an_image_for_another_chip_is_refused(build: Build, built_for: str, put_into: str) -> None:
    firmware = Firmware.load(build("mmcu_notes.c", built_for))

    with pytest.raises(WrongChipError, match=rf"built for {built_for}; expected {put_into}"):
        firmware.check_fits(CHIPS[put_into])


def test_a_revision_of_the_same_chip_is_accepted(build: Build) -> None:
    Firmware.load(build("mmcu_notes.c", "atmega328")).check_fits(CHIPS["atmega328p"])
    Firmware.load(build("mmcu_notes.c", "attiny13")).check_fits(CHIPS["attiny13a"])


def test_the_caller_may_overrule_the_name_but_not_the_instruction_set(build: Build) -> None:
    elf = build("mmcu_notes.c", "atmega168p")

    Firmware.load(elf, mcu="atmega328p").check_fits(CHIPS["atmega328p"])
    with pytest.raises(WrongChipError, match="avr5 code; attiny85 needs avr25"):
        Firmware.load(elf, mcu="attiny85").check_fits(CHIPS["attiny85"])


def test_variables_below_the_chips_sram_are_refused(build: Build) -> None:
    elf = build("typed_variables.c", "atmega328p", "-Wl,-Tdata=0x800060")

    with pytest.raises(WrongChipError, match=r"from data address 0x0060.*starts at 0x0100"):
        Firmware.load(elf).check_fits(CHIPS["atmega328p"])


def test_too_many_variables_are_refused_with_sizes_by_section(build: Build) -> None:
    elf = build("statics.c", "attiny1634", "-DBSS=1000", "-DDATA=30", unlimited("DATA"))

    with pytest.raises(SramOverflowError, match=r"\.data 30.*\.bss 1000.*1024 bytes.* 6 too few"):
        Firmware.load(elf).check_fits(CHIPS["attiny1634"])


def test_static_data_may_fill_sram_to_the_last_byte(build: Build) -> None:
    firmware = Firmware.load(build("statics.c", "attiny1634", "-DBSS=994", "-DDATA=30"))

    assert firmware.static_bytes == 1024
    firmware.check_fits(CHIPS["attiny1634"])


def test_an_image_larger_than_flash_is_refused_with_sizes_by_section(build: Build) -> None:
    elf = build("statics.c", "atmega168p", "-DFLASH=16384", unlimited("TEXT"))
    firmware = Firmware.load(elf)

    with pytest.raises(ImageTooLargeError, match=r"\.text \d+.*16384 bytes of flash, \d+ too few"):
        firmware.check_fits(CHIPS["atmega168p"])


def test_an_image_larger_than_eeprom_is_refused(build: Build) -> None:
    elf = build("statics.c", "attiny1634", "-DEEPROM=257", unlimited("EEPROM"))

    with pytest.raises(ImageTooLargeError, match=r"\.eeprom 257.*256 bytes of EEPROM, 1 too few"):
        Firmware.load(elf).check_fits(CHIPS["attiny1634"])
