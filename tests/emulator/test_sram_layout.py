# SPDX-License-Identifier: GPL-3.0-or-later
"""Every byte of SRAM has one owner."""

from __future__ import annotations

import subprocess

import pytest

from pyavr_sim import Chip, Firmware
from pyavr_sim.chips import describe_chip
from pyavr_sim.recording import record
from pyavr_sim.sram_layout import Owner, sram_layout, static_by_symbol

CHIPS = ["attiny13a", "attiny1634", "atmega328p"]


def owners(layout):
    return {
        owner: size
        for owner in Owner
        if (size := sum(region.size for region in layout if region.owner is owner))
    }


def assert_gapless(layout, chip):
    ends = [chip.sram_start, *(region.end for region in layout)]
    assert [region.start for region in layout] == ends[:-1]
    assert ends[-1] == chip.sram_end + 1
    assert sum(region.size for region in layout) == chip.sram_bytes


@pytest.mark.parametrize("mcu", CHIPS)
def test_known_bytes_of_every_section(build, mcu):
    chip = describe_chip(mcu)
    layout = sram_layout(Firmware.load(build("owners.c", mcu)), chip)
    assert_gapless(layout, chip)
    named = {region.name: (region.size, region.owner) for region in layout if region.name}
    assert named == {
        "preset": (3, Owner.DATA),
        "cleared": (10, Owner.BSS),
        "hidden": (1, Owner.BSS),
        "kept": (5, Owner.NOINIT),
    }
    sources = {region.name: region.source for region in layout if region.name}
    assert sources["preset"] == "owners.c:9"
    assert sources["hidden"] == "owners.c:12"
    padding = sum(r.size for r in layout if r.name is None and r.owner is not Owner.FREE)
    assert padding <= 1  # .data is even


@pytest.mark.parametrize("mcu", ["attiny1634", "atmega328p"])
def test_heap_and_stack_of_a_run(build, mcu):
    with Chip(mcu, build("owners.c", mcu, "-DHEAP")) as chip:
        recording = record(chip, 100_000)
        assert_gapless(recording.layout, chip.description)
        found = owners(recording.layout)
        assert found[Owner.HEAP] == 8
        assert found[Owner.STACK] == chip.stack_high_water
        statics = found[Owner.DATA] + found[Owner.BSS] + found[Owner.NOINIT]
        assert statics == chip.static_bytes


def test_statics_of_one_name_say_their_files(build):
    firmware = Firmware.load(build("statics.c", "atmega328p"))
    names = [region.name for region in static_by_symbol(firmware) if region.name]
    assert len(names) == len(set(names))
    sizes = [region.size for region in static_by_symbol(firmware)]
    assert sizes == sorted(sizes, reverse=True)
    assert sum(sizes) == firmware.static_bytes


def test_without_symbols_sections_remain_and_in_hex_nothing(build, tmp_path):
    elf = build("owners.c", "atmega328p")
    stripped, hexed = tmp_path / "stripped.elf", tmp_path / "plain.hex"
    subprocess.run(["avr-strip", "-o", stripped, elf], check=True)
    subprocess.run(["avr-objcopy", "-O", "ihex", elf, hexed], check=True)
    chip = describe_chip("atmega328p")
    whole = sram_layout(Firmware.load(elf), chip)
    bare = sram_layout(Firmware.load(stripped, "atmega328p"), chip)
    assert owners(bare) == owners(whole)
    assert {region.name for region in bare} == {None}
    assert owners(sram_layout(Firmware.load(hexed), chip)) == {Owner.FREE: chip.sram_bytes}


def test_a_stack_in_the_variables_leaves_them_their_bytes(build):
    chip = describe_chip("atmega328p")
    firmware = Firmware.load(build("owners.c", "atmega328p"))
    layout = sram_layout(firmware, chip, stack_bytes=chip.sram_bytes, heap_bytes=100)
    assert_gapless(layout, chip)
    assert owners(layout)[Owner.STACK] == chip.sram_bytes - firmware.static_bytes
    assert Owner.HEAP not in owners(layout)
