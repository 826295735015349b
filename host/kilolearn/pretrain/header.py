# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes avr/charlm's tables of a transformer from its trained weights.

Run as ``python -m kilolearn.pretrain.header``: every file of ``weights/transformer_*.npz`` becomes
``avr/charlm/transformer_*_tables.h``.
"""

from __future__ import annotations

import hashlib
import math
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kilolearn import firmware
from kilolearn.errors import KilolearnError, WeightsError
from kilolearn.pretrain.transformer import HEAD, Transformer
from kilolearn.pretrain.weights import PretrainedWeights

__all__ = ["WEIGHTS", "main", "tables", "write_header"]

WEIGHTS = Path(__file__).parent / "weights"
"""The folder of the trained weights."""

_ALPHABET, _PLACES = 65, 3  # ALPHABET and PLACES of avr/charlm/transformer_shape.h
_ESCAPE_BIAS = -128
_EMBEDDING_SCALE = 32  # factors of its rows are in 1/128
_SPDX = "/* SPDX-License-Identifier: GPL-3.0-or-later */\n"

Levels = NDArray[np.int64]


def tables(weights: PretrainedWeights) -> tuple[bytes, bytes]:
    """The bytes that the chip reads, as avr/charlm/transformer.h has them.

    Returns:
        The embedding, a factor and a row for each place and symbol; and the tape: all the rest in
        the order in which a character is computed.

    Raises:
        WeightsError: No chip code has this shape.
    """
    shape = _shape(weights)
    numbers = {name: array.astype(np.int64) for name, array in weights.integers.items()}
    embedding = b""
    for place in range(_PLACES):
        factors = numbers[f"embedding_{place}_scale"]
        rows = _nibbles(numbers[f"embedding_{place}"])
        embedding += _bytes(np.concatenate([factors[:, None], rows], axis=1))
    tape = bytes([_EMBEDDING_SCALE])
    for n, (window, units) in enumerate(zip(shape.windows, shape.hidden, strict=True)):
        tape += _bytes(numbers["gain"][2 * n]) + bytes([window])
        for name in ("query", "key", "value"):
            tape += _pairs(numbers[f"{name}_{n}"], numbers[f"{name}_{n}_scale"][:, None])
        out = _nibbles(numbers[f"out_{n}"])
        for h, bias in enumerate(numbers[f"distance_bias_{n}"]):
            tape += _bytes(bias) + _bytes(out[h * HEAD : (h + 1) * HEAD])
        tape += _bytes(numbers[f"out_{n}_scale"])
        tape += _bytes(numbers["gain"][2 * n + 1]) + bytes([units // 2])
        down = _nibbles(numbers[f"down_{n}"])
        scale_and_bias = np.stack([numbers[f"up_{n}_scale"], numbers[f"up_bias_{n}"]], axis=1)
        for u in range(0, units, 2):
            tape += _pairs(numbers[f"up_{n}"][u : u + 2], scale_and_bias[u : u + 2])
            tape += _bytes(down[u : u + 2])
        tape += _bytes(numbers[f"down_{n}_scale"])
    tape += _bytes(numbers["gain"][-1])
    readout = np.vstack([numbers["readout"], np.zeros((1, shape.width), np.int64)])
    scale = np.append(numbers["readout_scale"], 0)
    bias = np.append(numbers["readout_bias"], _ESCAPE_BIAS)
    return embedding, tape + _pairs(readout, np.stack([scale, bias], axis=1))


def write_header(weights: PretrainedWeights, path: Path, source: str) -> int:
    """Write a table header; `source` is the file that its first line names.

    Returns:
        The bytes that it takes in flash.

    Raises:
        WeightsError: No chip code has this shape, or the header cannot be written.
    """
    shape = _shape(weights)
    embedding, tape = tables(weights)
    limit = math.isqrt((2**32 - 1) // shape.width)
    root = min(math.isqrt(shape.width << 40), 2**23 - 1)
    sizes = {
        "WIDTH": shape.width,
        "HEADS": shape.heads,
        "LAYERS": len(shape.windows),
        "WINDOW_MAX": max(shape.windows),
        "WINDOWS": sum(shape.windows),
        "RESIDUAL_LIMIT": limit,
        "NORM_ROOT": f"{root}UL",
    }
    lines = [f"#define {name} {size}" for name, size in sizes.items()]
    row = 1 + shape.width // 2
    body = "\n".join(
        [
            *lines,
            "",
            '#include "charlm/transformer_shape.h"',
            "",
            _array("transformer_alphabet[ALPHABET]", weights.alphabet),
            _array(f"transformer_embedding[PLACES * ALPHABET * {row}]", embedding),
            _array(f"transformer_tape[{len(tape)}]", tape),
        ]
    )
    guard = f"CHARLM_{path.stem.upper()}_H"
    note = (
        f"/* Made by kilolearn.pretrain.header from {source}; not to be edited.\n"
        f" * SHA-256 of what follows: {hashlib.sha256(body.encode()).hexdigest()}. */\n"
        "/* clang-format off */\n"
    )
    text = f"{_SPDX}{note}#ifndef {guard}\n#define {guard}\n\n{body}\n#endif\n"
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise WeightsError(f"{path}: {error.strerror}; give a place to write to") from error
    return len(embedding) + len(tape) + _ALPHABET


def _shape(weights: PretrainedWeights) -> Transformer:
    shape = weights.family
    if not isinstance(shape, Transformer) or shape.symbols != _ALPHABET:
        raise WeightsError(
            f"the weights are a {shape.name} of {len(weights.alphabet)} symbols; expected a "
            f"transformer of {_ALPHABET}; give those"
        )
    right = shape.width in range(8, 65, 8) and 1 <= shape.heads <= 8
    right &= all(window in (1, 2, 4, 8, 16, 32, 64) for window in shape.windows)
    if not right or any(hidden not in range(2, 255, 2) for hidden in shape.hidden):
        raise WeightsError(
            f"the transformer's shape is {shape.shape}; expected a width of 8, 16 ... 64, 1..8 "
            f"heads, windows that are powers of two up to 64, and even numbers of units up to 254"
        )
    return shape


def _nibbles(levels: Levels) -> Levels:
    """Rows whose neighbours share a byte, each 8 up, the first in the low half."""
    up = levels + 8
    return up[:, 0::2] | up[:, 1::2] << 4


def _pairs(levels: Levels, ends: Levels) -> bytes:
    """Rows two by two: their bytes, the first row low; then the end of each. ends (rows, any)."""
    up = levels + 8
    shared = up[0::2] | up[1::2] << 4
    return _bytes(np.concatenate([shared, ends[0::2], ends[1::2]], axis=1))


def _bytes(numbers: Levels) -> bytes:
    return (numbers & 255).astype(np.uint8).tobytes()


def _array(declaration: str, values: bytes) -> str:
    numbers = [str(value) for value in values]
    lines = [",".join(numbers[i : i + 24]) for i in range(0, len(numbers), 24)]
    return f"static const uint8_t {declaration} FLASH = {{\n" + ",\n".join(lines) + "};\n"


def main() -> None:
    """Write the header of every trained transformer into avr/charlm."""
    for path in sorted(WEIGHTS.glob("transformer_*.npz")):
        header = firmware.avr_folder() / "charlm" / f"{path.stem}_tables.h"
        size = write_header(PretrainedWeights.load(path), header, path.name)
        sys.stdout.write(f"{header.name}: {size} bytes\n")


if __name__ == "__main__":
    try:
        main()
    except KilolearnError as error:
        sys.exit(f"kilolearn: {error}")
