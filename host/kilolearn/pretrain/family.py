# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds of pretrained models, and the shapes that fit a chip."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from kilolearn.errors import DatasetError, WeightsError
from kilolearn.pretrain.gru import Gru
from kilolearn.pretrain.layout import Layout
from kilolearn.pretrain.mlp import Mlp
from kilolearn.pretrain.ngram import Ngram
from kilolearn.pretrain.operations import Array, Operations
from kilolearn.pretrain.transformer import Transformer

__all__ = ["FAMILIES", "FORMS", "Family", "family_of", "form_of"]


class Family(Protocol):
    """A model's shape and formula; its numbers come from elsewhere."""

    @property
    def name(self) -> str:
        """Of `FAMILIES`."""

    @property
    def shape(self) -> tuple[int, ...]:
        """What tells one of the family from another."""

    @property
    def layout(self) -> Layout:
        """The numbers that it is made of."""

    def logits(self, weights: Mapping[str, Array], text: Array, numbers: Operations) -> Array:
        """What may come after each character, (symbols, texts, length), base 2."""


FAMILIES: dict[str, type[Transformer | Ngram | Mlp | Gru]] = {
    "transformer": Transformer,
    "ngram": Ngram,
    "mlp": Mlp,
    "gru": Gru,
}

FORMS: dict[tuple[str, str], tuple[int, ...]] = {
    ("transformer", "16k"): (32, 2, 2, 16, 8, 88, 86),
    ("transformer", "32k"): (48, 2, 2, 16, 4, 176, 176),
    ("transformer", "teacher"): (96, 6, 3, 32, 32, 32, 384, 384, 384),
    ("ngram", "16k"): (65, 140, 140),
    ("mlp", "16k"): (5, 50),
    ("gru", "16k"): (54,),
}
"""The shape of a family in a form: weights of 12,300 bytes (16k), 27,500 (32k), or of floats on
the PC (teacher)."""


def form_of(family: str, form: str, symbols: int) -> Family:
    """The family's model in a form.

    Raises:
        DatasetError: There is none.
    """
    if (family, form) not in FORMS:
        known = ", ".join(f"{name} {size}" for name, size in FORMS)
        raise DatasetError(f"family {family} has no form {form}; expected one of: {known}")
    return family_of(family, symbols, FORMS[family, form])


def family_of(name: str, symbols: int, shape: tuple[int, ...]) -> Family:
    """A model of this shape.

    Raises:
        WeightsError: No family has this name, or no such shape.
    """
    if name not in FAMILIES:
        raise WeightsError(f"family {name}; expected {', '.join(FAMILIES)}; give other weights")
    return FAMILIES[name].of(symbols, shape)
