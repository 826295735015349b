# SPDX-License-Identifier: GPL-3.0-or-later
"""The file of a compressed text: avr/contract/charlm.h's header, and the coded bytes."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from functools import cache

import numpy as np

from kilolearn import firmware
from kilolearn.errors import CodedTextError, KilolearnError

__all__ = ["MODELS", "CodedText", "Header", "Model", "require_model", "tables_crc"]

_STRUCT = "charlm_header"
_MAGIC = "CHARLM_TEXT_MAGIC"


@dataclass(frozen=True)
class Model:
    """A model of avr/charlm.

    Attributes:
        constant: Of avr/contract/charlm.h, its number in a file.
        tables: Headers in avr/charlm with the numbers that it has in flash.
        draws: Whether it knows temperature and top-k; else it writes as it predicts.
        chips: The smallest that it fits, on which it is measured.
    """

    constant: str
    tables: tuple[str, ...] = ()
    draws: bool = False
    chips: tuple[str, ...] = ("atmega168p", "attiny1634")


_PRIOR = ("tree_tables.h", "prior_tables.h")
_TINY = ("tree_tables.h", "prior_tiny_tables.h")
_SOUNDS = ("tree_sounds_tables.h",)
_16K, _32K = ("transformer_16k_tables.h",), ("transformer_32k_tables.h",)

MODELS = {
    "large": Model("CHARLM_LARGE", _PRIOR, draws=True),
    "small": Model("CHARLM_SMALL", _PRIOR, draws=True),
    "tiny": Model("CHARLM_TINY", _TINY, chips=("attiny85",)),
    "plain": Model("CHARLM_PLAIN", _SOUNDS),
    "unigram": Model("CHARLM_UNIGRAM", chips=("atmega168p", "attiny85")),
    "bigram": Model("CHARLM_BIGRAM", chips=("atmega328p",)),
    "bigram_neural": Model("CHARLM_BIGRAM_NEURAL", chips=("atmega328p",)),
    "hashed": Model("CHARLM_HASHED", _SOUNDS),
    "transformer": Model("CHARLM_TRANSFORMER", _16K, draws=True),
    "transformer_frozen": Model("CHARLM_TRANSFORMER_FROZEN", _16K, draws=True),
    "transformer_32k": Model("CHARLM_TRANSFORMER_32K", _32K, draws=True, chips=("atmega328p",)),
    "transformer_32k_frozen": Model(
        "CHARLM_TRANSFORMER_32K_FROZEN", _32K, draws=True, chips=("atmega328p",)
    ),
}
"""The models by the config of avr/apps/charlm.c that has them."""


def require_model(name: str) -> None:
    """Refuse what is no model.

    Raises:
        CodedTextError: There is none of this name.
    """
    if name not in MODELS:
        raise CodedTextError(f"no model {name!r}; choose one of {', '.join(MODELS)}")


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
class Header:
    """What stands before the bytes of a text or of a state.

    Attributes:
        model: Name of the model, of `MODELS`.
        length: Bytes of the text, or the state.
        crc: CRC-32 of the same.
    """

    model: str
    length: int
    crc: int

    def pack(self, magic: str) -> bytes:
        """The header; magic: a constant of the contract."""
        contract = firmware.contract()
        constants = (magic, MODELS[self.model].constant, "CHARLM_VERSION")
        numbers = (*map(contract.constant, constants), tables_crc(self.model))
        return contract.pack(_STRUCT, *numbers, self.length, self.crc)

    @classmethod
    def unpack(
        cls, file: bytes, magic: str, error: type[KilolearnError], writer: str
    ) -> tuple[Header, bytes]:
        """Read a file's header. Returns it, and what follows.

        Args:
            file: All of it.
            magic: A constant of the contract.
            error: What to raise.
            writer: The command that writes such files.

        Raises:
            KilolearnError: As `error`: no such file, damaged, or of another version.
        """
        contract = firmware.contract()
        layout = contract.struct(_STRUCT)
        if len(file) < layout.itemsize:
            raise error(
                f"{len(file)} bytes; expected a header of {layout.itemsize} and what it is of; "
                f"give a file that {writer} has written, all of it"
            )
        record = np.frombuffer(file, layout, count=1)[0]
        found = {name: int(record[name]) for name in layout.names or ()}
        begin = contract.constant(magic).to_bytes(2, "little")
        if not file.startswith(begin):
            raise error(
                f"the file begins with {file[:2]!r}; expected {begin!r}; give a file that {writer} "
                f"has written"
            )
        names = {contract.constant(model.constant): name for name, model in MODELS.items()}
        version = contract.constant("CHARLM_VERSION")
        if found["model"] not in names or found["version"] != version:
            raise error(
                f"the header names model {found['model']}, version {found['version']}; expected "
                f"one of {sorted(names)}, version {version}; the file is damaged, or of a newer "
                f"kilolearn"
            )
        model = names[found["model"]]
        if found["tables"] != tables_crc(model):
            raise error(
                f"the file was made with tables of CRC {found['tables']:08x}; these are "
                f"{tables_crc(model):08x}; use the version that has written it, unless the file "
                f"is damaged"
            )
        return cls(model, found["length"], found["crc"]), file[layout.itemsize :]


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
        return Header(self.model, self.length, self.crc).pack(_MAGIC) + self.code

    @classmethod
    def unpack(cls, file: bytes) -> CodedText:
        """Read a file.

        Raises:
            CodedTextError: Not such a file, or of another model.
        """
        header, code = Header.unpack(file, _MAGIC, CodedTextError, "kilolearn lm compress")
        return cls(header.model, header.length, header.crc, code)

    def check(self, text: bytes, left: int) -> None:
        """See that a decoded text is the one that was coded.

        Args:
            text: What came out; shorter than `length` where the code ended too soon.
            left: Coded bytes that were not needed; below 0: that were missed.

        Raises:
            CodedTextError: It is not.
        """
        if len(text) < self.length or left < 0:
            raise CodedTextError(
                f"the code ends before the text, of {self.length} bytes, does; the file is cut off "
                f"or damaged; fetch it anew"
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
