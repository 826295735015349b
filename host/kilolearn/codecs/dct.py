# SPDX-License-Identifier: GPL-3.0-or-later
"""Images of 8 x 8 pixels as the few coefficients of a cosine transform that are not 0.

::

    pixel[y][x] = common[y][x] + floor((sum over v, u of c[v][u] B[v][y] B[u][x] + 32) / 64)
    c[v][u]     = level[v][u] * step[v][u]

held in 0..pixel_max: avr/codec/dct.h, which adds and shifts. The encoder divides the exact
transform by the steps, and rounds towards 0 more readily than away from it (`dead_zone`).

Sources: Malvar et al., Low-complexity transform and quantization in H.264/AVC, IEEE Trans. CSVT 13
(2003); ITU-T T.81, F.1.2 (runs and sizes); Sullivan, Efficient scalar quantization of exponential
and Laplacian random variables, IEEE Trans. IT 42 (1996): the dead zone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kilolearn.codecs.codec import Floats, Integers
from kilolearn.codecs.huffman import HuffmanCode
from kilolearn.codecs.tape import TapeReader, TapeWriter
from kilolearn.errors import PackedDataError

__all__ = ["PIXELS", "DctCode", "psnr"]

PIXELS = 64
_SIDE = 8
_SHIFT = 6
_END, _ZEROS = 0x00, 0xF0
_LEVEL_MAX = 127

_EIGHTHS = [
    [8, 8, 8, 8, 8, 8, 8, 8],
    [12, 10, 6, 3, -3, -6, -10, -12],
    [8, 4, -4, -8, -8, -4, 4, 8],
    [10, -3, -12, -6, 6, 12, 3, -10],
    [8, -8, -8, 8, 8, -8, -8, 8],
    [6, -12, 3, 10, -10, -3, 12, -6],
    [4, -8, 8, -4, -4, 8, -8, 4],
    [3, -6, 10, -12, 12, -10, 6, -3],
]
_BASIS: Floats = np.array(_EIGHTHS) / 8.0
_NORM: Floats = np.sqrt((_BASIS**2).sum(axis=1))
_UNIT: Floats = _BASIS / _NORM[:, np.newaxis]
_CLASS = np.array([1 if row & 1 else 3 if row & 2 else 0 for row in range(_SIDE)])
_PAIR = np.add.outer(_CLASS, _CLASS)
_PAIR[_PAIR == 6] = 5
_ZIGZAG = sorted(
    range(PIXELS),
    key=lambda k: (k // 8 + k % 8, k // 8 if (k // 8 + k % 8) % 2 else k % 8),
)

Symbol = tuple[int, int]
"""A symbol, and the level whose size it says."""


@dataclass(frozen=True)
class DctCode:
    """How images are packed.

    Attributes:
        step: Of a coefficient of the transform with rows of length 1, in pixels, up to 19.
        common: (64,) uint8, what all images have in common.
        dead_zone: Levels are floor(size / step + dead_zone); 0.5 rounds to the nearest.
        symbols: Of runs and sizes.
        pixel_max: Of an image.
    """

    step: float
    common: NDArray[np.uint8]
    dead_zone: float
    symbols: HuffmanCode
    pixel_max: int

    @classmethod
    def of(
        cls, images: NDArray[np.uint8], step: float, dead_zone: float, pixel_max: int
    ) -> DctCode:
        """The code for these images (images, 64).

        Raises:
            PackedDataError: A step that the chip's bytes cannot say.
        """
        if not 1 <= step <= 255 / 12.8:
            raise PackedDataError(f"a step of {step:g} pixels; expected 1 to 19.9")
        common = np.rint(images.mean(axis=0)).astype(np.uint8)
        every = HuffmanCode({_END: 1})
        bare = cls(step, common, dead_zone, every, pixel_max)
        levels = bare.levels(images)
        counts = Counter(symbol for image in levels for symbol, _ in _symbols(image))
        return cls(step, common, dead_zone, HuffmanCode(counts), pixel_max)

    @property
    def steps(self) -> Integers:
        """(6,) by pair of row lengths: what a level counts in the chip's transform."""
        norms = [(0, 0), (0, 1), (1, 1), (0, 2), (1, 2), (2, 2)]
        exact = [self.step * 2**_SHIFT / (_NORM[v] * _NORM[u]) for v, u in norms]
        steps: Integers = np.rint(exact).astype(np.int64)
        return steps

    def table(self) -> bytes:
        """As avr/codec/dct.h has it in flash."""
        return bytes(self.steps.tolist()) + self.common.tobytes() + self.symbols.table()

    def levels(self, images: NDArray[np.uint8]) -> Integers:
        """(images, 64) in zigzag order."""
        rest = images.astype(float) - self.common
        blocks = rest.reshape(-1, _SIDE, _SIDE)
        exact = np.einsum("ua,nab,vb->nuv", _UNIT, blocks, _UNIT).reshape(-1, PIXELS)
        size = np.floor(np.abs(exact) / self.step + self.dead_zone)
        levels: Integers = (np.sign(exact) * np.minimum(size, _LEVEL_MAX)).astype(np.int64)
        return levels[:, _ZIGZAG]

    def images(self, levels: Integers) -> NDArray[np.uint8]:
        """What the chip makes of levels (images, 64) in zigzag order, exactly."""
        c = np.zeros_like(levels)
        c[:, _ZIGZAG] = levels
        c = c.reshape(-1, _SIDE, _SIDE) * self.steps[_PAIR]
        sums = _line(_line(c, axis=1), axis=2).reshape(-1, PIXELS)
        pixels = (sums + (1 << _SHIFT - 1) >> _SHIFT) + self.common
        held: NDArray[np.uint8] = np.clip(pixels, 0, self.pixel_max).astype(np.uint8)
        return held

    def put(self, tape: TapeWriter, levels: Integers) -> None:
        """Append the levels (64,) of an image.

        Raises:
            PackedDataError: A symbol that the code lacks.
        """
        for symbol, level in _symbols(levels):
            self.symbols.put(tape, symbol)
            bits = symbol & 15
            tape.put(level if level > 0 else level + (1 << bits) - 1, bits)

    def take(self, tape: TapeReader) -> Integers:
        """The levels (64,) of the next image.

        Raises:
            PackedDataError: The tape ends within it, or a level stands behind the last place.
        """
        levels = np.zeros(PIXELS, np.int64)
        number = 0
        while (symbol := self.symbols.take(tape)) != _END:
            number += symbol >> 4
            if number >= PIXELS:
                raise PackedDataError(
                    f"an image has a level at place {number}; expected places 0 to {PIXELS - 1}: "
                    f"the packed data were changed, or packed with another code"
                )
            bits = symbol & 15
            if bits:
                size = tape.take(bits)
                levels[number] = size if size >> (bits - 1) else size + 1 - (1 << bits)
            number += 1
        return levels


