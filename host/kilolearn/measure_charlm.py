# SPDX-License-Identifier: GPL-3.0-or-later
"""What a character model costs on an emulated chip that codes a text and reads it back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kilolearn.charlm.compressor import compress
from kilolearn.charlm.line import PATIENCE, ChipModel
from kilolearn.emulator import emulated_chip, image_size, port_url
from kilolearn.port import open_port

__all__ = ["CodedOnChip", "code_on_chip"]


@dataclass(frozen=True)
class CodedOnChip:
    """A text that a chip coded and decoded.

    Attributes:
        file: The coded text, its header included.
        flash: Bytes: .text + .data of the image.
        sram_high_water: Bytes: static data and the deepest stack, there and back.
        cycles: Of charlm_code, mean over the characters, encoding.
        exact: The file is the twin's, and gave the text back.
    """

    file: bytes
    flash: int
    sram_high_water: int
    cycles: float
    exact: bool


def code_on_chip(model: str, mcu: str, elf: Path, text: bytes) -> CodedOnChip:
    """Code a text by the image of a model, and decode it again.

    Raises:
        LinkError: The chip does not answer.
    """
    with open_port(port_url(elf, mcu), timeout=PATIENCE) as port:
        chip = emulated_chip(port)
        line = ChipModel(port, model)
        timer = chip.time("charlm_code")
        file = line.compress(text)
        cycles = timer.cycles_mean
        exact = file == compress(text, model) and line.decompress(file) == text
        high_water = int(chip.sram_high_water)
    return CodedOnChip(file, image_size(elf).flash_bytes, high_water, cycles, exact)
