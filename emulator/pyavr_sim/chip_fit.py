# SPDX-License-Identifier: GPL-3.0-or-later
"""Decides whether an image can be programmed into a chip and start there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol

from pyavr_sim.errors import ImageTooLargeError, SramOverflowError, WrongChipError

if TYPE_CHECKING:
    from pyavr_sim.firmware import Firmware

__all__ = ["FittingChip", "architecture_of", "check_fits"]

# Chips whose instruction set does not follow from size and MUL (gcc/config/avr/avr-mcus.def).
_ODD_ARCHITECTURES = {
    "attiny87": "avr35",
    "at90usb82": "avr35",
    "atmega8u2": "avr35",
    "at90s2313": "avr2",
    "at90s8515": "avr2",
    "atmega103": "avr31",
    "at43usb320": "avr31",
    "at43usb355": "avr3",
    "at76c711": "avr3",
}
# (flash up to so many bytes, instruction set)
_WITH_MUL = ((8192, "avr4"), (65536, "avr5"), (131072, "avr51"), (1 << 32, "avr6"))
_WITHOUT_MUL = ((8192, "avr25"), (1 << 32, "avr35"))
# The letters tell revisions and speed grades of one chip apart; memories, vectors and registers
# are the same.
_REVISION = re.compile(r"(at(?:mega|tiny)\d+)(?:p|a|pa|l|v)?\Z")


class FittingChip(Protocol):
    """The part of a chip's description that matters here; sizes in bytes."""

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def flash_bytes(self) -> int: ...  # noqa: D102
    @property
    def sram_bytes(self) -> int: ...  # noqa: D102
    @property
    def sram_start(self) -> int: ...  # noqa: D102
    @property
    def eeprom_bytes(self) -> int: ...  # noqa: D102
    @property
    def has_mul(self) -> bool: ...  # noqa: D102


def architecture_of(chip: FittingChip) -> str:
    """The instruction set that avr-gcc uses for a chip, such as ``"avr25"``.

    Source: gcc ``config/avr/avr-mcus.def``.
    """
    if chip.name in _ODD_ARCHITECTURES:
        return _ODD_ARCHITECTURES[chip.name]
    sizes = _WITH_MUL if chip.has_mul else _WITHOUT_MUL
    return next(name for flash_bytes_max, name in sizes if chip.flash_bytes <= flash_bytes_max)


def check_fits(firmware: Firmware, chip: FittingChip) -> None:
    """Raise the error that says why an image does not belong on a chip; else do nothing.

    Args:
        firmware: The image.
        chip: Name and sizes of the chip.

    Raises:
        WrongChipError: Built for another chip or another instruction set, or its variables are
            not where the chip's SRAM is.
        ImageTooLargeError: Flash or EEPROM is too small.
        SramOverflowError: SRAM is too small for the static data.
    """
    _check_name(firmware, chip)
    _check_architecture(firmware, chip)
    _check_extent(firmware, chip, "flash", firmware.flash, chip.flash_bytes)
    _check_extent(firmware, chip, "EEPROM", firmware.eeprom, chip.eeprom_bytes)
    _check_sram(firmware, chip)


def _check_name(firmware: Firmware, chip: FittingChip) -> None:
    if firmware.mcu and _family(firmware.mcu) != _family(chip.name):
        raise WrongChipError(
            f"{firmware.path} was built for {firmware.mcu}; expected {chip.name}. Build it with "
            f'-mmcu={chip.name}, or use Chip("{firmware.mcu}", ...).'
        )


def _family(name: str) -> str:
    match = _REVISION.match(name.lower())
    return match[1] if match else name.lower()


def _check_architecture(firmware: Firmware, chip: FittingChip) -> None:
    expected = architecture_of(chip)
    if firmware.architecture and firmware.architecture != expected:
        raise WrongChipError(
            f"{firmware.path} holds {firmware.architecture} code; {chip.name} needs {expected}. "
            f"Build it with -mmcu={chip.name}."
        )


def _check_extent(
    firmware: Firmware,
    chip: FittingChip,
    memory: str,
    runs: tuple[tuple[int, bytes], ...],
    available: int,
) -> None:
    if not runs:
        return
    start, data = runs[-1]
    end = start + len(data)
    if end > available:
        used = sum(len(data) for _, data in runs)
        parts = _parts(firmware, memory)
        raise ImageTooLargeError(
            f"{firmware.path} has {used} bytes of {memory} contents, ending at byte {end}{parts}; "
            f"{chip.name} has {available} bytes of {memory}, {end - available} too few. "
            "Build with -Os -ffunction-sections -Wl,--gc-sections, or take a larger chip."
        )


def _check_sram(firmware: Firmware, chip: FittingChip) -> None:
    if not firmware.static_bytes:
        return
    elf = firmware.elf
    assert elf is not None  # only an ELF has static data
    first = min(s.virtual for s in elf.segments if 0x800000 <= s.virtual < 0x810000) - 0x800000
    if first < chip.sram_start:
        raise WrongChipError(
            f"{firmware.path} has its variables from data address 0x{first:04X}; the SRAM of "
            f"{chip.name} starts at 0x{chip.sram_start:04X}. Build it with -mmcu={chip.name}."
        )
    end = chip.sram_start + chip.sram_bytes
    if firmware.static_end > end:
        raise SramOverflowError(
            f"{firmware.path} has {firmware.static_bytes} bytes of variables"
            f"{_parts(firmware, 'SRAM')}, ending at data address 0x{firmware.static_end:04X}; "
            f"{chip.name} has {chip.sram_bytes} bytes of SRAM up to 0x{end:04X}, "
            f"{firmware.static_end - end} too few, and the stack needs room too. Move constants "
            "to flash (PROGMEM), or take a larger chip."
        )


def _parts(firmware: Firmware, memory: str) -> str:
    """The sections that fill a memory, as ``" (.data 8, .bss 74)"``."""
    if firmware.elf is None:
        return ""
    start, stop = {
        "flash": (0, 0x800000),
        "SRAM": (0x800000, 0x810000),
        "EEPROM": (0x810000, 0x820000),
    }[memory]
    sizes = [
        f"{s.name} {s.size_bytes}"
        for s in firmware.elf.allocated_sections
        if start <= s.address < stop or (memory == "flash" and s.name == ".data")
    ]
    return f" ({', '.join(sizes)})" if sizes else ""
