# SPDX-License-Identifier: GPL-3.0-or-later
"""The file of a compressed text: avr/contract/charlm.h's header, and the coded bytes."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from functools import cache

import numpy as np

from kilolearn import firmware
from kilolearn.errors import CodedTextError

__all__ = ["SIZES", "CodedText", "tables_crc"]

SIZES = {"large": "CHARLM_LARGE", "small": "CHARLM_SMALL"}
"""The configs of avr/apps/charlm.c and the number that the header has for each."""

_STRUCT = "charlm_header"


@cache
def tables_crc() -> int:
    """CRC-32 of the numbers in the tables of avr/charlm: what coded must decode with the same."""
    folder = firmware.avr_folder() / "charlm"
    crc = 0
    for name in ("tree_tables.h", "prior_tables.h"):
        numbers = re.findall(r"-?\d+", (folder / name).read_text(encoding="utf-8"))
        crc = zlib.crc32(" ".join(numbers).encode(), crc)
    return crc


@dataclass(frozen=True)
class CodedText:
    """A text as a model coded it.

    Attributes:
        size: ``"large"`` or ``"small"``, the model that did.
        length: Bytes of the text.
        crc: CRC-32 of the text.
        code: What the arithmetic coder made, its end included.
    """

    size: str
    length: int
    crc: int
    code: bytes

    def pack(self) -> bytes:
        """The file."""
        contract = firmware.contract()
        number = contract.constant(SIZES[self.size])
        magic = contract.constant("CHARLM_MAGIC")
        header = contract.pack(_STRUCT, magic, number, 0, tables_crc(), self.length, self.crc)
        return header + self.code

    @classmethod
    def unpack(cls, file: bytes) -> CodedText:
        """Read a file.

        Raises:
            CodedTextError: Not such a file, or of another model.
        """
        contract = firmware.contract()
        layout = contract.struct(_STRUCT)
        if len(file) < layout.itemsize:
            raise CodedTextError(
                f"{len(file)} bytes; expected a header of {layout.itemsize} and coded bytes; give "
                f"a file that kilolearn lm compress has written, all of it"
            )
        record = np.frombuffer(file, layout, count=1)[0]
        header = {name: int(record[name]) for name in layout.names or ()}
        if header["magic"] != contract.constant("CHARLM_MAGIC"):
            raise CodedTextError(
                f"the file begins with {file[:2]!r}; expected b'KL'; give a file that kilolearn lm "
                f"compress has written"
            )
        sizes = {contract.constant(name): size for size, name in SIZES.items()}
        if header["size"] not in sizes or header["unused"]:
            raise CodedTextError(
                f"the header names model {header['size']}; expected one of {sorted(sizes)}; the "
                f"file is damaged"
            )
        if header["tables"] != tables_crc():
            raise CodedTextError(
                f"the text was coded with tables of CRC {header['tables']:08x}; these are "
                f"{tables_crc():08x}; decompress with the version that compressed, unless the "
                f"file is damaged"
            )
        code = file[layout.itemsize :]
        return cls(sizes[header["size"]], header["length"], header["crc"], code)

    def check(self, text: bytes, left: int) -> None:
        """See that a decoded text is the one that was coded.

        Args:
            text: What came out; shorter than `length` where the code ended too soon.
            left: Coded bytes that were not needed.

        Raises:
            CodedTextError: It is not.
        """
        if len(text) < self.length:
            raise CodedTextError(
                f"the code ends after {len(text)} of {self.length} bytes of text; the file is cut "
                f"off or damaged; fetch it anew"
            )
        if left:
            raise CodedTextError(
                f"{left} bytes are left over behind the text; expected none; the file is "
                f"damaged or has something appended"
            )
        found = zlib.crc32(text)
        if found != self.crc:
            raise CodedTextError(
                f"the text has CRC {found:08x}; expected {self.crc:08x}; the file is damaged; "
                f"fetch it anew"
            )
