# SPDX-License-Identifier: GPL-3.0-or-later
"""C text that the families write."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["classify_source", "flash_table"]

LDS_READS_MAX = 2


def flash_table(name: str, numbers: Iterable[int]) -> str:
    """A table of bytes in flash; negative ones in two's complement."""
    values = [str(int(number) & 255) for number in numbers]
    lines = (", ".join(values[first : first + 20]) for first in range(0, len(values), 20))
    text = "\n".join(f"    {line}," for line in lines)
    return f"static const uint8_t {name}[] FLASH = {{\n{text}\n}};\n"


def classify_source(body: str, reads: int = 0) -> str:
    """The function itself.

    Args:
        body: Its lines.
        reads: How often they read a feature by its number.
    """
    keep = ""
    include = ""
    if reads > LDS_READS_MAX:
        include, keep = '#include "fixed/kernel.h"\n\n', "    KEEP_POINTER(sample);\n"
    return f"{include}static uint8_t classify(const uint8_t *sample) {{\n{keep}{body}\n}}\n"
