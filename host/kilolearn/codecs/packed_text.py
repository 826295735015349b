# SPDX-License-Identifier: GPL-3.0-or-later
"""Texts packed for avr/apps/unpack.c, and the config that gives it their code."""

from __future__ import annotations

from collections import Counter

from kilolearn.codecs.huffman import HuffmanCode
from kilolearn.codecs.lz import LzCode
from kilolearn.codecs.net import flash_table

__all__ = ["any_text", "huffman_config", "lz_config"]


def any_text(example: bytes, window_bits: int) -> LzCode:
    """A code for texts like an example that has every byte of UTF-8, seen or not.

    Raises:
        PackedDataError: The example is empty or no UTF-8.
    """
    seen = LzCode.of(example, window_bits)
    counts = Counter(symbol for symbol, _ in seen.tokens(example))
    counts.update(range(256))
    return LzCode(HuffmanCode(counts), window_bits)


def huffman_config(code: HuffmanCode) -> str:
    """The config of unpack for bytes in a Huffman code."""
    return _config("huffman", code.table(), [])


def lz_config(code: LzCode) -> str:
    """The config of unpack for bytes of which many are copied."""
    return _config("lz", code.symbols.table(), [f"#define LZ_WINDOW_BITS {code.window_bits}"])


def _config(codec: str, table: bytes, macros: list[str]) -> str:
    lines = ["/* Written by kilolearn.codecs.packed_text. */", "#define TAPE_ON_LINE", *macros]
    lines += [f"#define TEXT_CODEC {codec}", f'#include "codec/{codec}.h"']
    lines.append(flash_table("uint8_t", "text_code", list(table)))
    return "\n".join(lines) + "\n"
