# SPDX-License-Identifier: GPL-3.0-or-later
"""What each part of an image takes of its flash.

A byte of code belongs to the function in whose source its line stands, also where the compiler has
put that function inside another; in assembly, to the label above its line. What has no line belongs
to its symbol: constants, and code of avr-libc and libgcc.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

from kilolearn.emulator import load_emulator

__all__ = ["image_parts"]

_FUNCTION = re.compile(r"[A-Za-z_].*?(\w+)\([^()]*\) \{$")
_LABEL = re.compile(r"([A-Za-z_]\w*):")


def image_parts(elf: Path) -> dict[str, int]:
    """Bytes of flash by part, in the order of the image; they sum to its flash.

    Args:
        elf: Linked with debug information, its sources still in their place.

    Raises:
        pyavr_sim.FirmwareError: It cannot be read.
    """
    image = load_emulator().Firmware.load(elf)
    addresses = chain.from_iterable(
        range(start, start + len(data)) for start, data in sorted(image.flash)
    )
    return dict(Counter(_part(image, address) for address in addresses))


def _part(image: Any, address: int) -> str:
    line = image.line_table.at(address)
    if line is not None:
        return _enclosing(Path(line.path), line.line)
    for name, symbol in image.symbols.items():
        if symbol.space == "flash" and 0 <= address - symbol.address < symbol.size:
            return str(name)
    return "others"


def _enclosing(source: Path, line: int) -> str:
    """The last function or label that begins at this line or above it."""
    names = [name for start, name in _beginnings(source) if start <= line]
    return names[-1] if names else source.name


@cache
def _beginnings(source: Path) -> list[tuple[int, str]]:
    """(line, name) of the functions of a C file, or of the labels of an assembly file."""
    pattern = _LABEL if source.suffix == ".S" else _FUNCTION
    lines = source.read_text(encoding="utf-8").splitlines()
    found = ((number, pattern.match(line)) for number, line in enumerate(lines, 1))
    return [(number, match[1]) for number, match in found if match]
