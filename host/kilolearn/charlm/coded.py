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

__all__ = ["MODELS", "CodedText", "Model", "tables_crc"]

_STRUCT = "charlm_header"


@dataclass(frozen=True)
class Model:
    """A model of avr/charlm.

    Attributes:
        constant: Of avr/contract/charlm.h, its number in a file.
        tables: Headers in avr/charlm with the numbers that it has in flash.
    """

    constant: str
    tables: tuple[str, ...] = ()


_PRIOR = ("tree_tables.h", "prior_tables.h")

_SOUNDS = ("tree_sounds_tables.h",)

MODELS = {
    "large": Model("CHARLM_LARGE", _PRIOR),
    "small": Model("CHARLM_SMALL", _PRIOR),
    "tiny": Model("CHARLM_TINY", ("tree_tables.h", "prior_tiny_tables.h")),
    "plain": Model("CHARLM_PLAIN", _SOUNDS),
    "unigram": Model("CHARLM_UNIGRAM"),
    "bigram": Model("CHARLM_BIGRAM"),
    "bigram_neural": Model("CHARLM_BIGRAM_NEURAL"),
    "hashed": Model("CHARLM_HASHED", _SOUNDS),
}
"""The models by the config of avr/apps/charlm.c that has them."""


@cache
def tables_crc(model: str) -> int:
    """CRC-32 of the numbers in a model's tables: what coded must decode with the same."""
    folder = firmware.avr_folder() / "charlm"
    crc = 0
    for name in MODELS[model].tables:
        numbers = re.findall(r"-?\d+", (folder / name).read_text(encoding="utf-8"))
        crc = zlib.crc32(" ".join(numbers).encode(), crc)
    return crc


@dataclass(frozen=True)
class CodedText:
    """A text as a model coded it.

    Attributes:
        model: Name of the model that did, of `MODELS`.
        length: Bytes of the text.
        crc: CRC-32 of the text.
        code: What the arithmetic coder made, its end included.
    """

    model: str
    length: int
    crc: int
    code: bytes

    def pack(self) -> bytes:
        """The file."""
        contract = firmware.contract()
        number = contract.constant(MODELS[self.model].constant)
        magic = contract.constant("CHARLM_MAGIC")
        header = contract.pack(
            _STRUCT, magic, number, 0, tables_crc(self.model), self.length, self.crc
        )
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
        names = {contract.constant(model.constant): name for name, model in MODELS.items()}
        if header["model"] not in names or header["unused"]:
            raise CodedTextError(
                f"the header names model {header['model']}; expected one of {sorted(names)}; the "
                f"file is damaged"
            )
        model = names[header["model"]]
        if header["tables"] != tables_crc(model):
            raise CodedTextError(
                f"the text was coded with tables of CRC {header['tables']:08x}; these are "
                f"{tables_crc(model):08x}; decompress with the version that compressed, unless the "
                f"file is damaged"
            )
        code = file[layout.itemsize :]
        return cls(model, header["length"], header["crc"], code)

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
