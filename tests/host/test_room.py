# SPDX-License-Identifier: GPL-3.0-or-later
"""What does not fit is refused with the bytes of its parts and the chips that have room."""

from __future__ import annotations

import subprocess

import pytest

from kilolearn import firmware
from kilolearn.errors import BuildError
from kilolearn.room import chip_room, image_parts
from pyavr_sim import Chip

CHIPS = ["attiny13a", "attiny85", "attiny88", "attiny841", "attiny1634", "atmega88", "atmega328p"]


@pytest.mark.parametrize("mcu", CHIPS)
def test_the_room_of_a_chip_is_what_the_emulator_has(mcu):
    with Chip(mcu) as chip:
        told = chip.description
        room = chip_room(mcu)
        assert (room.flash_bytes, room.sram_bytes) == (told.flash_bytes, told.sram_bytes)


def test_the_parts_of_an_image_add_up_to_its_sections():
    elf = firmware.build("digits", "attiny1634")
    parts = image_parts(elf)
    told = subprocess.run(["avr-size", "-A", elf], capture_output=True, text=True, check=True)
    sizes = {line.split()[0]: int(line.split()[1]) for line in told.stdout.splitlines()[2:-3]}
    assert parts.flash_bytes == sizes[".text"] + sizes[".data"]
    assert parts.static_bytes == sum(sizes.get(s, 0) for s in (".data", ".bss", ".noinit"))
    assert parts.static["net"] == 610
    assert next(iter(parts.static)) == "net"


def test_a_net_too_large_for_the_linker_is_told_part_by_part():
    with pytest.raises(BuildError) as refused:
        firmware.build("digits", "attiny841")
    said = str(refused.value)
    assert "digits does not fit into the flash and SRAM of MCU=attiny841" in said
    assert "B of 512, without stack: net (weights) 610, frame (frame buffer) 69" in said
    assert "count (counters) 8" in said
    assert "B of 8,192: .text" in said
    assert "enough room for both: attiny1634, atmega88, " in said


def test_flash_has_the_bound_of_the_chip(tmp_path):
    """The linker's own for the ATtiny13A is eight times the flash that it has."""
    (tmp_path / "codec_digits-large.h").write_text(
        "#define HIDDEN_CODEC int8\n#define OUTPUT_CODEC int8\n#define HIDDEN_SHIFT 7\n"
        "#define HIDDEN_SUM_MAX 1\n#define OUTPUT_SUM_MAX 1\n"
        '#include "codec/int8.h"\n'
        "static IN_FLASH uint8_t hidden_bytes[2048] = {1};\n"
        "static IN_FLASH int16_t hidden_bias[32];\n"
        "static IN_FLASH uint8_t output_bytes[320] = {1};\n"
        "static IN_FLASH int16_t output_bias[10];\n"
    )
    with pytest.raises(BuildError, match=r"codec_digits-large does not fit") as refused:
        firmware.build("codec_digits", "attiny13a", "large", configs=tmp_path)
    assert "sample (sample) 64, hidden 32, score 20" in str(refused.value)
    assert "B of 1,024" in str(refused.value)
    assert firmware.build("codec_digits", "attiny85", "large", configs=tmp_path).is_file()
