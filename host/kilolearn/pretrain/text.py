# SPDX-License-Identifier: GPL-3.0-or-later
"""The training text: what trains, what chooses, what is scored once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kilolearn.errors import DatasetError

__all__ = ["Corpus", "Symbols", "as_symbols"]

Symbols = NDArray[np.int64]

_SHORTEST = 4_000  # bytes: below, no part is long enough to say anything
_VALIDATION = 100_000  # bytes, the end of what trains; of a short text a tenth


@dataclass(frozen=True)
class Corpus:
    """A text in three parts, one after the other.

    Attributes:
        train: What every run learns from.
        validation: What shapes and rates are chosen by; the last run learns from it too.
        held_out: The last tenth of the bytes.
    """

    train: bytes
    validation: bytes
    held_out: bytes

    @classmethod
    def read(cls, path: Path) -> Corpus:
        """The parts of a file.

        Raises:
            DatasetError: It cannot be read, or is too short.
        """
        try:
            text = path.read_bytes()
        except OSError as error:
            raise DatasetError(f"{path}: {error.strerror}; give a text that can be read") from error
        if len(text) < _SHORTEST:
            raise DatasetError(
                f"{path}: {len(text):,} bytes; expected {_SHORTEST:,} or more to learn from; "
                f"give a longer text"
            )
        held_out = len(text) * 9 // 10
        validation = held_out - min(_VALIDATION, len(text) // 10)
        return cls(text[:validation], text[validation:held_out], text[held_out:])

    @property
    def alphabet(self) -> bytes:
        """The bytes that occur in what may be learned, in order; symbol i is byte i of it."""
        return bytes(sorted(set(self.train + self.validation)))

    def symbols(self, text: bytes) -> Symbols:
        """A text as numbers of the alphabet.

        Raises:
            DatasetError: It has a byte that no part that may be learned has.
        """
        return as_symbols(text, self.alphabet)


def as_symbols(text: bytes, alphabet: bytes) -> Symbols:
    """A text as places in an alphabet.

    Raises:
        DatasetError: It has a byte that is not in the alphabet.
    """
    place = np.full(256, -1)
    place[list(alphabet)] = range(len(alphabet))
    symbols = place[np.frombuffer(text, np.uint8)]
    if symbols.size and symbols.min() < 0:
        at = int(symbols.argmin())
        raise DatasetError(
            f"byte {text[at]:#04x} at {at:,} is not in the model's alphabet of {len(alphabet)}; "
            f"train on a text that has it"
        )
    return symbols
