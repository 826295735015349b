# SPDX-License-Identifier: GPL-3.0-or-later
"""What a firmware may be: kinds of models that fit a chip, one a module.

It imports `nets` and `classifier`, and nothing of `compress` or `search`.
"""

from __future__ import annotations

from collections.abc import Mapping

from kilolearn.families.bayes import BayesFamily
from kilolearn.families.family import Family
from kilolearn.families.forest import ForestFamily
from kilolearn.families.nets import LinearFamily, MlpFamily
from kilolearn.families.oblique import ObliqueFamily
from kilolearn.families.prototypes import PrototypesFamily
from kilolearn.families.score import ScoreFamily
from kilolearn.families.stumps import StumpsFamily
from kilolearn.families.tree import TreeFamily
from kilolearn.families.windows import WindowsFamily

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
