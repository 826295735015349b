# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs avr/apps/packed_digits.c and unpack.c on an emulated chip."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from kilolearn.codecs.line import PackedLine
from kilolearn.emulator import ImageSize, emulated_chip, image_size, load_emulator, port_url
from kilolearn.port import open_port

__all__ = ["PackedRun", "learn_from_flash", "learn_from_line", "unpack_on_chip"]

CYCLES_MAX = 50_000_000_000
"""Of a whole training; more than ten times the usual."""

PATIENCE = 5.0
"""Seconds of emulated time; a record and a step of learning take less than 0.1."""


@dataclass(frozen=True)
class PackedRun:
    """What a chip made of a tape.

    Attributes:
        product: The weights that it learned, or the bytes that it unpacked.
        cycles: Of unpacking a record or a byte, without those spent on the line, mean.
        cycles_total: Since power-up.
        sram_high_water: Static bytes and the deepest stack.
        image: Flash and static SRAM.
    """

    product: bytes
    cycles: float
    cycles_total: int
    sram_high_water: int
    image: ImageSize


def learn_from_flash(elf: Path, mcu: str) -> PackedRun:
    """Let packed_digits learn from the tape in its flash."""
    emulator = load_emulator()
    with emulator.Chip(mcu, elf) as chip:
        timer = chip.time("packed_digits_next")
        chip.run(CYCLES_MAX, until=emulator.until.ended())
        weights = np.asarray(chip.var("net")).tobytes()
        return _run(chip, elf, weights, float(timer.cycles_mean))


def learn_from_line(elf: Path, mcu: str, tape: bytes, epochs: int) -> PackedRun:
    """Let packed_digits learn from a tape that comes over its line.

    Raises:
        LinkError: The chip does not answer.
    """
    return _on_line(elf, mcu, "packed_digits_next", lambda line: line.teach(tape, epochs))


def unpack_on_chip(elf: Path, mcu: str, packed: bytes, size: int) -> PackedRun:
    """Let unpack unpack `size` bytes.

    Raises:
        LinkError: The chip does not answer.
    """
    return _on_line(elf, mcu, "unpack_next", lambda line: line.unpack(packed, size))


def _on_line(elf: Path, mcu: str, function: str, talk: Callable[[PackedLine], bytes]) -> PackedRun:
    with open_port(port_url(elf, mcu), timeout=PATIENCE) as port:
        chip = emulated_chip(port)
        timer, waited = chip.time(function), chip.time("tape_get")
        product = talk(PackedLine(port))
        cycles = (timer.cycles_total - waited.cycles_total) / timer.calls
        return _run(chip, elf, product, cycles)


def _run(chip: Any, elf: Path, product: bytes, cycles: float) -> PackedRun:
    return PackedRun(product, cycles, int(chip.cycle), int(chip.sram_high_water), image_size(elf))
