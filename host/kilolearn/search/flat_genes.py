# SPDX-License-Identifier: GPL-3.0-or-later
"""Genes that a person gives for one family, checked, and the rest filled in."""

from __future__ import annotations

import math

from kilolearn.classifier.table import Table
from kilolearn.errors import SearchError
from kilolearn.families import FAMILIES
from kilolearn.families.genes import Gene, Genes, Whole

__all__ = ["flat_genes", "gene_value"]


def flat_genes(family: str, genes: Genes, table: Table) -> dict[str, int | str]:
    """Genes of one family as `kilolearn.search.evaluate` takes them: flat, with the family's name.

    Args:
        family: Of `FAMILIES`, by name.
        genes: Of the family, without its name; and ``level_bits``. Numbers may come as text. Of
            those that are not given, the middle of each range and the first of each choice; all
            level bits.
        table: What the ranges are of.

    Raises:
        SearchError: Unknown family, gene or value of one.
    """
    if family not in FAMILIES:
        raise SearchError(f"unknown family {family!r}; expected {', '.join(FAMILIES)}")
    bits = table.level_max.bit_length()
    known: dict[str, Gene] = {"level_bits": Whole(1, bits), **FAMILIES[family].genes(table)}
    strange = [name for name in genes if name not in known]
    if strange:
        raise SearchError(f"unknown gene {strange[0]!r}; a {family} has {', '.join(known)}")
    chosen: dict[str, int | str] = {"family": family}
    for name, gene in known.items():
        if name == "level_bits":
            chosen[name] = gene_value(name, gene, genes.get(name, bits))
        else:
            chosen[f"{family}.{name}"] = gene_value(name, gene, genes.get(name, _middle(gene)))
    return chosen


def _middle(gene: Gene) -> int | str:
    """The middle of a range, the first of a choice."""
    if isinstance(gene, Whole):
        middle = math.sqrt(gene.low * gene.high) if gene.log else (gene.low + gene.high) / 2
        return round(middle)
    return gene.options[0]


def gene_value(name: str, gene: Gene, given: int | str) -> int | str:
    """What was given, as the gene has it; numbers may come as text.

    Raises:
        SearchError: Not one of the gene's values.
    """
    if isinstance(gene, Whole):
        text = str(given)
        if text.isascii() and text.isdigit() and gene.low <= int(text) <= gene.high:
            return int(text)
        raise SearchError(f"gene {name} is {given!r}; expected {gene.low}..{gene.high}")
    for option in gene.options:
        if str(option) == str(given):
            return option
    expected = ", ".join(map(str, gene.options))
    raise SearchError(f"gene {name} is {given!r}; expected one of {expected}")
