# SPDX-License-Identifier: GPL-3.0-or-later
"""Compresses by the character model's twin: the chip's bytes, at this machine's speed."""

from __future__ import annotations

from kilolearn.charlm.coded import CodedText
from kilolearn.charlm.twin import TwinModel

__all__ = ["compress", "decompress"]


def compress(text: bytes, model: str = "large") -> bytes:
    """As `kilolearn.charlm.model.CharacterModel.compress`, by a fresh twin of a model."""
    return TwinModel(model).compress(text)


def decompress(file: bytes) -> bytes:
    """As `kilolearn.charlm.model.CharacterModel.decompress`, by the twin that the file names."""
    return TwinModel(CodedText.unpack(file).model).decompress(file)
