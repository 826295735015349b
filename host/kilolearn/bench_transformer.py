# SPDX-License-Identifier: GPL-3.0-or-later
"""The pretrained transformer on chips, beside other models of equal flash.

All bits are a character of the text's held-out end. A row a model and chip; a model that has no
chip code has its weights and its expectation only:

=====================  ==========================================================
model                  ``transformer``, ``transformer 32k``, ``ngram 16k`` ...
chip                   the chip, or None
weights_bytes          of weights in flash
flash                  bytes: .text + .data of the chip's image
sram_high_water        bytes: static data and the deepest stack, coding the prefix
bpc_float              expected with these weights, activations bounded, not rounded
bpc_twin               coded by the twin, the model alone
bpc_chip               coded by the chip, which adapts: the first characters only
bpc_adapted            coded by the twin, which adapts as the chip does
cycles_per_char        of charlm_code on the chip, mean over its characters
chars_per_s_16mhz      what that is at 16 MHz
bit_exact_with_twin    the chip's code is the twin's, and gave the text back
=====================  ==========================================================
"""

from __future__ import annotations

from pathlib import Path

from kilolearn import firmware
from kilolearn.charlm.coded import CodedText
from kilolearn.charlm.compressor import compress
from kilolearn.measure_charlm import code_on_chip
from kilolearn.pretrain.header import WEIGHTS
from kilolearn.pretrain.operations import Numpy
from kilolearn.pretrain.scoring import bits_a_character
from kilolearn.pretrain.text import Corpus, as_symbols
from kilolearn.pretrain.weights import PretrainedWeights

__all__ = ["CHIPS", "bench_transformer"]

CHIPS = {"transformer": ("atmega168p", "attiny1634"), "transformer_32k": ("atmega328p",)}
"""The models of `kilolearn lm` and chips that have them."""

_WEIGHTS = {"transformer": "transformer_16k"}  # where the file has another name

_HZ = 16_000_000

Row = dict[str, object]


def bench_transformer(text: Path, prefix: int = 2_000) -> tuple[list[Row], dict[str, Path]]:
    """Score the held-out end of a text, its last tenth, by every model.

    Args:
        text: The text that the weights were trained on, its end left out.
        prefix: Characters of that end that each chip codes and decodes.

    Returns:
        The rows above, and the images by chip.

    Raises:
        DatasetError: The text cannot be read, is too short, or has another alphabet.
        BuildError: An image or a twin does not build.
    """
    corpus = Corpus.read(text)
    rows: list[Row] = []
    elfs: dict[str, Path] = {}
    for model, chips in CHIPS.items():
        expected = _expected_row(model, corpus) | {
            "bpc_twin": _bits(f"{model}_frozen", corpus.held_out),
            "bpc_adapted": _bits(model, corpus.held_out),
        }
        for mcu in chips:
            elfs[mcu] = firmware.build("charlm", mcu, model)
            rows.append(expected | _chip_row(model, mcu, elfs[mcu], corpus.held_out[:prefix]))
    others = (path.stem for path in sorted(WEIGHTS.glob("*.npz")))
    others = (model for model in others if not model.startswith("transformer"))
    return rows + [_expected_row(model, corpus) for model in others], elfs


def _expected_row(model: str, corpus: Corpus) -> Row:
    weights = PretrainedWeights.load(WEIGHTS / f"{_WEIGHTS.get(model, model)}.npz")
    before = corpus.train + corpus.validation
    symbols = as_symbols(before + corpus.held_out, weights.alphabet)
    expected = bits_a_character(
        weights.family, weights.real(), symbols, len(before), Numpy(rounds=False)
    )
    return {
        "model": model.replace("_", " "),
        "chip": None,
        "weights_bytes": weights.family.layout.flash_bytes,
        "flash": None,
        "sram_high_water": None,
        "bpc_float": round(expected, 4),
        "bpc_twin": None,
        "bpc_chip": None,
        "bpc_adapted": None,
        "cycles_per_char": None,
        "chars_per_s_16mhz": None,
        "bit_exact_with_twin": None,
    }


def _chip_row(model: str, mcu: str, elf: Path, prefix: bytes) -> Row:
    coded = code_on_chip(model, mcu, elf, prefix)
    return {
        "chip": mcu,
        "flash": coded.flash,
        "sram_high_water": coded.sram_high_water,
        "bpc_chip": _bits_of(coded.file, len(prefix)),
        "cycles_per_char": round(coded.cycles),
        "chars_per_s_16mhz": round(_HZ / coded.cycles, 1),
        "bit_exact_with_twin": coded.exact,
    }


def _bits(model: str, text: bytes) -> float:
    return _bits_of(compress(text, model), len(text))


def _bits_of(file: bytes, characters: int) -> float:
    return round(8 * len(CodedText.unpack(file).code) / characters, 4)
