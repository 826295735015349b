# SPDX-License-Identifier: GPL-3.0-or-later
"""What every kind of model offers: genes, and a fit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from kilolearn.classifier.fitted import Fitted
from kilolearn.classifier.table import Table
from kilolearn.families.genes import Gene, Genes

__all__ = ["Family"]


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
