# SPDX-License-Identifier: GPL-3.0-or-later
"""Training images altered on their way to the chip: it sees more than the data set holds.

The chip needs nothing for it, neither code nor memory.
"""

from __future__ import annotations

from math import isqrt

import numpy as np
from numpy.typing import NDArray

from kilolearn.errors import DatasetError

__all__ = ["half_pixel_moves", "move_some"]

Images = NDArray[np.uint8]


def half_pixel_moves(images: Images) -> NDArray[np.uint8]:
    """Square images moved by half a pixel to the right, left, down and up.

    Each pixel becomes the mean, halves rounded up, of itself and the neighbour that moves in;
    outside is 0. No level exceeds the highest of the image.

    Args:
        images: (images, side * side) uint8.

    Returns:
        (images, 4, side * side) uint8.

    Raises:
        DatasetError: The samples are no square images.
    """
    side = isqrt(images.shape[1])
    if side * side != images.shape[1]:
        raise DatasetError(
            f"samples of {images.shape[1]} values are no square images; expected side * side: "
            f"train without moved images"
        )
    framed = np.pad(images.reshape(-1, side, side).astype(np.uint16), ((0, 0), (1, 1), (1, 1)))
    here = framed[:, 1:-1, 1:-1]
    moving_in = (
        framed[:, 1:-1, :-2],
        framed[:, 1:-1, 2:],
        framed[:, :-2, 1:-1],
        framed[:, 2:, 1:-1],
    )
    moved = np.stack([(here + neighbour + 1) // 2 for neighbour in moving_in], axis=1)
    return moved.reshape(len(images), 4, side * side).astype(np.uint8)


def move_some(images: Images, share: float, random: np.random.Generator) -> Images:
    """A share of the images, 0-1, moved in one of the four directions; the others as they are."""
    chosen = np.flatnonzero(random.random(len(images)) < share)
    directions = random.integers(0, 4, len(chosen))
    sent = images.copy()
    sent[chosen] = half_pixel_moves(images[chosen])[np.arange(len(chosen)), directions]
    return sent
