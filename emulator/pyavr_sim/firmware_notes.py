# SPDX-License-Identifier: GPL-3.0-or-later
"""What an image says about the chip and the clock it was built for.

avr-libc's start-up code leaves a note with the device name in every image that is linked for a
device (``.note.gnu.avr.deviceinfo``). Firmware written for simavr may have a ``.mmcu`` section of
(tag, length, value) records with name and frequency.

Source: avr-libc ``crt1/gcrt1.S`` and ``devtools/gen-avr-lib-tree``; simavr ``avr_mcu_section.h``.
Damage in these notes is not an error of the image: they are then ignored.
"""

from __future__ import annotations

import re
import struct

from pyavr_sim.elf_image import ElfImage

__all__ = ["read_device_name", "read_mmcu"]

_DEVICE_NAME = re.compile(rb"[a-z0-9]{2,32}\Z")
_MMCU_NAME, _MMCU_FREQUENCY = 1, 2


def read_device_name(elf: ElfImage) -> str | None:
    """The device in ``.note.gnu.avr.deviceinfo``, such as ``"attiny1634"``."""
    section = elf.sections.get(".note.gnu.avr.deviceinfo")
    if section is None or len(section.data) < 12:
        return None
    owner_bytes, size, _ = struct.unpack_from("<III", section.data)
    start = 12 + (owner_bytes + 3 & ~3)
    description = bytes(section.data[start : start + size])
    # Six words (start and size of flash, SRAM, EEPROM), the size of the offset table, then that
    # table, whose first entry is where the name starts in the strings after it.
    if len(description) < 32:
        return None
    table_bytes, name_at = struct.unpack_from("<II", description, 24)
    strings = description[24 + table_bytes :]
    return _device_name(strings[name_at:].split(b"\0", 1)[0])


def read_mmcu(elf: ElfImage) -> tuple[str | None, int | None]:
    """Device name and clock in hertz in simavr's ``.mmcu`` section, each None when not there."""
    section = elf.sections.get(".mmcu")
    data = bytes(section.data) if section else b""
    name: str | None = None
    hz: int | None = None
    at = 0
    while at + 1 < len(data):
        tag, size = data[at], data[at + 1]
        if tag == 0:  # padding between records
            at += 1
            continue
        value = data[at + 2 : at + 2 + size]
        if tag == _MMCU_NAME:
            name = _device_name(value.split(b"\0", 1)[0])
        elif tag == _MMCU_FREQUENCY and len(value) >= 4:
            hz = int.from_bytes(value[:4], "little") or None
        at += 2 + size
    return name, hz


def _device_name(found: bytes) -> str | None:
    return found.decode("ascii") if _DEVICE_NAME.match(found) else None
