# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes avr/charlm's tables of a transformer from its trained weights.

Run as ``python -m kilolearn.pretrain.header``: every file of ``weights/transformer_*.npz`` becomes
``avr/charlm/transformer_*_tables.h``. What a file holds, with d the width, V = 65 symbols:

=======================  =================  ====================================================
shape                    (3 + 2 layers,)    d, heads, layers, their windows, their units
alphabet                 (V,) uint8         the bytes of the symbols
embedding_0, _1, _2      (V, d)             levels -8..7, of the last characters
embedding_0_scale, ...   (V,) 0..127        factors of the rows
embedding_scale          (1,)               of all three, 1/256 as every scale below, 1..255
query_L, key_L, value_L  (rows, d)          levels of layer L, NAME_scale (rows,)
out_L                    (heads * 8, d)     levels, out_L_scale (1,)
distance_bias_L          (heads, window)    Q4
up_L                     (units, d)         levels, up_L_scale (units,), up_bias_L (units,) Q5
down_L                   (units, d)         levels, down_L_scale (1,)
readout                  (V, d)             levels, readout_scale (V,), readout_bias (V,) Q4
gain                     (2 layers + 1, d)  Q5, 0..127
=======================  =================  ====================================================
"""

from __future__ import annotations

import hashlib
import math
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kilolearn import firmware
from kilolearn.errors import KilolearnError, WeightsError

__all__ = ["HEAD", "TransformerShape", "main", "read_weights", "tables", "write_header"]

Levels = NDArray[np.int64]
Weights = dict[str, Levels]

HEAD = 8
"""Numbers of a key, a value, a query."""

_ALPHABET, _PLACES = 65, 3
_ESCAPE_BIAS = -128
_SPDX = "/* SPDX-License-Identifier: GPL-3.0-or-later */\n"


@dataclass(frozen=True)
class TransformerShape:
    """The numbers that decide all the others.

    Attributes:
        width: Of the residual stream: a multiple of 8, at most 64.
        heads: Queries a layer.
        windows: Characters that a layer looks back on, the last included: powers of two.
        units: Of each layer's feed-forward part: even, at most 254.
    """

    width: int
    heads: int
    windows: tuple[int, ...]
    units: tuple[int, ...]

    @classmethod
    def of(cls, weights: Weights) -> TransformerShape:
        """The shape that weights say they have.

        Raises:
            WeightsError: No chip code has this shape.
        """
        numbers = [int(n) for n in weights.get("shape", np.zeros(0)).reshape(-1)]
        layers = numbers[2] if len(numbers) > 2 else 0
        if layers < 1 or len(numbers) != 3 + 2 * layers:
            raise WeightsError(
                f"shape is {numbers}; expected width, heads, layers, a window and the units of each"
            )
        shape = cls(
            numbers[0], numbers[1], tuple(numbers[3 : 3 + layers]), tuple(numbers[-layers:])
        )
        right = shape.width in range(8, 65, 8) and 1 <= shape.heads <= 8
        right &= all(window in (1, 2, 4, 8, 16, 32, 64) for window in shape.windows)
        if not right or any(units not in range(2, 255, 2) for units in shape.units):
            raise WeightsError(
                f"shape is {numbers}; expected a width of 8, 16 ... 64, 1..8 heads, windows that "
                f"are powers of two up to 64, and even numbers of units up to 254"
            )
        return shape

    def arrays(self) -> dict[str, tuple[tuple[int, ...], int, int]]:
        """Every array of the weights: its shape, its least and its greatest number."""
        d, v = self.width, _ALPHABET
        found: dict[str, tuple[tuple[int, ...], int, int]] = {"alphabet": ((v,), 0, 255)}
        for place in range(_PLACES):
            found[f"embedding_{place}"] = ((v, d), -8, 7)
            found[f"embedding_{place}_scale"] = ((v,), 0, 127)
        found["embedding_scale"] = ((1,), 0, 255)
        for n, (window, units) in enumerate(zip(self.windows, self.units, strict=True)):
            queries = self.heads * HEAD
            for name, rows in (("query", queries), ("key", HEAD), ("value", HEAD)):
                found[f"{name}_{n}"] = ((rows, d), -8, 7)
                found[f"{name}_{n}_scale"] = ((rows,), 0, 255)
            found[f"distance_bias_{n}"] = ((self.heads, window), -128, 127)
            found[f"up_{n}"] = ((units, d), -8, 7)
            found[f"up_{n}_scale"] = ((units,), 0, 255)
            found[f"up_bias_{n}"] = ((units,), -128, 127)
            for name, rows in (("out", queries), ("down", units)):
                found[f"{name}_{n}"] = ((rows, d), -8, 7)
                found[f"{name}_{n}_scale"] = ((1,), 0, 255)
        found["readout"] = ((v, d), -8, 7)
        found["readout_scale"] = ((v,), 0, 255)
        found["readout_bias"] = ((v,), -128, 127)
        found["gain"] = ((2 * len(self.windows) + 1, d), 0, 127)
        return found


def read_weights(path: Path) -> Weights:
    """Trained weights, every array as the table above has it.

    Raises:
        WeightsError: The file cannot be read, lacks an array, or one is of another shape or range.
    """
    try:
        with np.load(path) as file:
            weights = {name: np.atleast_1d(file[name]).astype(np.int64) for name in file.files}
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise WeightsError(
            f"{path}: {error}; expected the .npz of a trained transformer"
        ) from error
    for name, (shape, least, greatest) in TransformerShape.of(weights).arrays().items():
        array = weights.get(name)
        if array is None or array.shape != shape:
            found = "missing" if array is None else f"of shape {array.shape}"
            raise WeightsError(f"{path}: {name} is {found}; expected {shape}; train it anew")
        if array.min() < least or array.max() > greatest:
            raise WeightsError(
                f"{path}: {name} has {array.min()}..{array.max()}; expected {least}..{greatest}"
            )
    return weights


def tables(weights: Weights) -> tuple[bytes, bytes]:
    """The bytes that the chip reads, as avr/charlm/transformer.h has them.

    Returns:
        The embedding, a factor and a row for each place and symbol; and the tape: all the rest in
        the order in which a character is computed.
    """
    shape = TransformerShape.of(weights)
    embedding = b""
    for place in range(_PLACES):
        factors = weights[f"embedding_{place}_scale"]
        rows = _nibbles(weights[f"embedding_{place}"])
        embedding += _bytes(np.concatenate([factors[:, None], rows], axis=1))
    tape = _bytes(weights["embedding_scale"])
    for n, (window, units) in enumerate(zip(shape.windows, shape.units, strict=True)):
        tape += _bytes(weights["gain"][2 * n]) + bytes([window])
        for name in ("query", "key", "value"):
            tape += _pairs(weights[f"{name}_{n}"], weights[f"{name}_{n}_scale"][:, None])
        out = _nibbles(weights[f"out_{n}"])
        for h, bias in enumerate(weights[f"distance_bias_{n}"]):
            tape += _bytes(bias) + _bytes(out[h * HEAD : (h + 1) * HEAD])
        tape += _bytes(weights[f"out_{n}_scale"])
        tape += _bytes(weights["gain"][2 * n + 1]) + bytes([units // 2])
        down = _nibbles(weights[f"down_{n}"])
        scale_and_bias = np.stack([weights[f"up_{n}_scale"], weights[f"up_bias_{n}"]], axis=1)
        for u in range(0, units, 2):
            tape += _pairs(weights[f"up_{n}"][u : u + 2], scale_and_bias[u : u + 2])
            tape += _bytes(down[u : u + 2])
        tape += _bytes(weights[f"down_{n}_scale"])
    tape += _bytes(weights["gain"][-1])
    readout = np.vstack([weights["readout"], np.zeros((1, shape.width), np.int64)])
    scale = np.append(weights["readout_scale"], 0)
    bias = np.append(weights["readout_bias"], _ESCAPE_BIAS)
    return embedding, tape + _pairs(readout, np.stack([scale, bias], axis=1))


def write_header(weights: Weights, path: Path, source: str) -> int:
    """Write a table header; `source` is the file that its first line names.

    Returns:
        The bytes that it takes in flash.

    Raises:
        WeightsError: The header cannot be written.
    """
    shape = TransformerShape.of(weights)
    embedding, tape = tables(weights)
    limit = math.isqrt((2**32 - 1) // shape.width)
    root = min(math.isqrt(shape.width << 40), 2**23 - 1)
    numbers = {
        "WIDTH": shape.width,
        "HEADS": shape.heads,
        "LAYERS": len(shape.windows),
        "WINDOW_MAX": max(shape.windows),
        "WINDOWS": sum(shape.windows),
        "RESIDUAL_LIMIT": limit,
        "NORM_ROOT": f"{root}UL",
    }
    lines = [f"#define {name} {number}" for name, number in numbers.items()]
    row = 1 + shape.width // 2
    body = "\n".join(
        [
            *lines,
            "",
            '#include "charlm/transformer_shape.h"',
            "",
            _array("transformer_alphabet[ALPHABET]", weights["alphabet"].tolist()),
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


def _array(declaration: str, values: bytes | list[int]) -> str:
    numbers = [str(value) for value in values]
    lines = [",".join(numbers[i : i + 24]) for i in range(0, len(numbers), 24)]
    return f"static const uint8_t {declaration} FLASH = {{\n" + ",\n".join(lines) + "};\n"


def main() -> None:
    """Write the header of every trained transformer into avr/charlm."""
    for path in sorted((Path(__file__).parent / "weights").glob("transformer_*.npz")):
        header = firmware.avr_folder() / "charlm" / f"{path.stem}_tables.h"
        size = write_header(read_weights(path), header, path.name)
        print(f"{header.name}: {size} bytes")


if __name__ == "__main__":
    try:
        main()
    except KilolearnError as error:
        sys.exit(f"kilolearn: {error}")
