# SPDX-License-Identifier: GPL-3.0-or-later
"""TreeEnsembleClassifier of ONNX: decision trees and forests."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kilolearn.compress.model import Trees
from kilolearn.compress.plant import Junction, plant
from kilolearn.errors import ModelError

__all__ = ["trees_of"]

Floats = NDArray[np.float64]

_COLUMNS = ("treeids", "nodeids", "modes", "featureids", "values", "truenodeids", "falsenodeids")
_MODES = ("BRANCH_LEQ", "BRANCH_LT", "BRANCH_GT", "BRANCH_GTE")


def trees_of(
    name: str, attributes: Mapping[str, Any], classes: int, factor: Floats, shift: Floats
) -> Trees:
    """Take the trees of a node.

    Args:
        name: Of the node, for messages.
        attributes: Of the node, by name.
        classes: Labels that it has.
        factor: (width,) of the scaler before it, above 0.
        shift: (width,): it sees factor x + shift.

    Raises:
        ModelError: A mode that is no comparison by size, a tree that is none, or a sum that is
            no vote (boosted trees).
    """
    columns = [attributes.get(f"nodes_{column}", ()) for column in _COLUMNS]
    if len({len(column) for column in columns}) != 1:
        raise ModelError(f"{name}: columns of nodes of different lengths; expected one length")
    nodes: dict[int, dict[int, tuple[Any, ...]]] = defaultdict(dict)
    for tree, node, *rest in zip(*columns, strict=True):
        nodes[tree][node] = tuple(rest)
    shares = _leaf_shares(name, attributes, classes, len(nodes))

    def grown(tree: int) -> Any:
        def node(number: int) -> Junction | tuple[float, ...]:
            mode, feature, value, true, false = nodes[tree][number]
            if mode == "LEAF":
                return shares[tree, number]
            if mode not in _MODES:
                raise ModelError(
                    f"{name}: node {number} of tree {tree} compares by {mode}; supported: "
                    f"{', '.join(_MODES)}"
                )
            if not 0 <= feature < len(factor):
                raise ModelError(
                    f"{name}: asks for feature {feature}; expected 0..{len(factor) - 1}"
                )
            if mode in ("BRANCH_LT", "BRANCH_GTE"):  # x < v is x <= the float32 below v
                value = np.nextafter(np.float32(value), np.float32(-np.inf))
            threshold = (float(value) - shift[feature]) / factor[feature]
            below, above = (false, true) if mode.startswith("BRANCH_G") else (true, false)
            return Junction(feature, float(threshold), below, above)

        return plant(node, len(factor))

    try:
        return Trees(tuple(grown(tree) for tree in sorted(nodes)), len(factor), classes)
    except (KeyError, IndexError) as error:
        raise ModelError(f"{name}: there is no node {error}; expected a whole tree") from error


def _leaf_shares(
    name: str, attributes: Mapping[str, Any], classes: int, trees: int
) -> Mapping[tuple[int, int], tuple[float, ...]]:
    """Shares of the classes by tree and node.

    Two classes may have one weight a leaf, the second class's part of 1 / trees.
    """
    ids = [attributes.get(f"class_{key}", ()) for key in ("treeids", "nodeids", "ids", "weights")]
    if len({len(column) for column in ids}) != 1:
        raise ModelError(f"{name}: columns of classes of different lengths; expected one length")
    if any(not weight >= 0 for weight in ids[3]) or len(attributes.get("base_values", ())):
        raise ModelError(
            f"{name}: leaves with weights below 0 or base values, as boosted trees have; "
            f"supported: decision trees and forests, whose leaves have shares"
        )
    single = classes == 2 and len(set(ids[2])) == 1
    none = (1 / trees, 0.0) if single else (0.0,) * classes
    shares: dict[tuple[int, int], tuple[float, ...]] = defaultdict(lambda: none)
    for tree, node, number, weight in zip(*ids, strict=True):
        if not 0 <= number < classes:
            raise ModelError(f"{name}: a leaf votes for class {number}; expected 0..{classes - 1}")
        row = list(shares[tree, node])
        if single:
            row = [row[0] - weight, row[1] + weight]
        else:
            row[number] += weight
        shares[tree, node] = tuple(row)
    return shares