def psnr(images: NDArray[np.uint8], seen: NDArray[np.uint8], pixel_max: int) -> float:
    """Peak signal-to-noise ratio of all pixels, dB; of equal images infinity."""
    error = float(np.mean((images.astype(float) - seen) ** 2))
    return float(10 * np.log10(pixel_max**2 / error)) if error else float("inf")


def _symbols(levels: Integers) -> Iterator[Symbol]:
    """Runs and sizes of an image's levels (64,), its end included."""
    last = -1
    for number in np.flatnonzero(levels).tolist():
        zeros, last = number - last - 1, number
        while zeros > 15:
            yield _ZEROS, 0
            zeros -= 16
        level = int(levels[number])
        yield zeros << 4 | abs(level).bit_length(), level
    yield _END, 0


def _line(x: Integers, axis: int) -> Integers:
    """Eight numbers along an axis through the transform, floored where the chip floors."""
    x0, x1, x2, x3, x4, x5, x6, x7 = np.moveaxis(x, axis, 0)
    slow, fast = x2 + (x6 >> 1), (x2 >> 1) - x6
    even = [x0 + x4 + slow, x0 - x4 + fast, x0 - x4 - fast, x0 + x4 - slow]
    a1, a3 = x5 - x3 - x7 - (x7 >> 1), x1 + x7 - x3 - (x3 >> 1)
    a5, a7 = x7 - x1 + x5 + (x5 >> 1), x3 + x5 + x1 + (x1 >> 1)
    odd = [a7 - (a1 >> 2), (a3 >> 2) - a5, a3 + (a5 >> 2), a1 + (a7 >> 2)]
    there = [even[i] + odd[i] for i in range(4)]
    back = [even[i] - odd[i] for i in (3, 2, 1, 0)]
    return np.moveaxis(np.stack(there + back), 0, axis)
