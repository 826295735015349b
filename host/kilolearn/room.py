# SPDX-License-Identifier: GPL-3.0-or-later
"""What an image takes, part by part, beside what the chips have: for one that does not fit."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection

__all__ = ["ChipRoom", "ImageParts", "chip_room", "image_parts", "say_what_fits"]

_STATIC_SECTIONS = (".data", ".bss", ".noinit")
_FLASH_SECTIONS = (".text", ".data")
# What the names in avr/apps hold.
_HOLDS = {"net": "weights", "sample": "sample", "frame": "frame buffer", "count": "counters"}


@dataclass(frozen=True)
class ImageParts:
    """Bytes of a linked image.

    Attributes:
        flash: By section.
        static: By variable, the largest first; "other" for what has no name.
    """

    flash: dict[str, int]
    static: dict[str, int]

    @property
    def flash_bytes(self) -> int:
        """All of flash."""
        return sum(self.flash.values())

    @property
    def static_bytes(self) -> int:
        """All of SRAM but the stack."""
        return sum(self.static.values())


@dataclass(frozen=True)
class ChipRoom:
    """Bytes that a chip has."""

    flash_bytes: int
    sram_bytes: int

    def holds(self, parts: ImageParts) -> bool:
        """Whether flash and static data fit, with a byte left for the stack."""
        return parts.flash_bytes <= self.flash_bytes and parts.static_bytes < self.sram_bytes


def image_parts(elf: Path) -> ImageParts:
    """Count the parts of a linked image, which need not fit any chip."""
    with elf.open("rb") as file:
        image = ELFFile(file)
        sizes = {section.name: int(section["sh_size"]) for section in image.iter_sections()}
        numbers = {
            number
            for number, section in enumerate(image.iter_sections())
            if section.name in _STATIC_SECTIONS
        }
        static: dict[str, int] = {}
        table = image.get_section_by_name(".symtab")
        assert isinstance(table, SymbolTableSection)
        for symbol in table.iter_symbols():
            if symbol["st_info"]["type"] == "STT_OBJECT" and symbol["st_shndx"] in numbers:
                name = symbol.name.split(".")[0]
                static[name] = static.get(name, 0) + int(symbol["st_size"])
    static = dict(sorted(static.items(), key=lambda part: -part[1]))
    rest = sum(sizes.get(name, 0) for name in _STATIC_SECTIONS) - sum(static.values())
    if rest:
        static["other"] = rest
    return ImageParts({name: sizes.get(name, 0) for name in _FLASH_SECTIONS}, static)


@cache
def chip_room(mcu: str) -> ChipRoom:
    """What avr-libc's header says a chip has."""
    command = ["avr-gcc", f"-mmcu={mcu}", "-S", "-xc", "-", "-o", "-"]
    source = "#include <avr/io.h>\nunsigned room[] = {FLASHEND, RAMEND + 1 - RAMSTART};\n"
    told = subprocess.run(command, input=source, capture_output=True, text=True, check=True).stdout
    flash_end, sram = re.findall(r"\.word\s+(\d+)", told)
    return ChipRoom(int(flash_end) + 1, int(sram))


def say_what_fits(elf: Path, mcu: str, chips: Iterable[str]) -> str:
    """The bytes of each part, what the chip has, and which chips have enough.

    Args:
        elf: Linked without bounds.
        mcu: The chip that it does not fit.
        chips: To choose from.
    """
    parts, room = image_parts(elf), chip_room(mcu)
    static = ", ".join(f"{_part(name)} {size:,}" for name, size in parts.static.items())
    flash = ", ".join(f"{name} {size:,}" for name, size in parts.flash.items())
    fitting = [chip for chip in chips if chip_room(chip).holds(parts)]
    return (
        f"static SRAM {parts.static_bytes:,} B of {room.sram_bytes:,}, without stack: {static}\n"
        f"flash {parts.flash_bytes:,} B of {room.flash_bytes:,}: {flash}\n"
        f"enough room for both: {', '.join(fitting) or 'none of the chips here'}"
    )


def _part(name: str) -> str:
    return f"{name} ({_HOLDS[name]})" if name in _HOLDS else name
