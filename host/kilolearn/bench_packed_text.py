# SPDX-License-Identifier: GPL-3.0-or-later
"""The codecs benchmark's rows of packed texts and of weights in a Huffman code.

A row a codec, window and chip for each text, and one for each layer of weights:

========================= ==========================================================
codec                     "huffman", "lz" or "heatshrink2", at the best of three lookaheads
data                      name of the text's file; "hidden weights", "output weights": of the
                          design huffman_weights on split 0
chip                      as avr-gcc names it; null where none unpacks
window_bits               a window of 2^window_bits bytes; null for huffman
symbols                   bytes of the text, or weights
bits_a_symbol             packed, the code's table not counted
table_bytes               of the code; it stands in flash
entropy                   of order 0, bits a symbol: no code of single symbols stays below; of
                          weights, whose code is of pairs, too
excess                    percent of packed data and table above entropy and table; null but
                          for huffman
flash                     bytes: .text + .data of unpack with this code
sram_high_water           bytes: static data and the deepest stack
cycles_byte               to unpack a byte, mean of the first `PREFIX`; waiting for the line is
                          not counted
exact                     the whole text came back on the host, its first `PREFIX` bytes from
                          the chip
========================= ==========================================================
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from kilolearn import datasets, firmware, heatshrink_peer
from kilolearn.codecs import huffman, lz
from kilolearn.codecs.designs import DESIGNS
from kilolearn.codecs.huffman import HuffmanCode, entropy
from kilolearn.codecs.levels import nibbles_of
from kilolearn.codecs.lz import LzCode
from kilolearn.codecs.net import INPUT_MAX, fit_and_encode
from kilolearn.codecs.packed_text import huffman_config, lz_config
from kilolearn.codecs.tape import TapeReader
from kilolearn.measure_packed import unpack_on_chip
from kilolearn.quantise import QuantisedSplit

__all__ = ["CHIPS", "PREFIX", "WINDOWS", "bench_text", "bench_weights"]

CHIPS = ("attiny1634", "atmega168p")
PREFIX = 4000
WINDOWS = (7, 8)

Row = dict[str, object]


def bench_text(path: Path, peers: bool = True) -> list[Row]:
    """Pack a text by each codec, and unpack it on the host and on the chips.

    Raises:
        PackedDataError: It is empty, or no UTF-8.
        MissingExtraError: heatshrink2, or its decoder, is wanted and not there.
    """
    text = path.read_bytes()
    bound = entropy(Counter(text))
    code = HuffmanCode.of(text)
    packed = huffman.encode(text, code)
    table = len(code.table())
    rows = _rows(
        {
            "codec": "huffman",
            "data": path.name,
            "window_bits": None,
            **_rate(len(text), 8 * len(packed) / len(text), table, bound),
            "excess": _excess(len(text), 8 * len(packed) / len(text), table, bound),
        },
        huffman_config(code),
        huffman.encode(text[:PREFIX], code),
        text[:PREFIX],
        huffman.decode(packed, code, len(text)) == text,
    )
    for window_bits in WINDOWS:
        copies = LzCode.of(text, window_bits)
        packed = lz.encode(text, copies)
        table = len(copies.symbols.table())
        rows += _rows(
            {
                "codec": "lz",
                "data": path.name,
                "window_bits": window_bits,
                **_rate(len(text), 8 * len(packed) / len(text), table, bound),
                "excess": None,
            },
            lz_config(copies),
            lz.encode(text[:PREFIX], copies),
            text[:PREFIX],
            lz.decode(packed, copies, len(text)) == text,
        )
        if peers:
            packed, lookahead = heatshrink_peer.pack(text, window_bits)
            rows += _rows(
                {
                    "codec": "heatshrink2",
                    "data": path.name,
                    "window_bits": window_bits,
                    **_rate(len(text), 8 * len(packed) / len(text), 0, bound),
                    "excess": None,
                },
                heatshrink_peer.decoder_config(window_bits, lookahead),
                heatshrink_peer.pack(text[:PREFIX], window_bits, lookahead)[0],
                text[:PREFIX],
                True,
            )
    return rows


def bench_weights() -> list[Row]:
    """How near the code of weights comes to their entropy."""
    split = QuantisedSplit.of(datasets.split(datasets.load("digits"), 0), INPUT_MAX)
    design = DESIGNS["huffman_weights"]
    net = fit_and_encode(design, split.train_samples, split.train_labels, 0)
    rows: list[Row] = []
    for name, layer in zip(("hidden", "output"), net.layers, strict=True):
        code = HuffmanCode.read(layer.encoded)
        table = len(code.table())
        tape = TapeReader(layer.encoded[table:])
        pairs = layer.codec.rows * layer.codec.inputs // 2
        weights = nibbles_of(bytes(code.take(tape) for _ in range(pairs))).tolist()
        bits = 8 * (len(layer.encoded) - table) / len(weights)
        bound = entropy(Counter(weights))
        rows.append(
            {
                "codec": "huffman",
                "data": f"{name} weights",
                "chip": None,
                "window_bits": None,
                **_rate(len(weights), bits, table, bound),
                "excess": _excess(len(weights), bits, table, bound),
                "flash": None,
                "sram_high_water": None,
                "cycles_byte": None,
                "exact": None,
            }
        )
    return rows


def _rows(figures: Row, config: str, packed: bytes, text: bytes, exact: bool) -> list[Row]:
    configs = firmware.build_folder() / "codecs" / "text"
    configs.mkdir(parents=True, exist_ok=True)
    name = f"{figures['codec']}{figures['window_bits'] or ''}"
    (configs / f"unpack-{name}.h").write_text(config, encoding="utf-8")
    rows = []
    for mcu in CHIPS:
        elf = firmware.build("unpack", mcu, name, configs=configs)
        run = unpack_on_chip(elf, mcu, packed, len(text))
        rows.append(
            {
                **figures,
                "chip": mcu,
                "flash": run.image.flash_bytes,
                "sram_high_water": run.sram_high_water,
                "cycles_byte": round(run.cycles, 1),
                "exact": exact and run.product == text,
            }
        )
    return rows


def _rate(symbols: int, bits: float, table: int, bound: float) -> Row:
    return {
        "symbols": symbols,
        "bits_a_symbol": round(bits, 4),
        "table_bytes": table,
        "entropy": round(bound, 4),
    }


def _excess(symbols: int, bits: float, table: int, bound: float) -> float:
    """Percent."""
    return round(100 * (symbols * (bits - bound)) / (symbols * bound + 8 * table), 3)
