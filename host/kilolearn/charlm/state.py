# SPDX-License-Identifier: GPL-3.0-or-later
"""The file of a model's state: avr/contract/charlm.h's header, and the state as the chip has it."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from kilolearn.charlm.coded import Header
from kilolearn.errors import WeightsError

__all__ = ["SavedState"]

_MAGIC = "CHARLM_STATE_MAGIC"


@dataclass(frozen=True)
class SavedState:
    """All that a model has learned, remembers and codes with.

    Attributes:
        model: Its name, of `kilolearn.charlm.coded.MODELS`.
        state: The bytes of its struct: the same on every chip and on the twin.
    """

    model: str
    state: bytes

    def pack(self) -> bytes:
        """The file."""
        header = Header(self.model, len(self.state), zlib.crc32(self.state))
        return header.pack(_MAGIC) + self.state

    @classmethod
    def unpack(cls, file: bytes) -> SavedState:
        """Read a file.

        Raises:
            WeightsError: Not such a file, damaged, or of another version.
        """
        header, state = Header.unpack(file, _MAGIC, WeightsError, "kilolearn lm train")
        if (len(state), zlib.crc32(state)) != (header.length, header.crc):
            raise WeightsError(
                f"{len(state)} bytes of CRC {zlib.crc32(state):08x}; expected {header.length} of "
                f"CRC {header.crc:08x}; the file is damaged; fetch it anew"
            )
        return cls(header.model, state)
