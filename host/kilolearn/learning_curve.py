# SPDX-License-Identifier: GPL-3.0-or-later
"""A learning curve in one line of text, drawn while the chip learns."""

from __future__ import annotations

from collections import deque

__all__ = ["LearningCurve", "sparkline"]

_BLOCKS = "▁▂▃▄▅▆▇█"
_WINDOW = 64
_POINTS_MAX = 32  # so that a line of 80 columns holds them


def sparkline(shares: list[float]) -> str:
    """A block each: the lowest for 0, the highest for 1."""
    return "".join(_BLOCKS[min(int(share * len(_BLOCKS)), len(_BLOCKS) - 1)] for share in shares)


class LearningCurve:
    """Right answers before each update, as in `kilolearn train`, a point each 64 steps.

    A step counts as right where its margin is above 0: the true class scored best.
    """

    def __init__(self) -> None:
        self.steps = 0
        self._margins: list[int] = []
        self._shares: deque[float] = deque(maxlen=_POINTS_MAX)
        self._margin = 0.0

    def add(self, margin: int) -> bool:
        """Count a step.

        Args:
            margin: Of the answer before the update.

        Returns:
            Whether it has made a new point.
        """
        self.steps += 1
        self._margins.append(margin)
        if len(self._margins) < _WINDOW:
            return False
        self._shares.append(sum(margin > 0 for margin in self._margins) / _WINDOW)
        self._margin = sum(self._margins) / _WINDOW
        self._margins.clear()
        return True

    def in_words(self) -> str:
        """The last point, and the curve."""
        wrong = 100 * (1 - self._shares[-1])
        return (
            f"{self.steps:,} steps, {wrong:.1f} % wrong, mean margin {self._margin:+.1f} "
            f"{sparkline(list(self._shares))}"
        )
