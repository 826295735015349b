# SPDX-License-Identifier: GPL-3.0-or-later
"""What every kind of model offers to the search: genes, a fit, and C for the chip."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from kilolearn.search.genes import Gene, Genes
from kilolearn.search.table import Table

__all__ = ["Family", "Fitted"]


class Fitted(Protocol):
    """A model as the chip has it: integers only."""

    def classify(self, levels: NDArray[np.uint8]) -> NDArray[np.int64]:
        """The classes (samples,) that the chip answers for levels (samples, width), bit for bit."""
        ...

    def source(self) -> str:
        """C11 that defines ``static uint8_t classify(const uint8_t *sample)``.

        It may include headers of avr/ and must compile for the host, too. Tables are IN_FLASH
        (fixed/flash.h).
        """
        ...


class Family(Protocol):
    """A kind of model."""

    @property
    def name(self) -> str:
        """As the gene ``family`` says it, and in reports."""
        ...

    def genes(self, table: Table) -> Mapping[str, Gene]:
        """What may be chosen for this data; names without the family's."""
        ...

    def fit(self, genes: Genes, table: Table, seed: int) -> Fitted:
        """Fit to a table: the same genes, table and seed give the same bits."""
        ...
