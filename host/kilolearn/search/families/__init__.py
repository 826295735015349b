# SPDX-License-Identifier: GPL-3.0-or-later
"""What a firmware may be: kinds of models that fit a chip, one a module."""

from __future__ import annotations

from collections.abc import Mapping

from kilolearn.search.families.bayes import BayesFamily
from kilolearn.search.families.forest import ForestFamily
from kilolearn.search.families.nets import LinearFamily, MlpFamily
from kilolearn.search.families.oblique import ObliqueFamily
from kilolearn.search.families.prototypes import PrototypesFamily
from kilolearn.search.families.score import ScoreFamily
from kilolearn.search.families.stumps import StumpsFamily
from kilolearn.search.families.tree import TreeFamily
from kilolearn.search.families.windows import WindowsFamily
from kilolearn.search.family import Family

__all__ = ["FAMILIES", "IMAGE_FAMILIES"]

FAMILIES: Mapping[str, Family] = {
    family.name: family
    for family in (
        TreeFamily(),
        ForestFamily(),
        StumpsFamily(),
        ScoreFamily(),
        ObliqueFamily(),
        PrototypesFamily(),
        BayesFamily(),
        LinearFamily(),
        MlpFamily(),
        WindowsFamily(),
    )
}
"""By name."""

IMAGE_FAMILIES = frozenset({WindowsFamily.name})
"""Those that take an image whole: no features are chosen, and other tables are not tried."""
