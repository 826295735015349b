# SPDX-License-Identifier: GPL-3.0-or-later
"""Genes as text, ``family=tree level_bits=4 tree.leaves=5``, as a trial's key has them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from kilolearn.errors import SearchError
from kilolearn.families.genes import Gene
from kilolearn.search.evaluate import active
from kilolearn.search.flat_genes import gene_value

__all__ = ["parse_genes"]

# A value may hold blanks: "ranking=mutual information features=4".
_GENE = re.compile(r"([\w.]+)=(.*?)(?=\s+[\w.]+=|\s*$)")


def parse_genes(text: str, space: Mapping[str, Gene]) -> dict[str, int | str]:
    """The genes of a candidate, in the order of their space.

    Args:
        text: A name and a value a gene.
        space: What can be chosen.

    Raises:
        SearchError: Not of that form, a gene that there is not, a value out of its range, or one
            that is missing.
    """
    found = dict(_GENE.findall(text))
    if _GENE.sub("", text).strip() or "family" not in found:
        raise SearchError(
            f"genes {text!r} are not understood; expected them as a report prints them, e.g. "
            f"'family=tree level_bits=4 tree.leaves=5'"
        )
    if strange := [name for name in found if name not in space]:
        raise SearchError(f"no gene {strange[0]!r} here; expected some of {', '.join(space)}")
    genes = {name: gene_value(name, space[name], found[name]) for name in space if name in found}
    needed = active({name: genes.get(name, "") for name in space})
    if missing := [name for name in needed if name not in genes]:
        raise SearchError(f"gene {missing[0]!r} is missing; expected {', '.join(needed)}")
    return genes
