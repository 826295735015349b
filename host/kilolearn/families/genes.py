# SPDX-License-Identifier: GPL-3.0-or-later
"""What a search may choose: genes, and the values that they take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["Choice", "Gene", "Genes", "Whole"]

Genes = Mapping[str, int | str]
"""A value a gene, by name."""


@dataclass(frozen=True)
class Whole:
    """A whole number in low..high, both included.

    Attributes:
        low, high: The range.
        log: Drawn on a logarithmic scale.
    """

    low: int
    high: int
    log: bool = False


@dataclass(frozen=True)
class Choice:
    """One of some words or numbers, in no order."""

    options: tuple[int | str, ...]


Gene = Whole | Choice
